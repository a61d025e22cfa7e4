#include "dialects/vault/kv_scan.h"

#include "dialects/vault/envelope.h"
#include "dialects/vault/kv_wire.h"
#include "dialects/vault/sys_families.h"
#include "policy/evaluator.h"

namespace coffer::dialects::vault {
namespace {

using Names = std::vector<std::string>;

// Decides folders for the caller of one request, off its thread.
struct Doorkeeper {
  std::string action;
  std::string path;    // of the request, with its slash
  std::string folder;  // inside the mount
  bool secrets = false;
  policy::Facts facts;
  std::vector<policy::PolicyPtr> policies;

  bool operator()(std::string_view below) const {
    policy::Access access;
    access.action = action;
    access.path = path + std::string(below);
    access.capability = policy::Capability::scan;
    if (secrets) {
      auto segments = secret_segments(folder + std::string(below));
      if (!segments) return false;  // no path of a secret: documents could not speak of it
      access.secret_segments = *std::move(segments);
      access.issues_nothing = true;
    }
    return policy::decide(access, facts, policies).allowed;
  }
};

Result<gate::Reply> scan(gate::Call& call, const Rule& rule, Scanner scanner) {
  const Page asked = page_of(call, domain::kMaxScanned);
  COFFER_TRY(auto policies, policies_of_caller(call));
  Doorkeeper may_enter{.action = std::string(rule.action),
                       .path = call.routing.path,
                       .folder = call.routing.captures.at(0),
                       .secrets = rule.secret_capture >= 0,
                       .facts = *call.facts,
                       .policies = std::move(policies)};
  // The source of randomness is the server's, not the call's; nothing is drawn from it here.
  COFFER_TRY(
      const Names* names,
      call.effects.get<Names>("scan",
                              [unsealed = call.unsealed,
                               realm = call.view->realm(),
                               now = call.now,
                               random = &call.random,
                               page = domain::ScanPage{std::string(asked.after), asked.limit},
                               may_enter = std::move(may_enter),
                               scanner = std::move(scanner)] {
                                work::View view(*unsealed->rows, realm, now, *random);
                                return scanner(view, page, may_enter);
                              }));
  return list_answer(call, *names);
}

}  // namespace

Route scanning(std::string_view pattern,
               Rule rule,
               std::function<Scanner(const gate::Call& call)> scanner) {
  return guarded(Verb::scan,
                 pattern,
                 proof::EventType::secret_listed,
                 rule,
                 [rule, scanner = std::move(scanner)](gate::Call& call) {
                   return scan(call, rule, scanner(call));
                 });
}

}  // namespace coffer::dialects::vault
