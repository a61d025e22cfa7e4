// Mounts of engines and auth methods: list, enable, disable, tune, move.
#include "base/uuid.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/mount_fields.h"
#include "dialects/vault/sys_families.h"
#include "formats/vault_fields.h"

#include <deque>
#include <mutex>
#include <optional>

namespace coffer::dialects::vault {
namespace {

using domain::Mount;
using domain::MountKind;
using domain::Mounts;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::string_view kTune = "/tune";

// The moves of this process, for clients that ask how theirs went. A move is over when its request
// is; only the last ones are kept. Thread-safe.
class Moves {
 public:
  struct Move {
    std::string id;
    std::string from;
    std::string to;
  };

  void add(Move move) {
    constexpr std::size_t kKept = 100;
    const std::scoped_lock lock(mutex_);
    if (moves_.size() == kKept) moves_.pop_front();
    moves_.push_back(std::move(move));
  }

  [[nodiscard]] std::optional<Move> find(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    for (const Move& move : moves_) {
      if (move.id == id) return move;
    }
    return std::nullopt;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Move> moves_;
};

Result<Reply> list(Call& call, MountKind kind) {
  COFFER_TRY(const auto table, Mounts(*call.view).table(kind));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  for (const auto& [path, mount] : *table->row.mounts) {
    w.key(path);
    write_mount(w, mount);
  }
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

// The mount at exactly `path`, or Vault's answer to a path without one.
Result<Mount> mount_at(Call& call, MountKind kind, std::string_view path) {
  COFFER_TRY(const std::string canonical, domain::canonical_mount_path(path));
  COFFER_TRY(const auto table, Mounts(*call.view).table(kind));
  const auto at = table->row.mounts->find(canonical);
  if (at != table->row.mounts->end()) return at->second;
  const std::string_view what = kind == MountKind::secret ? "secret" : "auth";
  return fail(Code::invalid_argument, "No " + std::string(what) + " engine mount at " + canonical);
}

Result<Reply> read(Call& call, MountKind kind) {
  std::string_view path = call.routing.captures.at(0);
  const bool tuning = path.ends_with(kTune);
  if (tuning) path.remove_suffix(kTune.size());
  COFFER_TRY(const Mount mount, mount_at(call, kind, path));
  Answer out;
  JsonWriter w(out.data.emplace());
  if (tuning) {
    write_tuning(w, mount, kind);
  } else {
    write_mount(w, mount);
  }
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> tune(Call& call, MountKind kind, std::string_view path) {
  COFFER_TRY(Mount mount, mount_at(call, kind, path));
  COFFER_CHECK(apply_config(call.body, mount));
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  if (description) mount.description = *description;
  COFFER_TRY(const auto options, formats::map_field(call.body, "options"));
  if (options) COFFER_CHECK(apply_options(*options, mount));
  COFFER_CHECK(Mounts(*call.view).replace(kind, mount));
  call.note("mount", mount.path);
  return no_content();
}

Result<Reply> enable(Call& call, MountKind kind, std::string_view path) {
  Mount mount;
  mount.path = path;
  COFFER_TRY(auto type, formats::text_field(call.body, "type"));
  if (!type) {
    COFFER_TRY(type, formats::text_field(call.body, "plugin_name"));
  }
  COFFER_TRY(const auto options, formats::map_field(call.body, "options"));
  COFFER_CHECK(apply_type(kind, type.value_or(""), options.value_or(formats::TextMap{}), mount));
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  mount.description = description.value_or("");
  COFFER_TRY(const auto local, formats::bool_field(call.body, "local"));
  mount.local = local.value_or(false);
  COFFER_TRY(const auto seal_wrap, formats::bool_field(call.body, "seal_wrap"));
  mount.seal_wrap = seal_wrap.value_or(false);
  COFFER_TRY(const auto config, formats::object_field(call.body, "config"));
  if (config) COFFER_CHECK(apply_config(*config, mount));
  COFFER_CHECK(Mounts(*call.view).add(kind, std::move(mount)));
  call.note("mount", std::string(path));
  return no_content();
}

Result<Reply> write(Call& call, MountKind kind) {
  std::string_view path = call.routing.captures.at(0);
  if (!path.ends_with(kTune)) return enable(call, kind, path);
  path.remove_suffix(kTune.size());
  return tune(call, kind, path);
}

Result<Reply> disable(Call& call, MountKind kind) {
  const std::string& path = call.routing.captures.at(0);
  COFFER_CHECK(Mounts(*call.view).remove(kind, path));
  call.note("mount", path);
  return no_content();
}

// "auth/x" names an auth method; everything else an engine.
MountKind take_kind(std::string& path) {
  constexpr std::string_view kAuth = "auth/";
  if (!path.starts_with(kAuth)) return MountKind::secret;
  path.erase(0, kAuth.size());
  return MountKind::auth;
}

Result<Reply> remount(Call& call, const std::shared_ptr<Moves>& moves) {
  COFFER_TRY(auto from, formats::text_field(call.body, "from"));
  COFFER_TRY(auto to, formats::text_field(call.body, "to"));
  if (!from || !to || from->empty() || to->empty()) {
    return fail(Code::invalid_argument, "both 'from' and 'to' path must be specified");
  }
  Moves::Move move{uuid4(call.random.array<16>()), *from, *to};
  const MountKind kind = take_kind(*from);
  if (take_kind(*to) != kind) {
    return fail(Code::invalid_argument, "cannot move between engines and auth methods");
  }
  COFFER_CHECK(Mounts(*call.view).move(kind, *from, *to));
  call.note("from", move.from);
  call.note("to", move.to);
  Answer out;
  JsonWriter(out.data.emplace()).begin_object().key("migration_id").string(move.id).end_object();
  out.inject = true;
  call.view->on_commit([moves, move = std::move(move)] { moves->add(move); });
  return answer(call, std::move(out));
}

Result<Reply> remount_status(Call& call, const Moves& moves) {
  const auto move = moves.find(call.routing.captures.at(0));
  if (!move) return fail(Code::not_found, "");
  return data_answer(call, [&](JsonWriter& w) {
    w.key("migration_id").string(move->id);
    w.key("migration_info").begin_object();
    w.key("source_mount").string(move->from);
    w.key("target_mount").string(move->to);
    w.key("status").string("success");
    w.end_object();
  });
}

struct Family {
  MountKind kind;
  std::string_view base;
  std::string_view one;
  std::string_view read_action;
  std::string_view write_action;
  proof::EventType changed;
};

void add_family(RouteTable& t, const Family& family) {
  const MountKind kind = family.kind;
  const bool sudo = kind == MountKind::auth;
  using proof::EventType;
  t.push_back(guarded(
      Verb::read, family.base, EventType::system_read, family.read_action, [kind](Call& call) {
        return list(call, kind);
      }));
  t.push_back(guarded(Verb::read,
                      family.one,
                      EventType::system_read,
                      {.action = family.read_action, .sudo = sudo},
                      [kind](Call& call) { return read(call, kind); }));
  t.push_back(guarded(Verb::write,
                      family.one,
                      family.changed,
                      {.action = family.write_action, .sudo = sudo},
                      [kind](Call& call) { return write(call, kind); }));
  t.push_back(guarded(Verb::remove,
                      family.one,
                      family.changed,
                      {.action = family.write_action, .sudo = sudo},
                      [kind](Call& call) { return disable(call, kind); }));
}

}  // namespace

RouteTable sys_mount_routes() {
  RouteTable t;
  add_family(t,
             {MountKind::secret,
              "mounts",
              "mounts/{mount...}",
              "sys.mounts.read",
              "sys.mounts.write",
              proof::EventType::system_mount_changed});
  add_family(t,
             {MountKind::auth,
              "auth",
              "auth/{mount...}",
              "sys.auth.read",
              "sys.auth.write",
              proof::EventType::auth_method_changed});
  const auto moves = std::make_shared<Moves>();
  t.push_back(guarded(Verb::write,
                      "remount",
                      proof::EventType::system_mount_changed,
                      {.action = "sys.mounts.move", .sudo = true},
                      [moves](Call& call) { return remount(call, moves); }));
  t.push_back(guarded(Verb::read,
                      "remount/status/{id}",
                      proof::EventType::system_read,
                      "sys.mounts.read",
                      [moves](Call& call) { return remount_status(call, *moves); }));
  return t;
}

}  // namespace coffer::dialects::vault
