// KV version 2: detailed-metadata/, a listing with the metadata of what it names.
#include "dialects/vault/envelope.h"
#include "dialects/vault/kv2_parts.h"
#include "dialects/vault/kv_wire.h"
#include "dialects/vault/sys_families.h"
#include "formats/dotted_path.h"
#include "policy/evaluator.h"

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using proof::EventType;

constexpr std::size_t kMaxDetailed = 1000;
constexpr std::string_view kAction = "secret.metadata_read";

// The permission for a listing says nothing of what is denied below it: each secret is decided for
// itself, by the path under which it is asked for here, and by its own policy.
Result<bool> may_see(const gate::Call& call,
                     const std::string& path,
                     const std::vector<policy::PolicyPtr>& policies) {
  policy::Access access;
  access.action = kAction;
  access.path = call.routing.mount + "detailed-metadata/" + path;
  access.capability = policy::Capability::list;
  if (auto segments = formats::parse_slashed(path)) access.secret_segments = std::move(*segments);
  COFFER_CHECK(gate::add_secret_policy(call, *call.mount, path, access));
  return policy::decide(access, *call.facts, policies).allowed;
}

Result<gate::Reply> list(gate::Call& call) {
  const std::string& folder = kv2_path(call);
  const Page page = page_of(call, kMaxDetailed);
  domain::Kv2 engine = kv2_engine(call);
  COFFER_TRY(const auto names, engine.list(folder, page.after, page.limit));
  if (names.empty()) return fail(Code::not_found, "");
  if (names.size() > kMaxDetailed) {
    return fail(Code::too_large, "more than 1000 names: ask for pages with after and limit");
  }
  COFFER_TRY(const auto policies, policies_of_caller(call));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object().key("keys").strings(names).key("key_info").begin_object();
  for (const std::string& name : names) {
    if (name.ends_with('/')) continue;
    COFFER_TRY(const bool visible, may_see(call, folder + name, policies));
    if (!visible) continue;
    const auto secret = engine.metadata(folder + name);
    if (!secret && secret.error().code == Code::not_found) continue;  // it waits for its end
    COFFER_CHECK(secret);
    w.key(name).begin_object();
    write_secret(w, (*secret)->row);
    w.end_object();
  }
  w.end_object().end_object();
  return answer(call, std::move(out));
}

// Listing is for metadata/: clients that try it here are told so, also at the top.
Result<gate::Reply> not_here(gate::Call& /*call*/) {
  return fail(Code::unsupported, "unsupported operation");
}

}  // namespace

void add_kv2_detailed_routes(RouteTable& routes) {
  routes.push_back(guarded(Verb::list,
                           "detailed-metadata/{path...?}",
                           EventType::secret_listed,
                           kv2_rule("secret.list"),
                           list));
  routes.push_back(guarded(Verb::list,
                           "data/{path...?}",
                           EventType::request_refused,
                           kv2_rule("secret.list"),
                           not_here));
}

}  // namespace coffer::dialects::vault
