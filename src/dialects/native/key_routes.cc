// keys/: the terms of the keyring, and their rotation that proves itself (work/reseal.h).
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/native/dialect.h"
#include "domain/kms/key_rewrap.h"
#include "domain/realms/mounts.h"
#include "formats/vault_fields.h"
#include "work/reseal.h"

#include <optional>

namespace coffer::dialects::native {
namespace {

using formats::JsonWriter;
using proof::EventType;

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::int64_t seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

void write_reseal(JsonWriter& w, const work::ResealRow& row) {
  w.key("below_term").integer(*row.below);
  w.key("state").string(row.is_stated() ? "stated" : *row.counted ? "working" : "counting");
  w.key("total").integer(number(*row.total));
  w.key("done").integer(number(*row.seen));
  w.key("left").integer(number(*row.total > *row.seen ? *row.total - *row.seen : 0));
  w.key("resealed").integer(number(*row.resealed));
  w.key("rows_per_second").integer(number(row.rate()));
  w.key("eta_seconds").integer(seconds(row.left()));
  w.key("started").string(rfc3339(*row.started));
  w.key("stated");
  if (!row.is_stated()) {
    w.null();
    return;
  }
  w.string(rfc3339(*row.stated));
  w.key("statement")
      .string("no row is sealed under a term older than " + std::to_string(*row.below));
  w.key("rows_scanned").integer(number(*row.scanned));
}

// The path of a mount by its id; its id in hexadecimal when it is gone.
Result<std::string> path_of(gate::Call& call, const Bytes& id) {
  COFFER_TRY(const auto table, domain::Mounts(*call.view).table(domain::MountKind::secret));
  for (const auto& [path, mount] : *table->row.mounts) {
    if (mount.id == id) return path;
  }
  return hex_encode(id);
}

Result<> write_rewrap(gate::Call& call, JsonWriter& w, const domain::KeyRewrapRow& row) {
  COFFER_TRY(const std::string path, path_of(call, *row.mount));
  const std::uint64_t left = *row.total > *row.done ? *row.total - *row.done : 0;
  w.begin_object();
  w.key("mount").string(path).key("key").string(*row.key_name);
  w.key("below_version").integer(*row.below);
  w.key("state").string(row.is_stated() ? "stated" : *row.counted ? "working" : "counting");
  w.key("total").integer(number(*row.total)).key("done").integer(number(*row.done));
  w.key("left").integer(row.is_stated() ? 0 : number(left));
  w.key("data_keys_per_second").integer(number(row.rate()));
  w.key("eta_seconds").integer(row.rate() == 0 || row.is_stated() ? 0 : number(left / row.rate()));
  w.key("started").string(rfc3339(*row.started));
  w.key("stated");
  if (row.is_stated()) {
    w.string(rfc3339(*row.stated));
    w.key("rows_scanned").integer(number(*row.scanned));
  } else {
    w.null();
  }
  w.end_object();
  return {};
}

// The master key that the body names by "mount" and "key"; null: it names none.
Result<domain::KeyPtr> named_key(gate::Call& call) {
  COFFER_TRY(const auto name, formats::text_field(call.body, "key"));
  if (!name) return domain::KeyPtr();
  COFFER_TRY(const auto path, formats::text_field(call.body, "mount"));
  COFFER_TRY(const std::string canonical, domain::canonical_mount_path(path.value_or("transit")));
  COFFER_TRY(const auto found,
             domain::Mounts(*call.view).resolve(domain::MountKind::secret, canonical));
  if (found.mount == nullptr || found.mount->engine != domain::Engine::transit) {
    return fail(Code::invalid_argument, "no keys are kept at this mount");
  }
  call.note("mount", found.mount->path);
  call.note("key", *name);
  COFFER_TRY(auto key,
             domain::MasterKeys(*call.view, found.mount->id, call.unsealed->kms).find(*name));
  if (!key) return fail(Code::not_found, "no such key");
  return key;
}

Result<gate::Reply> status(gate::Call& call) {
  constexpr std::size_t kMostShown = 1000;
  COFFER_TRY(const auto progress, work::reseal_progress(*call.view));
  COFFER_TRY(const auto rewraps, domain::key_rewraps(*call.view, kMostShown));
  secure::SecureText list;
  JsonWriter items(list);
  items.begin_array();
  for (const auto& rewrap : rewraps) COFFER_CHECK(write_rewrap(call, items, rewrap->row));
  items.end_array();
  return json_reply([&](JsonWriter& w) {
    w.key("terms").begin_array();
    for (const keys::TermInfo& term : call.view->keyring()->terms()) {
      w.begin_object();
      w.key("number").integer(term.number);
      w.key("created").string(rfc3339(term.created));
      w.end_object();
    }
    w.end_array();
    w.key("rewraps").raw(list.text());
    w.key("reseal");
    if (!progress) {
      w.null();
      return;
    }
    w.begin_object();
    write_reseal(w, progress->row);
    w.end_object();
  });
}

gate::Reply asked(std::uint32_t below) {
  return json_reply([&](JsonWriter& w) { w.key("below_term").integer(below); });
}

Result<gate::Reply> rotate(gate::Lifecycle& lifecycle, gate::Call& call) {
  COFFER_TRY(const auto rewrap, formats::bool_field(call.body, "rewrap"));
  const std::uint32_t next = call.view->keyring()->active_term() + 1;
  COFFER_CHECK(lifecycle.stage_rotation(*call.view, call.unsealed));
  if (rewrap.value_or(false)) COFFER_CHECK(work::ask_for_reseal(*call.view, next));
  return asked(next);
}

Result<gate::Reply> rewrap(gate::Call& call) {
  COFFER_TRY(const domain::KeyPtr key, named_key(call));
  if (key) {
    COFFER_TRY(const auto wish, domain::ask_for_rewrap(*call.view, key->row));
    call.note("below_version", std::to_string(*wish.below));
    return json_reply([&](JsonWriter& w) { w.key("below_version").integer(*wish.below); });
  }
  const std::uint32_t newest = call.view->keyring()->active_term();
  call.note("below_term", std::to_string(newest));
  COFFER_CHECK(work::ask_for_reseal(*call.view, newest));
  return asked(newest);
}

// All versions before the one that is named.
Result<gate::Reply> destroy_versions(gate::Call& call, const domain::MasterKeyRow& key) {
  COFFER_TRY(const auto version, formats::integer_field(call.body, "version"));
  if (!version || *version <= 1 || *version > key.latest()) {
    return fail(Code::invalid_argument, "version must be the oldest one to keep");
  }
  call.note("version", std::to_string(*version));
  COFFER_CHECK(domain::destroy_versions(
      *call.view, call.unsealed->kms, key, static_cast<std::uint32_t>(*version)));
  return json_reply([&](JsonWriter& w) { w.key("oldest_version").integer(*version); });
}

Result<gate::Reply> destroy(gate::Lifecycle& lifecycle, gate::Call& call) {
  COFFER_TRY(const domain::KeyPtr key, named_key(call));
  if (key) return destroy_versions(call, key->row);
  COFFER_TRY(const auto term, formats::integer_field(call.body, "term"));
  if (!term || *term <= 0 || *term > 0xffff) {
    return fail(Code::invalid_argument, "term must be the number of a term");
  }
  call.note("term", std::to_string(*term));
  COFFER_CHECK(lifecycle.stage_term_destruction(
      *call.view, call.unsealed, static_cast<std::uint32_t>(*term)));
  return json_reply([&](JsonWriter& w) { w.key("oldest_term").integer(*term + 1); });
}

}  // namespace

RouteTable key_routes(const Services& services) {
  gate::Lifecycle* lifecycle = &services.lifecycle;
  constexpr auto kUpdate = policy::Capability::update;
  RouteTable table;
  table.push_back(
      guarded("GET", "keys/status", EventType::system_read, {.action = "keys.status"}, status));
  table.push_back(guarded("PUT",
                          "keys/rotate",
                          EventType::system_key_rotated,
                          {.action = "keys.rotate", .capability = kUpdate, .sudo = true},
                          [lifecycle](gate::Call& call) { return rotate(*lifecycle, call); }));
  table.push_back(guarded("PUT",
                          "keys/rewrap",
                          EventType::system_reseal_started,
                          {.action = "keys.rewrap", .capability = kUpdate, .sudo = true},
                          rewrap));
  table.push_back(guarded("PUT",
                          "keys/destroy",
                          EventType::system_term_destroyed,
                          {.action = "keys.destroy", .capability = kUpdate, .sudo = true},
                          [lifecycle](gate::Call& call) { return destroy(*lifecycle, call); }));
  return table;
}

}  // namespace coffer::dialects::native
