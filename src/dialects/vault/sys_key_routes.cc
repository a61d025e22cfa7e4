// Keys: key-status, rotate, generate-root, decode-token. Rekey: sys_rekey_routes.cc.
//
// Every step of generate-root needs a token with sudo. Vault lets anybody begin, feed and cancel
// it, which lets anybody keep operators from completing theirs.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/root_token.h"
#include "domain/auth/token_text.h"
#include "formats/vault_fields.h"
#include "gate/ceremony.h"

#include <memory>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;
using gate::RootCeremony;

constexpr std::size_t kRootTokenSize = domain::kServicePrefix.size() + domain::kTokenCharacters;

// One a server; every closure of this file's routes shares it.
struct Attempt {
  explicit Attempt(gate::Lifecycle& life) : lifecycle(life), root(life.clock(), life.random()) {}

  gate::Lifecycle& lifecycle;
  RootCeremony root;
};

using Shared = std::shared_ptr<Attempt>;

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

Reply key_status(Call& call) {
  const keys::TermInfo newest = call.view->keyring()->terms().back();
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("term").integer(newest.number);
  w.key("install_time").string(rfc3339(newest.created));
  w.key("encryptions").integer(static_cast<std::int64_t>(call.view->keyring()->sealings()));
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> rotate(gate::Lifecycle& lifecycle, Call& call) {
  COFFER_CHECK(lifecycle.stage_rotation(*call.view, call.unsealed));
  return no_content();
}

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

using Password = std::shared_ptr<const secure::SecureText>;

// The one-time password that the caller chose; null: the server is to make it.
Result<Password> given_password(const Call& call) {
  COFFER_TRY(auto given, formats::secret_field(call.body, "otp"));
  if (!given || given->empty()) return Password();
  if (given->size() != kRootTokenSize) {
    return fail(Code::invalid_argument,
                "otp must have " + std::to_string(kRootTokenSize) + " characters");
  }
  return std::make_shared<const secure::SecureText>(std::move(*given));
}

// Returns the password that the caller has yet to learn: empty when it is the caller's own.
Result<secure::SecureText> begin(RootCeremony& root, const Password& given) {
  if (!given) return root.start(kRootTokenSize);
  COFFER_CHECK(root.start_with(given->clone()));
  return secure::SecureText();
}

// Begun in an effect: a handler may run twice, an attempt is begun once.
Result<Reply> start_root(const Shared& shared, Call& call) {
  COFFER_CHECK(refuse_fields(call.body, {"pgp_key"}, kNoPgp));
  COFFER_TRY(const Password given, given_password(call));
  COFFER_TRY(const keys::SealRecord record, shared->lifecycle.record());
  COFFER_TRY(const secure::SecureText* password,
             call.effects.get<secure::SecureText>(
                 "start", [shared, given] { return begin(shared->root, given); }));
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

void add_root_routes(RouteTable& table, const Shared& shared) {
  const auto read = [shared](Call&) { return read_root(shared); };
  const auto start = [shared](Call& call) { return start_root(shared, call); };
  const auto update = [shared](Call& call) { return update_root(shared, call); };
  const auto cancel = [shared](Call& call) -> Result<Reply> {
    call.view->on_commit([shared] { shared->root.cancel(); });
    return no_content();
  };
  using enum proof::EventType;
  add_sudo(table,
           "sys.generate-root",
           {{Verb::read, "generate-root", system_read, read},
            {Verb::write, "generate-root", system_root_generated, start},
            {Verb::remove, "generate-root", system_root_generated, cancel},
            {Verb::read, "generate-root/attempt", system_read, read},
            {Verb::write, "generate-root/attempt", system_root_generated, start},
            {Verb::remove, "generate-root/attempt", system_root_generated, cancel},
            {Verb::write, "generate-root/update", system_root_generated, update},
            {Verb::read, "generate-root-token/attempt", system_read, read},
            {Verb::write, "generate-root-token/attempt", system_root_generated, start},
            {Verb::remove, "generate-root-token/attempt", system_root_generated, cancel},
            {Verb::write, "generate-root-token/update", system_root_generated, update}});
}

}  // namespace

RouteTable sys_key_routes(const Services& services) {
  gate::Lifecycle* lifecycle = &services.lifecycle;
  const auto turn = [lifecycle](Call& call) { return rotate(*lifecycle, call); };
  RouteTable table;
  table.push_back(guarded(
      Verb::read, "key-status", proof::EventType::system_read, "sys.key-status.read", key_status));
  add_sudo(table,
           "sys.rotate",
           {{Verb::write, "rotate", proof::EventType::system_key_rotated, turn},
            {Verb::write, "rotate/keyring", proof::EventType::system_key_rotated, turn}});
  const auto shared = std::make_shared<Attempt>(*lifecycle);
  lifecycle->on_seal([shared] { shared->root.cancel(); });
  add_root_routes(table, shared);
  table.push_back(open_to_all(Verb::write,
                              "decode-token",
                              proof::EventType::system_read,
                              "sys.decode-token",
                              "computes with what the caller sends and nothing else",
                              decode_token));
  return table;
}

}  // namespace coffer::dialects::vault
