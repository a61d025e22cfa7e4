// sys/locked-users: names that failed logins have locked, and how to unlock one before its time.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/lockouts.h"
#include "domain/identity/names.h"

#include <map>

namespace coffer::dialects::vault {
namespace {

using domain::Lockouts;
using domain::MountKind;
using domain::Mounts;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

using ByAccessor = std::map<std::string, std::vector<std::string>>;

Result<ByAccessor> locked_names(Call& call) {
  const auto wanted = net::query_value(call.target, "mount_accessor");
  COFFER_TRY(const auto table, Mounts(*call.view).table(MountKind::auth));
  ByAccessor found;
  for (const auto& [path, mount] : *table->row.mounts) {
    if (wanted && *wanted != mount.accessor) continue;
    COFFER_TRY(auto names, Lockouts(*call.view, mount.id, call.unsealed->failed_logins).locked());
    if (!names.empty()) found.emplace(mount.accessor, std::move(names));
  }
  return found;
}

void write_mounts(JsonWriter& w, const ByAccessor& locked) {
  w.key("mount_accessors").begin_array();
  for (const auto& [accessor, names] : locked) {
    w.begin_object();
    w.key("mount_accessor").string(accessor);
    w.key("counts").integer(static_cast<std::int64_t>(names.size()));
    w.key("alias_identifiers").strings(names);
    w.end_object();
  }
  w.end_array();
}

Result<Reply> list(Call& call) {
  COFFER_TRY(const ByAccessor locked, locked_names(call));
  std::int64_t total = 0;
  for (const auto& [accessor, names] : locked) total += static_cast<std::int64_t>(names.size());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("by_namespace").begin_array();
    if (total > 0) {
      w.begin_object();
      w.key("namespace_id").string("root");
      w.key("namespace_path").string("");
      w.key("counts").integer(total);
      write_mounts(w, locked);
      w.end_object();
    }
    w.end_array();
    w.key("total").integer(total);
  });
}

// Also forgets the failures of a name that is not locked yet. A name that nobody has is no error.
Result<Reply> unlock(Call& call) {
  COFFER_TRY(const auto found,
             Mounts(*call.view).by_accessor(MountKind::auth, call.routing.captures.at(0)));
  if (found.mount == nullptr) return fail(Code::invalid_argument, "invalid mount accessor");
  COFFER_TRY(const std::string name, domain::canonical_login_name(call.routing.captures.at(1)));
  call.note("unlocked", name);
  call.note("mount_accessor", found.mount->accessor);
  COFFER_CHECK(Lockouts(*call.view, found.mount->id, call.unsealed->failed_logins).reset(name));
  return no_content();
}

}  // namespace

RouteTable sys_lockout_routes() {
  RouteTable t;
  t.push_back(guarded(
      Verb::read, "locked-users", proof::EventType::auth_token_read, "auth.lockouts.read", list));
  t.push_back(guarded(Verb::write,
                      "locked-users/{accessor}/unlock/{user}",
                      proof::EventType::auth_method_changed,
                      "auth.lockouts.unlock",
                      unlock));
  return t;
}

}  // namespace coffer::dialects::vault
