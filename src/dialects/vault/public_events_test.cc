// What the audit log says of requests that need no token: which user, role and wrap.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using proof::EventType;

// The only event of the type since the last look.
proof::Event only(TestGate& gate, EventType type) {
  std::vector<proof::Event> all = gate.events();
  std::erase_if(all, [type](const proof::Event& event) { return event.type != type; });
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? proof::Event() : all.front();
}

std::string fact(const proof::Event& event, std::string_view name) {
  const auto at = std::ranges::find(event.facts, name, &proof::Fact::name);
  return at == event.facts.end() ? "" : at->value;
}

TestGate& with_methods(TestGate& gate) {
  for (const std::string method : {"userpass", "approle"}) {
    EXPECT_EQ(
        gate.as_root("POST", "/v1/sys/auth/" + method, R"({"type":")" + method + R"("})").status,
        204);
  }
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/userpass/users/bob", R"({"password":"right"})").status,
            204);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/approle/role/ci", "{}").status, 204);
  return gate;
}

TEST(PublicEvents, ALoginNamesUserAndMount) {
  TestGate gate;
  with_methods(gate).events();
  const auto log_in = [&gate](std::string_view name, std::string_view password) {
    return gate.call("POST",
                     "/v1/auth/userpass/login/" + std::string(name),
                     R"({"password":")" + std::string(password) + R"("})",
                     "");
  };
  EXPECT_EQ(log_in("bob", "right").status, 200);
  const proof::Event good = only(gate, EventType::auth_login);
  EXPECT_EQ(fact(good, "user"), "bob");
  EXPECT_EQ(fact(good, "mount"), "auth/userpass/");
  ASSERT_EQ(good.accesses.size(), 1U);
  EXPECT_EQ(good.accesses[0].action, "userpass.login");
  EXPECT_EQ(good.accesses[0].resource, "auth/userpass/login/bob");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(log_in("bob", "wrong").status, 400);
    EXPECT_EQ(fact(only(gate, EventType::auth_failed), "user"), "bob");
  }
  EXPECT_NE(log_in("bob", "wrong").status, 200);
  const proof::Event locked = only(gate, EventType::auth_lockout);
  EXPECT_EQ(fact(locked, "user"), "bob");
  EXPECT_EQ(fact(locked, "mount"), "auth/userpass/");
}

TEST(PublicEvents, AnAppRoleLoginNamesTheRoleWhoseIdIsKnown) {
  TestGate gate;
  with_methods(gate);
  const std::string role_id =
      gate.as_root("GET", "/v1/auth/approle/role/ci/role-id").text("data", "role_id");
  gate.events();
  const auto log_in = [&gate](const std::string& role, const std::string& secret) {
    return gate.call("POST",
                     "/v1/auth/approle/login",
                     R"({"role_id":")" + role + R"(","secret_id":")" + secret + R"("})",
                     "");
  };
  EXPECT_EQ(log_in(role_id, "wrong").status, 400);
  const proof::Event failed = only(gate, EventType::approle_login_failed);
  EXPECT_EQ(fact(failed, "role"), "ci");
  EXPECT_EQ(fact(failed, "mount"), "auth/approle/");
  EXPECT_EQ(log_in("nobody", "wrong").status, 400);
  EXPECT_EQ(fact(only(gate, EventType::approle_login_failed), "role"), "");
  const std::string secret =
      gate.as_root("POST", "/v1/auth/approle/role/ci/secret-id").text("data", "secret_id");
  gate.events();
  EXPECT_EQ(log_in(role_id, secret).status, 200);
  EXPECT_EQ(fact(only(gate, EventType::approle_login_success), "role"), "ci");
}

TEST(PublicEvents, AWrapThatIsOpenedIsNamed) {
  TestGate gate;
  const auto wrap = [&gate] {
    return gate.call(
        "POST", "/v1/sys/wrapping/wrap", "{}", gate.root(), {{"x-vault-wrap-ttl", "60"}});
  };
  const auto body = [](const TestAnswer& wrapped) {
    return R"({"token":")" + wrapped.text("wrap_info", "token") + R"("})";
  };
  const TestAnswer first = wrap();
  gate.events();
  const TestAnswer second = gate.as_root("POST", "/v1/sys/wrapping/rewrap", body(first));
  const proof::Event rewrapped = only(gate, EventType::wrapping_created);
  EXPECT_EQ(fact(rewrapped, "opened_wrap_accessor"), first.text("wrap_info", "accessor"));
  EXPECT_EQ(fact(rewrapped, "wrap_accessor"), second.text("wrap_info", "accessor"));
  EXPECT_EQ(gate.call("POST", "/v1/sys/wrapping/unwrap", body(second), "").status, 200);
  EXPECT_EQ(fact(only(gate, EventType::wrapping_opened), "wrap_accessor"),
            second.text("wrap_info", "accessor"));
  EXPECT_EQ(gate.call("POST", "/v1/sys/wrapping/unwrap", body(second), "").status, 400);
  EXPECT_EQ(fact(only(gate, EventType::wrapping_opened), "wrap_accessor"), "");
}

}  // namespace
}  // namespace coffer::dialects::vault
