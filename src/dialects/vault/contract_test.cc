// The contract of the system, of mounts, policies and tokens with the clients of Vault.
#include "dialects/vault/conversation.h"

namespace coffer::dialects::vault {
namespace {

constexpr Step kSystem[] = {
    {"GET", "sys/init", "", 200, Shape::bare, "initialized", "", Who::anybody},
    {"PUT",
     "sys/init",
     R"({"secret_shares":1,"secret_threshold":1})",
     400,
     Shape::errors,
     "",
     "",
     Who::anybody},
    {"GET",
     "sys/seal-status",
     "",
     200,
     Shape::bare,
     "type initialized sealed t n progress nonce version commit_date build_date migration "
     "recovery_seal storage_type",
     "",
     Who::anybody},
    {"PUT", "sys/unseal", "{}", 400, Shape::errors, "", "", Who::anybody},
    {"GET",
     "sys/health",
     "",
     200,
     Shape::bare,
     "initialized sealed standby performance_standby replication_performance_mode "
     "replication_dr_mode server_time_utc version",
     "",
     Who::anybody},
    {"GET", "sys/health?activecode=299", "", 299, Shape::bare, "", "", Who::anybody},
    {"GET", "sys/leader", "", 200, Shape::bare, "ha_enabled", "", Who::anybody},
    {"GET", "sys/ha-status", "", 200, Shape::both, "data.nodes"},
    {"PUT", "sys/step-down", "", 204, Shape::none},
    {"GET", "sys/key-status", "", 200, Shape::both, "data.term data.install_time data.encryptions"},
    {"PUT", "sys/rotate", "", 204, Shape::none},
    {"POST", "sys/rotate/keyring", "", 204, Shape::none},
    {"GET",
     "sys/generate-root/attempt",
     "",
     200,
     Shape::bare,
     "started nonce progress required complete encoded_token encoded_root_token pgp_fingerprint "
     "otp_length"},
    {"PUT", "sys/generate-root/attempt", "{}", 200, Shape::bare, "otp nonce", "nonce=nonce"},
    {"PUT", "sys/generate-root/update", R"({"key":"00","nonce":"$nonce"})", 400, Shape::errors},
    {"DELETE", "sys/generate-root/attempt", "", 204, Shape::none},
    {"GET", "sys/rekey/init", "", 200, Shape::bare, "started nonce t n progress required backup"},
    {"PUT",
     "sys/rekey/init",
     R"({"secret_shares":3,"secret_threshold":2,"pgp_keys":null})",
     200,
     Shape::bare,
     "started nonce t n progress required verification_required"},
    {"DELETE", "sys/rekey/init", "", 204, Shape::none},
    {"GET", "sys/rekey/backup", "", 400, Shape::errors},
};

constexpr Step kMounts[] = {
    {"GET",
     "sys/mounts",
     "",
     200,
     Shape::both,
     "data.sys/.uuid data.sys/.accessor data.sys/.config.default_lease_ttl data.cubbyhole/.type "
     "data.identity/.options data.sys/.local data.sys/.seal_wrap data.sys/.deprecation_status"},
    {"POST", "sys/mounts/kv", R"({"type":"kv","options":{"version":2}})", 204, Shape::none},
    {"POST", "sys/mounts/kv", R"({"type":"kv"})", 400, Shape::errors},
    {"POST", "sys/mounts/old", R"({"type":"generic"})", 204, Shape::none},
    {"GET", "sys/mounts/kv", "", 200, Shape::both, "data.accessor data.options.version"},
    {"GET",
     "sys/mounts/kv/tune",
     "",
     200,
     Shape::both,
     "data.default_lease_ttl data.max_lease_ttl data.force_no_cache"},
    {"POST", "sys/mounts/kv/tune", R"({"max_lease_ttl":"3600s"})", 204, Shape::none},
    {"POST",
     "sys/remount",
     R"({"from":"old","to":"older"})",
     200,
     Shape::both,
     "data.migration_id",
     "move=data.migration_id"},
    {"GET",
     "sys/remount/status/$move",
     "",
     200,
     Shape::enveloped,
     "data.migration_info.status data.migration_info.source_mount"},
    {"GET",
     "sys/internal/ui/mounts/kv/app",
     "",
     200,
     Shape::enveloped,
     "data.type data.path data.options.version data.accessor data.uuid data.config"},
    {"GET",
     "sys/internal/ui/mounts",
     "",
     200,
     Shape::enveloped,
     "data.secret data.auth",
     "",
     Who::anybody},
    {"GET", "sys/internal/ui/resultant-acl", "", 200, Shape::enveloped, "data.root"},
    {"GET", "sys/auth", "", 200, Shape::both, "data.token/.accessor data.token/.config"},
    {"POST", "sys/auth/people", R"({"type":"userpass"})", 204, Shape::none},
    {"POST", "sys/auth/approle", R"({"type":"approle"})", 204, Shape::none},
    {"GET", "sys/auth/people/tune", "", 200, Shape::both, "data.token_type data.max_lease_ttl"},
    {"POST", "sys/auth/people/tune", R"({"default_lease_ttl":60})", 204, Shape::none},
    {"DELETE", "sys/auth/none", "", 204, Shape::none},
    {"DELETE", "sys/mounts/none", "", 204, Shape::none},
};

constexpr Step kPolicies[] = {
    {"PUT",
     "sys/policies/acl/p",
     R"({"policy":"path \"kv/*\" { capabilities = [\"read\"] }"})",
     204,
     Shape::none},
    {"GET", "sys/policies/acl/p", "", 200, Shape::enveloped, "data.name data.policy"},
    {"GET", "sys/policies/acl?list=true&after=&limit=-1", "", 200, Shape::both, "data.keys"},
    {"LIST", "sys/policies/acl", "", 200, Shape::both, "data.keys"},
    {"GET", "sys/policy", "", 200, Shape::both, "data.policies data.keys"},
    {"PUT", "sys/policy/q", R"({"rules":"path \"x\" { policy = \"write\" }"})", 204, Shape::none},
    {"GET", "sys/policy/q", "", 200, Shape::both, "data.name data.rules"},
    {"DELETE", "sys/policy/q", "", 204, Shape::none},
    {"GET", "sys/policy/q", "", 404, Shape::errors},
    {"GET", "sys/policies/acl/none", "", 404, Shape::errors},
    {"PUT", "sys/policies/acl/root", R"({"policy":"path \"x\" {}"})", 400, Shape::errors},
    {"DELETE", "sys/policies/acl/root", "", 400, Shape::errors},
    {"POST",
     "sys/capabilities-self",
     R"({"path":"kv/x"})",
     200,
     Shape::both,
     "data.capabilities data.kv/x"},
    {"GET", "sys/audit", "", 200, Shape::enveloped},
    {"PUT",
     "sys/audit/f",
     R"({"type":"file","options":{"file_path":"/x"}})",
     200,
     Shape::enveloped,
     "warnings"},
    {"GET", "sys/audit", "", 200, Shape::both, "data.f/.type data.f/.options data.f/.path"},
    {"POST", "sys/audit-hash/f", R"({"input":"x"})", 200, Shape::both, "data.hash"},
    {"POST", "sys/audit-hash/none", R"({"input":"x"})", 400, Shape::errors},
    {"DELETE", "sys/audit/f", "", 204, Shape::none},
    {"DELETE", "sys/audit/f", "", 204, Shape::none},
};

constexpr Step kTokens[] = {
    {"POST",
     "auth/token/create",
     R"({"policies":["p"],"ttl":"1h","meta":null})",
     200,
     Shape::enveloped,
     "auth.client_token auth.accessor auth.policies auth.token_policies auth.metadata "
     "auth.lease_duration auth.renewable auth.entity_id auth.token_type auth.orphan "
     "auth.mfa_requirement auth.num_uses",
     "token=auth.client_token accessor=auth.accessor"},
    {"POST", "auth/token/create-orphan", "{}", 200, Shape::enveloped, "auth.client_token"},
    {"POST",
     "auth/token/lookup",
     R"({"token":"$token"})",
     200,
     Shape::enveloped,
     "data.id data.accessor data.policies data.path data.meta data.display_name data.num_uses "
     "data.orphan data.creation_time data.creation_ttl data.expire_time data.ttl "
     "data.explicit_max_ttl data.entity_id data.type data.renewable data.issue_time"},
    {"GET", "auth/token/lookup-self", "", 200, Shape::enveloped, "data.id data.ttl"},
    {"POST", "auth/token/lookup-self", "", 200, Shape::enveloped, "data.id"},
    {"POST",
     "auth/token/lookup-accessor",
     R"({"accessor":"$accessor"})",
     200,
     Shape::enveloped,
     "data.accessor data.id"},
    {"POST", "auth/token/lookup-accessor", R"({"accessor":"none"})", 400, Shape::errors},
    {"POST", "auth/token/lookup", R"({"token":"none"})", 403, Shape::errors},
    {"PUT",
     "auth/token/renew",
     R"({"token":"$token","increment":null})",
     200,
     Shape::enveloped,
     "auth.client_token"},
    {"PUT", "auth/token/renew-self", "{}", 400, Shape::errors},
    {"PUT",
     "auth/token/renew-accessor",
     R"({"accessor":"$accessor"})",
     200,
     Shape::enveloped,
     "auth.accessor"},
    {"POST", "auth/token/roles/r", R"({"allowed_policies":"p"})", 204, Shape::none},
    {"GET",
     "auth/token/roles/r",
     "",
     200,
     Shape::enveloped,
     "data.allowed_policies data.orphan data.renewable data.path_suffix"},
    {"LIST", "auth/token/roles", "", 200, Shape::enveloped, "data.keys"},
    {"POST", "auth/token/create/r", R"({"policies":"p"})", 200, Shape::enveloped, "auth.policies"},
    {"DELETE", "auth/token/roles/r", "", 204, Shape::none},
    {"LIST", "auth/token/accessors", "", 200, Shape::enveloped, "data.keys"},
    {"POST", "auth/token/tidy", "", 202, Shape::enveloped, "warnings"},
    {"POST",
     "sys/capabilities",
     R"({"token":"$token","paths":["kv/x","y"]})",
     200,
     Shape::both,
     "data.kv/x data.y"},
    {"POST",
     "sys/capabilities-accessor",
     R"({"accessor":"$accessor","path":"kv/x"})",
     200,
     Shape::both,
     "data.capabilities"},
    {"POST", "auth/token/revoke-accessor", R"({"accessor":"$accessor"})", 204, Shape::none},
    {"POST", "auth/token/lookup", R"({"token":"$token"})", 403, Shape::errors},
    {"POST",
     "auth/token/create",
     "{}",
     200,
     Shape::enveloped,
     "auth.client_token",
     "token=auth.client_token"},
    {"PUT", "auth/token/revoke-orphan", R"({"token":"$token"})", 204, Shape::none},
    {"POST",
     "auth/token/create",
     "{}",
     200,
     Shape::enveloped,
     "auth.client_token",
     "token=auth.client_token"},
    {"PUT", "auth/token/revoke", R"({"token":"$token"})", 204, Shape::none},
    {"PUT", "sys/leases/lookup", R"({"lease_id":"none"})", 400, Shape::errors},
    {"LIST", "sys/leases/lookup/none", "", 404, Shape::errors},
    {"LIST", "sys/leases/lookup/auth/token/create", "", 200, Shape::enveloped, "data.keys"},
    {"PUT", "sys/leases/revoke-prefix/none", "", 204, Shape::none},
    {"PUT", "sys/leases/revoke-force/none", "", 204, Shape::none},
    {"PUT", "sys/revoke-prefix/none", "", 204, Shape::none},
    {"POST",
     "sys/wrapping/unwrap",
     R"({"token":"none"})",
     400,
     Shape::errors,
     "",
     "",
     Who::anybody},
    {"POST",
     "sys/wrapping/lookup",
     R"({"token":"none"})",
     400,
     Shape::errors,
     "",
     "",
     Who::anybody},
    {"POST", "sys/wrapping/rewrap", R"({"token":"none"})", 400, Shape::errors},
};

constexpr Step kRules[] = {
    {"GET", "nowhere/at/all", "", 404, Shape::errors},
    {"GET", "sys/no/such/thing", "", 404, Shape::errors},
    {"DELETE", "sys/capabilities-self", "", 405, Shape::errors},
    {"POST", "sys/mounts/x/", "{}", 400, Shape::errors},
    {"POST", "sys/mounts/x", "[1]", 400, Shape::errors},
    {"GET", "older?list=true&scan=true", "", 400, Shape::errors},
};

TEST(VaultContract, IsKeptInAWholeConversation) {
  Conversation conversation;
  conversation.hold(kSystem);
  conversation.hold(kMounts);
  conversation.hold(kPolicies);
  conversation.hold(kTokens);
  conversation.hold(kRules);
}

TEST(VaultContract, AWrappedAnswerIsGivenOutOnce) {
  TestGate gate;
  const TestAnswer wrapped = gate.call(
      "POST", "/v1/sys/wrapping/wrap", R"({"k":"v"})", gate.root(), {{"x-vault-wrap-ttl", "60"}});
  for (const char* member : {"token", "accessor", "ttl", "creation_time", "creation_path"}) {
    EXPECT_NE(wrapped.text("wrap_info", member), "") << member;
  }
  EXPECT_EQ(wrapped.text("wrap_info", "ttl"), "60");
  const std::string token = wrapped.text("wrap_info", "token");
  const TestAnswer looked = gate.call("POST", "/v1/sys/wrapping/lookup", "", token);
  EXPECT_EQ(looked.text("data", "creation_path"), "sys/wrapping/wrap");
  EXPECT_EQ(gate.call("PUT", "/v1/sys/wrapping/unwrap", "", token).text("data", "k"), "v");
  const TestAnswer again = gate.call("PUT", "/v1/sys/wrapping/unwrap", "", token);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.error(), "wrapping token is not valid or does not exist");
}

TEST(VaultContract, ASealedServerSaysSo) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  const TestAnswer refused = gate.as_root("GET", "/v1/sys/mounts");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error(), "Vault is sealed");
  EXPECT_EQ(gate.call("GET", "/v1/sys/health", "", "").status, 503);
  EXPECT_EQ(gate.call("GET", "/v1/sys/seal-status", "", "").text("sealed"), "true");
  EXPECT_EQ(gate.call("GET", "/v1/sys/leader", "", "").status, 503);
}

}  // namespace
}  // namespace coffer::dialects::vault
