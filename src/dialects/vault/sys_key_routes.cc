// Keys and shares: key-status, rotate, rekey, generate-root, decode-token.
//
// Every path here needs a token with sudo. Vault lets anybody begin, feed and cancel rekey and
// generate-root, which lets anybody keep operators from completing theirs.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/root_token.h"
#include "domain/auth/token_text.h"
#include "formats/vault_fields.h"
#include "gate/ceremony.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::RekeyCeremony;
using gate::Reply;
using gate::RootCeremony;

constexpr std::string_view kNoPgp = "PGP is not supported yet";
constexpr std::size_t kRootTokenSize = domain::kServicePrefix.size() + domain::kTokenCharacters;

// One of each a server; every closure of this file's routes shares them.
struct Ceremonies {
  explicit Ceremonies(gate::Lifecycle& life)
      : lifecycle(life), root(life.clock(), life.random()), rekey(life.clock(), life.random()) {}

  gate::Lifecycle& lifecycle;
  RootCeremony root;
  RekeyCeremony rekey;
};

using Shared = std::shared_ptr<Ceremonies>;

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

Result<std::string> nonce_field(const Call& call) {
  COFFER_TRY(const auto nonce, formats::text_field(call.body, "nonce"));
  return nonce.value_or("");
}

Reply key_status(Call& call) {
  const keys::TermInfo newest = call.view->keyring()->terms().back();
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("term").integer(newest.number);
  w.key("install_time").string(rfc3339(newest.created));
  w.key("encryptions").integer(0);  // not counted: nonces of 192 bits need no limit
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> rotate(gate::Lifecycle& lifecycle, Call& call) {
  COFFER_CHECK(lifecycle.stage_rotation(*call.view, call.unsealed));
  return no_content();
}

// --- generate-root ---

struct RootProgress {
  gate::CeremonyStatus status;
  bool complete = false;
  std::string_view token;     // masked
  std::string_view password;  // at the start only
};

Reply root_progress(const RootProgress& progress) {
  return bare(200, [&](JsonWriter& w) {
    w.key("started").boolean(progress.status.started);
    w.key("nonce").string(progress.status.nonce);
    w.key("progress").integer(number(progress.status.progress));
    w.key("required").integer(number(progress.status.required));
    w.key("complete").boolean(progress.complete);
    w.key("encoded_token").string(progress.token);
    w.key("encoded_root_token").string(progress.token);
    w.key("pgp_fingerprint").string("");
    w.key("otp").string(progress.password);
    w.key("otp_length").integer(number(kRootTokenSize));
  });
}

Result<Reply> read_root(const Shared& shared) {
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  return root_progress({.status = shared->root.status(record), .token = {}, .password = {}});
}

// Begun in an effect: a handler may run twice, an attempt is begun once.
Result<Reply> start_root(const Shared& shared, Call& call) {
  COFFER_CHECK(refuse_fields(call.body, {"pgp_key"}, kNoPgp));
  COFFER_CHECK(refuse_fields(call.body, {"otp"}, "the server makes the one-time password"));
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  COFFER_TRY(const secure::SecureText* password,
             call.effects.get<secure::SecureText>(
                 "start", [shared] { return shared->root.start(kRootTokenSize); }));
  call.note("ceremony", "started");
  return root_progress(
      {.status = shared->root.status(record), .token = {}, .password = password->text()});
}

Result<Reply> update_root(const Shared& shared, Call& call) {
  COFFER_TRY(const SharedShare share, share_field(call.body, "key"));
  COFFER_TRY(const std::string nonce, nonce_field(call));
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  COFFER_TRY(
      const bool* complete,
      call.effects.get<bool>("share", [shared, share, nonce, record, unsealed = call.unsealed]() {
        const auto root = unsealed->root.load();
        return shared->root.submit({record, root->view()}, share->view(), nonce);
      }));
  gate::CeremonyStatus status = shared->root.status(record);
  if (!*complete) return root_progress({.status = status, .token = {}, .password = {}});
  COFFER_TRY(const secure::SecureText token, domain::issue_root_token(*call.view, ""));
  COFFER_TRY(const secure::SecureText masked, shared->root.mask(token.text(), nonce));
  call.view->on_commit([shared, nonce] { shared->root.finish(nonce); });
  call.note("ceremony", "completed");
  status.progress = status.required;
  return root_progress(
      {.status = status, .complete = true, .token = masked.text(), .password = {}});
}

Result<Reply> decode_token(Call& call) {
  COFFER_TRY(const auto encoded, formats::secret_field(call.body, "encoded_token"));
  COFFER_TRY(const auto password, formats::secret_field(call.body, "otp"));
  if (!encoded || !password || encoded->size() > domain::kMaxTokenText) {
    return fail(Code::invalid_argument, "encoded_token and otp are required");
  }
  secure::SecureBytes token(encoded->size());
  COFFER_TRY(const std::size_t size,
             base64_decode_to(encoded->text(), Base64::standard_raw, token.mutable_view().data()));
  token.resize(size);
  if (size != password->size()) {
    return fail(Code::invalid_argument, "encoded_token and otp do not have the same length");
  }
  for (std::size_t i = 0; i < size; ++i) token.mutable_view()[i] ^= password->view()[i];
  return data_answer(call, [&](JsonWriter& w) { w.key("token").string(as_text(token.view())); });
}

// --- rekey ---

void write_rekey_numbers(JsonWriter& w, const RekeyCeremony::Status& status) {
  w.key("t").integer(number(status.started ? status.wish.numbers.threshold : 0));
  w.key("n").integer(number(status.started ? status.wish.numbers.shares : 0));
  w.key("progress").integer(number(status.progress));
}

Result<Reply> rekey_progress(const Shared& shared) {
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  const RekeyCeremony::Status status = shared->rekey.status(record);
  return bare(200, [&](JsonWriter& w) {
    w.key("started").boolean(status.started);
    w.key("nonce").string(status.nonce);
    write_rekey_numbers(w, status);
    w.key("required").integer(number(status.required));
    w.key("pgp_fingerprints").null();
    w.key("backup").boolean(false);
    w.key("verification_required").boolean(status.wish.verification);
    w.key("verification_nonce").string(status.verification_nonce);
  });
}

Result<Reply> start_rekey(const Shared& shared, Call& call) {
  COFFER_CHECK(refuse_fields(call.body, {"pgp_keys", "backup"}, kNoPgp));
  COFFER_TRY(const auto shares, formats::integer_field(call.body, "secret_shares"));
  COFFER_TRY(const auto threshold, formats::integer_field(call.body, "secret_threshold"));
  COFFER_TRY(const auto verification, formats::bool_field(call.body, "require_verification"));
  const auto size = [](std::int64_t value) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(value, 0, 256));
  };
  const RekeyCeremony::Wish wish{{size(shares.value_or(5)), size(threshold.value_or(3))},
                                 verification.value_or(false)};
  COFFER_CHECK(call.effects.get<bool>("start", [shared, wish]() -> Result<bool> {
    COFFER_CHECK(shared->rekey.start(wish));
    return true;
  }));
  call.note("ceremony", "started");
  return rekey_progress(shared);
}

Reply new_shares(const RekeyCeremony::Made& made, std::string_view nonce) {
  return bare(200, [&](JsonWriter& w) {
    w.key("complete").boolean(true);
    w.key("nonce").string(nonce);
    w.key("keys").begin_array();
    for (const auto& share : made.seal->shares.shares) {
      w.string(secure::hex_text(share.view()).text());
    }
    w.end_array();
    w.key("keys_base64").begin_array();
    for (const auto& share : made.seal->shares.shares) {
      w.string(secure::base64_text(share.view()).text());
    }
    w.end_array();
    w.key("pgp_fingerprints").null();
    w.key("backup").boolean(false);
    w.key("verification_required").boolean(!made.verification_nonce.empty());
    w.key("verification_nonce").string(made.verification_nonce);
  });
}

// Makes the new seal the server's, and the attempt over, once the unit is durable.
Result<> put_in_force(const Shared& shared, Call& call, const gate::NewSealPtr& seal) {
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  const std::string nonce = shared->rekey.status(record).nonce;
  COFFER_CHECK(shared->lifecycle.stage_rekey(*call.view, call.unsealed, *seal));
  call.view->on_commit([shared, nonce] { shared->rekey.finish(nonce); });
  call.note("ceremony", "completed");
  call.note("shares", std::to_string(seal->record.shares));
  call.note("threshold", std::to_string(seal->record.threshold));
  return {};
}

Result<Reply> update_rekey(const Shared& shared, Call& call) {
  COFFER_TRY(const SharedShare share, share_field(call.body, "key"));
  COFFER_TRY(const std::string nonce, nonce_field(call));
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  COFFER_TRY(const RekeyCeremony::Made* made,
             call.effects.get<RekeyCeremony::Made>(
                 "share", [shared, share, nonce, record, unsealed = call.unsealed]() {
                   const auto root = unsealed->root.load();
                   return shared->rekey.submit(
                       {record, root->view()}, share->view(), nonce, [&](keys::SealNumbers n) {
                         return shared->lifecycle.prepare_rekey(*unsealed, n);
                       });
                 }));
  if (!made->seal) return rekey_progress(shared);
  if (made->verification_nonce.empty()) COFFER_CHECK(put_in_force(shared, call, made->seal));
  return new_shares(*made, nonce);
}

Reply verification_progress(const Shared& shared) {
  const RekeyCeremony::Status status = shared->rekey.verification();
  return bare(200, [&](JsonWriter& w) {
    w.key("started").boolean(status.started);
    w.key("nonce").string(status.nonce);
    write_rekey_numbers(w, status);
  });
}

Result<Reply> verify_rekey(const Shared& shared, Call& call) {
  COFFER_TRY(const SharedShare share, share_field(call.body, "key"));
  COFFER_TRY(const std::string nonce, nonce_field(call));
  COFFER_TRY(const gate::NewSealPtr* seal,
             call.effects.get<gate::NewSealPtr>("share", [shared, share, nonce] {
               return shared->rekey.verify(share->view(), nonce);
             }));
  if (!*seal) return verification_progress(shared);
  COFFER_CHECK(put_in_force(shared, call, *seal));
  return bare(200, [&](JsonWriter& w) {
    w.key("complete").boolean(true);
    w.key("nonce").string(nonce);
  });
}

Result<Reply> restart_verification(const Shared& shared, Call& call) {
  COFFER_CHECK(call.effects.get<bool>("restart", [shared]() -> Result<bool> {
    COFFER_CHECK(shared->rekey.restart_verification());
    return true;
  }));
  return verification_progress(shared);
}

// --- tables ---

struct Step {
  Verb verb;
  std::string_view pattern;
  proof::EventType event;
  gate::Handler handler;
};

void add_sudo(RouteTable& table, std::string_view action, std::vector<Step> steps) {
  for (Step& step : steps) {
    table.push_back(guarded(step.verb,
                            step.pattern,
                            step.event,
                            {.action = action, .sudo = true, .exists = {}},
                            std::move(step.handler)));
  }
}

void add_root_routes(RouteTable& table, const Shared& shared) {
  const auto read = [shared](Call&) { return read_root(shared); };
  const auto start = [shared](Call& call) { return start_root(shared, call); };
  const auto update = [shared](Call& call) { return update_root(shared, call); };
  const auto cancel = [shared](Call&) -> Result<Reply> {
    shared->root.cancel();
    return no_content();
  };
  using enum proof::EventType;
  add_sudo(table,
           "sys.generate-root",
           {{Verb::read, "generate-root/attempt", system_read, read},
            {Verb::write, "generate-root/attempt", system_root_generated, start},
            {Verb::remove, "generate-root/attempt", system_root_generated, cancel},
            {Verb::write, "generate-root/update", system_root_generated, update},
            {Verb::read, "generate-root-token/attempt", system_read, read},
            {Verb::write, "generate-root-token/attempt", system_root_generated, start},
            {Verb::remove, "generate-root-token/attempt", system_root_generated, cancel},
            {Verb::write, "generate-root-token/update", system_root_generated, update}});
}

void add_rekey_routes(RouteTable& table, const Shared& shared) {
  const auto read = [shared](Call&) { return rekey_progress(shared); };
  const auto start = [shared](Call& call) { return start_rekey(shared, call); };
  const auto update = [shared](Call& call) { return update_rekey(shared, call); };
  const auto verify = [shared](Call& call) { return verify_rekey(shared, call); };
  const auto restart = [shared](Call& call) { return restart_verification(shared, call); };
  const auto cancel = [shared](Call&) -> Result<Reply> {
    shared->rekey.cancel();
    return no_content();
  };
  const auto verification = [shared](Call&) -> Result<Reply> {
    return verification_progress(shared);
  };
  const auto no_backup = [](Call&) -> Result<Reply> {
    return fail(Code::invalid_argument, "no backed-up keys found");
  };
  const auto drop_backup = [](Call&) -> Result<Reply> { return no_content(); };
  using enum proof::EventType;
  add_sudo(table,
           "sys.rekey",
           {{Verb::read, "rekey/init", system_read, read},
            {Verb::write, "rekey/init", system_rekeyed, start},
            {Verb::remove, "rekey/init", system_rekeyed, cancel},
            {Verb::write, "rekey/update", system_rekeyed, update},
            {Verb::read, "rekey/verify", system_read, verification},
            {Verb::write, "rekey/verify", system_rekeyed, verify},
            {Verb::remove, "rekey/verify", system_rekeyed, restart},
            {Verb::read, "rekey/backup", system_read, no_backup},
            {Verb::remove, "rekey/backup", system_rekeyed, drop_backup}});
}

}  // namespace

RouteTable sys_key_routes(const Services& services) {
  gate::Lifecycle* lifecycle = &services.lifecycle;
  const auto turn = [lifecycle](Call& call) { return rotate(*lifecycle, call); };
  RouteTable table;
  table.push_back(guarded(Verb::read,
                          "key-status",
                          proof::EventType::system_read,
                          {.action = "sys.key-status.read", .exists = {}},
                          key_status));
  add_sudo(table,
           "sys.rotate",
           {{Verb::write, "rotate", proof::EventType::system_key_rotated, turn},
            {Verb::write, "rotate/keyring", proof::EventType::system_key_rotated, turn}});
  const auto shared = std::make_shared<Ceremonies>(*lifecycle);
  add_root_routes(table, shared);
  add_rekey_routes(table, shared);
  table.push_back(open_to_all(Verb::write,
                              "decode-token",
                              proof::EventType::system_read,
                              "sys.decode-token",
                              "computes with what the caller sends and nothing else",
                              decode_token));
  return table;
}

}  // namespace coffer::dialects::vault
