// Rekey: a new root key and new shares, as sys/rekey (bare) and as sys/rotate/root (in an
// envelope).
//
// Every step needs a token with sudo. Vault lets anybody begin, feed and cancel a rekey, which lets
// anybody keep operators from completing theirs. Both spellings are about one and the same attempt.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "formats/vault_fields.h"
#include "gate/ceremony.h"

#include <algorithm>
#include <memory>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::RekeyCeremony;
using gate::Reply;

// One a server; every closure of this file's routes shares it.
struct Attempt {
  explicit Attempt(gate::Lifecycle& life) : lifecycle(life), rekey(life.clock(), life.random()) {}

  gate::Lifecycle& lifecycle;
  RekeyCeremony rekey;
};

using Shared = std::shared_ptr<Attempt>;

// How an answer is written: sys/rekey has no envelope, sys/rotate has one.
using Shape = Reply (*)(const Call& call, const std::function<void(JsonWriter&)>& write);

Reply without_envelope(const Call& /*call*/, const std::function<void(JsonWriter&)>& write) {
  return bare(200, write);
}

// A rekey as one spelling of its paths sees it.
struct Rekey {
  Shared shared;
  Shape shape;
};

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

void write_rekey_numbers(JsonWriter& w, const RekeyCeremony::Status& status) {
  w.key("t").integer(number(status.started ? status.wish.numbers.threshold : 0));
  w.key("n").integer(number(status.started ? status.wish.numbers.shares : 0));
  w.key("progress").integer(number(status.progress));
}

Result<Reply> rekey_progress(const Rekey& rekey, Call& call) {
  COFFER_TRY(const keys::SealRecord record, rekey.shared->lifecycle.record());
  const RekeyCeremony::Status status = rekey.shared->rekey.status(record);
  return rekey.shape(call, [&](JsonWriter& w) {
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

Result<Reply> start_rekey(const Rekey& rekey, Call& call) {
  COFFER_CHECK(refuse_fields(call.body, {"pgp_keys", "backup"}, kNoPgp));
  COFFER_TRY(const auto shares, formats::integer_field(call.body, "secret_shares"));
  COFFER_TRY(const auto threshold, formats::integer_field(call.body, "secret_threshold"));
  COFFER_TRY(const auto verification, formats::bool_field(call.body, "require_verification"));
  const auto size = [](std::int64_t value) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(value, 0, 256));
  };
  const RekeyCeremony::Wish wish{{size(shares.value_or(5)), size(threshold.value_or(3))},
                                 verification.value_or(false)};
  COFFER_CHECK(call.effects.get<bool>("start", [shared = rekey.shared, wish]() -> Result<bool> {
    COFFER_CHECK(shared->rekey.start(wish));
    return true;
  }));
  call.note("ceremony", "started");
  return rekey_progress(rekey, call);
}

Reply new_shares(const Rekey& rekey,
                 Call& call,
                 const RekeyCeremony::Made& made,
                 std::string_view nonce) {
  return rekey.shape(call, [&](JsonWriter& w) {
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

Result<Reply> update_rekey(const Rekey& rekey, Call& call) {
  const Shared& shared = rekey.shared;
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
  if (!made->seal) return rekey_progress(rekey, call);
  if (made->verification_nonce.empty()) COFFER_CHECK(put_in_force(shared, call, made->seal));
  return new_shares(rekey, call, *made, nonce);
}

Reply verification_progress(const Rekey& rekey, Call& call) {
  const RekeyCeremony::Status status = rekey.shared->rekey.verification();
  return rekey.shape(call, [&](JsonWriter& w) {
    w.key("started").boolean(status.started);
    w.key("nonce").string(status.nonce);
    write_rekey_numbers(w, status);
  });
}

Result<Reply> verify_rekey(const Rekey& rekey, Call& call) {
  const Shared& shared = rekey.shared;
  COFFER_TRY(const SharedShare share, share_field(call.body, "key"));
  COFFER_TRY(const std::string nonce, nonce_field(call));
  COFFER_TRY(const gate::NewSealPtr* seal,
             call.effects.get<gate::NewSealPtr>("share", [shared, share, nonce] {
               return shared->rekey.verify(share->view(), nonce);
             }));
  if (!*seal) return verification_progress(rekey, call);
  COFFER_CHECK(put_in_force(shared, call, *seal));
  return rekey.shape(call, [&](JsonWriter& w) {
    w.key("complete").boolean(true);
    w.key("nonce").string(nonce);
  });
}

Result<Reply> restart_verification(const Rekey& rekey, Call& call) {
  COFFER_CHECK(call.effects.get<bool>("restart", [shared = rekey.shared]() -> Result<bool> {
    COFFER_CHECK(shared->rekey.restart_verification());
    return true;
  }));
  return verification_progress(rekey, call);
}

// The steps below `base`: "rekey" or "rotate/root".
void add_rekey_routes(RouteTable& table, const std::string& base, const Rekey& rekey) {
  const auto step = [&rekey](Result<Reply> (*handler)(const Rekey&, Call&)) -> gate::Handler {
    return [rekey, handler](Call& call) { return handler(rekey, call); };
  };
  const auto cancel = [shared = rekey.shared](Call& call) -> Result<Reply> {
    call.view->on_commit([shared] { shared->rekey.cancel(); });
    return no_content();
  };
  const auto verification = [rekey](Call& call) -> Result<Reply> {
    return verification_progress(rekey, call);
  };
  const auto no_backup = [](Call&) -> Result<Reply> {
    return fail(Code::invalid_argument, "no backed-up keys found");
  };
  const auto drop_backup = [](Call&) -> Result<Reply> { return no_content(); };
  using enum proof::EventType;
  add_sudo(table,
           "sys.rekey",
           {{Verb::read, base + "/init", system_read, step(rekey_progress)},
            {Verb::write, base + "/init", system_rekeyed, step(start_rekey)},
            {Verb::remove, base + "/init", system_rekeyed, cancel},
            {Verb::write, base + "/update", system_rekeyed, step(update_rekey)},
            {Verb::read, base + "/verify", system_read, verification},
            {Verb::write, base + "/verify", system_rekeyed, step(verify_rekey)},
            {Verb::remove, base + "/verify", system_rekeyed, step(restart_verification)},
            {Verb::read, base + "/backup", system_read, no_backup},
            {Verb::remove, base + "/backup", system_rekeyed, drop_backup}});
}

void add_recovery_routes(RouteTable& table) {
  const auto refuse = [](Call&) -> Result<Reply> {
    return fail(Code::invalid_argument, std::string(kNoRecovery));
  };
  for (const std::string_view pattern :
       {"rotate/recovery/{step}", "rekey-recovery-key/{step}", "rekey/recovery-key-backup"}) {
    for (const Verb verb : {Verb::read, Verb::write, Verb::remove}) {
      const bool read = verb == Verb::read;
      add_sudo(table,
               "sys.rekey",
               {{verb,
                 std::string(pattern),
                 read ? proof::EventType::system_read : proof::EventType::system_rekeyed,
                 refuse}});
    }
  }
}

}  // namespace

RouteTable sys_rekey_routes(const Services& services) {
  const auto shared = std::make_shared<Attempt>(services.lifecycle);
  services.lifecycle.on_seal([shared] { shared->rekey.cancel(); });
  RouteTable table;
  add_rekey_routes(table, "rekey", {shared, without_envelope});
  add_rekey_routes(table, "rotate/root", {shared, data_answer});
  add_recovery_routes(table);
  return table;
}

}  // namespace coffer::dialects::vault
