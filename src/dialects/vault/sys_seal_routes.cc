// init, unseal, seal, and what may be asked of a sealed server.
//
// Without a token one may read the state, hand in an unseal share (the collector limits wrong ones)
// and initialise a server that never was. Forgetting the shares given so far (reset) needs the
// nonce of the progress in the field "nonce", which Vault does not ask for, and an address that
// gave one of the shares: anybody may read the nonce.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "formats/vault_fields.h"

#include <algorithm>
#include <utility>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Needs;
using gate::Reply;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// How the body spells the field: the names of these requests are read in any case.
std::string spelled(const formats::JsonView& body, std::string_view name) {
  if (body.find(name)) return std::string(name);
  for (const auto& [member, value] : body.members()) {
    if (std::ranges::equal(member, name, {}, lower)) return member;
  }
  return std::string(name);
}

Reply seal_status(const Services& services, const gate::SealStatus& status) {
  return bare(200, [&](JsonWriter& w) {
    w.key("type").string("shamir");
    w.key("initialized").boolean(status.initialized);
    w.key("sealed").boolean(status.sealed);
    w.key("t").integer(static_cast<std::int64_t>(status.threshold));
    w.key("n").integer(static_cast<std::int64_t>(status.shares));
    w.key("progress").integer(static_cast<std::int64_t>(status.progress));
    w.key("nonce").string(status.nonce);
    w.key("version").string(services.version);
    w.key("build_date").string(services.version_date);
    w.key("commit_date").string(services.version_date);
    w.key("migration").boolean(false);
    if (!status.sealed) {
      w.key("cluster_name").string(services.cluster_name);
      w.key("cluster_id").string(status.cluster_id);
    }
    w.key("recovery_seal").boolean(false);
    w.key("storage_type").string("coffer");
  });
}

Result<Reply> read_init(const Services& services) {
  COFFER_TRY(const gate::SealStatus status, services.lifecycle.status());
  return bare(200, [&](JsonWriter& w) { w.key("initialized").boolean(status.initialized); });
}

Result<keys::SealNumbers> numbers_of(const formats::JsonView& body) {
  constexpr std::int64_t kTooMany = 256;
  keys::SealNumbers numbers;
  for (auto [name, target] : {std::pair{"secret_shares", &numbers.shares},
                              std::pair{"secret_threshold", &numbers.threshold}}) {
    COFFER_TRY(const auto value, formats::integer_field(body, spelled(body, name)));
    *target = static_cast<std::size_t>(std::clamp<std::int64_t>(value.value_or(0), 0, kTooMany));
  }
  COFFER_CHECK(keys::check_numbers(numbers));
  return numbers;
}

Reply initialized(const gate::Initialized& made) {
  return bare(200, [&](JsonWriter& w) {
    w.key("keys").begin_array();
    for (const auto& share : made.shares.shares) w.string(secure::hex_text(share.view()).text());
    w.end_array();
    w.key("keys_base64").begin_array();
    for (const auto& share : made.shares.shares) {
      w.string(secure::base64_text(share.view()).text());
    }
    w.end_array();
    w.key("root_token").string(made.root_token.text());
    w.key("audit_public_key").string(made.audit_public_key_pem);
  });
}

Result<Reply> initialize(const Services& services, Call& call) {
  COFFER_CHECK(
      refuse_fields(call.body,
                    {spelled(call.body, "pgp_keys"), spelled(call.body, "root_token_pgp_key")},
                    kNoPgp));
  COFFER_CHECK(refuse_fields(call.body,
                             {spelled(call.body, "recovery_shares"),
                              spelled(call.body, "recovery_threshold"),
                              spelled(call.body, "recovery_pgp_keys")},
                             kNoRecovery));
  COFFER_TRY(const keys::SealNumbers numbers, numbers_of(call.body));
  gate::Lifecycle* lifecycle = &services.lifecycle;
  COFFER_TRY(const gate::Initialized* made,
             call.effects.get<gate::Initialized>(
                 "init", [lifecycle, numbers] { return lifecycle->initialize(numbers); }));
  return initialized(*made);
}

Result<Reply> unseal(const Services& services, Call& call) {
  gate::Lifecycle* lifecycle = &services.lifecycle;
  COFFER_TRY(const auto reset, formats::bool_field(call.body, spelled(call.body, "reset")));
  COFFER_CHECK(
      refuse_fields(call.body, {spelled(call.body, "migrate")}, "seal migration is not supported"));
  if (reset.value_or(false)) {
    COFFER_TRY(const auto nonce, formats::text_field(call.body, spelled(call.body, "nonce")));
    COFFER_CHECK(lifecycle->reset_unseal(nonce.value_or(""), call.request.peer.address));
  } else {
    COFFER_TRY(const SharedShare share, share_field(call.body, spelled(call.body, "key")));
    COFFER_CHECK(
        call.effects.get<bool>("unseal", [lifecycle, share, source = call.request.peer.address] {
          return lifecycle->unseal(share->view(), source);
        }));
  }
  COFFER_TRY(const gate::SealStatus status, lifecycle->status());
  return seal_status(services, status);
}

Result<Reply> seal(gate::Lifecycle& lifecycle, Call& call) {
  // Only once the event that says so is durable.
  call.view->on_commit([&lifecycle] { lifecycle.seal(); });
  return no_content();
}

// The status code to answer with: the one asked for in the query, within bounds. One below 200 is
// no answer: a proxy may take 101 for the beginning of a tunnel.
Result<int> code_for(const Call& call, std::string_view parameter, int usual) {
  const auto asked = net::query_value(call.target, parameter);
  if (!asked) return usual;
  int code = 0;
  const bool digits = asked->size() == 3 &&
                      std::ranges::all_of(*asked, [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    for (const char c : *asked) code = code * 10 + (c - '0');
  }
  if (code < 200 || code > 599) {
    return fail(Code::invalid_argument, std::string(parameter) + " must be between 200 and 599");
  }
  return code;
}

Result<Reply> health(const Services& services, Call& call) {
  COFFER_TRY(const gate::SealStatus status, services.lifecycle.status());
  // Each parameter is read, so that a malformed one is refused in every state.
  COFFER_TRY(const int active, code_for(call, "activecode", 200));
  COFFER_TRY(const int sealed, code_for(call, "sealedcode", 503));
  COFFER_TRY(const int uninitialized, code_for(call, "uninitcode", 501));
  COFFER_CHECK(code_for(call, "standbycode", 429));
  const int code = !status.initialized ? uninitialized : status.sealed ? sealed : active;
  return bare(code, [&](JsonWriter& w) {
    w.key("initialized").boolean(status.initialized);
    w.key("sealed").boolean(status.sealed);
    w.key("standby").boolean(false);
    w.key("performance_standby").boolean(false);
    w.key("replication_performance_mode").string("disabled");
    w.key("replication_dr_mode").string("disabled");
    w.key("server_time_utc").integer(call.now.ns / 1'000'000'000);
    w.key("version").string(services.version);
    if (!status.sealed) {
      w.key("cluster_name").string(services.cluster_name);
      w.key("cluster_id").string(status.cluster_id);
    }
  });
}

Result<Reply> leader(Call& call) {
  if (!call.unsealed) return fail(Code::sealed, "Vault is sealed");
  return bare(200, [](JsonWriter& w) {
    w.key("ha_enabled").boolean(false);
    w.key("is_self").boolean(false);
    w.key("active_time").string("0001-01-01T00:00:00Z");
    w.key("leader_address").string("");
    w.key("leader_cluster_address").string("");
    w.key("performance_standby").boolean(false);
  });
}

Reply ha_status(const Services& services, Call& call) {
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object().key("nodes").begin_array().begin_object();
  w.key("hostname").string("");
  w.key("api_address").string("");
  w.key("cluster_address").string("");
  w.key("active_node").boolean(true);
  w.key("last_echo").null();
  w.key("version").string(services.version);
  w.end_object().end_array().end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

// A route for everybody, also while the server is sealed.
Route open(Verb verb,
           std::string_view pattern,
           std::string_view action,
           std::string_view reason,
           gate::Handler handler) {
  return open_to_all(verb,
                     pattern,
                     proof::EventType::system_read,
                     action,
                     reason,
                     std::move(handler),
                     Needs::nothing);
}

}  // namespace

RouteTable sys_seal_routes(const Services& services) {
  constexpr std::string_view kState = "the state of the server is no secret";
  RouteTable t;
  t.push_back(open(Verb::read, "init", "sys.init.read", kState, [services](Call&) {
    return read_init(services);
  }));
  t.push_back(open(Verb::write,
                   "init",
                   "sys.init.write",
                   "there are no tokens before the first one is made here",
                   [services](Call& call) { return initialize(services, call); }));
  t.push_back(open(
      Verb::read, "seal-status", "sys.seal.status", kState, [services](Call&) -> Result<Reply> {
        COFFER_TRY(const gate::SealStatus status, services.lifecycle.status());
        return seal_status(services, status);
      }));
  t.push_back(open(Verb::write,
                   "unseal",
                   "sys.unseal",
                   "tokens cannot be read while sealed; the share itself is the credential",
                   [services](Call& call) { return unseal(services, call); }));
  t.push_back(open(Verb::read, "health", "sys.health", kState, [services](Call& call) {
    return health(services, call);
  }));
  t.push_back(open(Verb::read, "leader", "sys.leader", kState, leader));
  t.push_back(guarded(Verb::write,
                      "seal",
                      proof::EventType::system_sealed,
                      {.action = "sys.seal", .sudo = true},
                      [services](Call& call) { return seal(services.lifecycle, call); }));
  t.push_back(guarded(Verb::read,
                      "ha-status",
                      proof::EventType::system_read,
                      "sys.ha-status.read",
                      [services](Call& call) { return ha_status(services, call); }));
  return t;
}

}  // namespace coffer::dialects::vault
