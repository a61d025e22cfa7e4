#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kGone = "wrapping token is not valid or does not exist";

std::string token_body(std::string_view token) {
  return R"({"token":")" + std::string(token) + R"("})";
}

TestAnswer wrap(TestGate& gate, std::string_view ttl) {
  return gate.call("POST",
                   "/v1/sys/wrapping/wrap",
                   R"({"a":1})",
                   gate.root(),
                   {{"x-vault-wrap-ttl", std::string(ttl)}});
}

TEST(SysWrapping, OpensOnceForWhoeverHasTheToken) {
  TestGate gate;
  const TestAnswer wrapped = wrap(gate, "120");
  EXPECT_EQ(wrapped.text("wrap_info", "ttl"), "120") << wrapped.body;
  EXPECT_EQ(wrapped.text("wrap_info", "creation_path"), "sys/wrapping/wrap");
  EXPECT_EQ(wrapped.text("data"), "null");
  const std::string token = wrapped.text("wrap_info", "token");
  EXPECT_EQ(gate.call("POST", "/v1/sys/wrapping/lookup", token_body(token), "")
                .text("data", "creation_ttl"),
            "120");
  EXPECT_EQ(gate.call("GET", "/v1/sys/wrapping/lookup", "", token).text("data", "creation_path"),
            "sys/wrapping/wrap");
  EXPECT_EQ(gate.call("PUT", "/v1/sys/wrapping/unwrap", "", token).text("data"), R"({"a":1})");
  const TestAnswer again = gate.as_root("PUT", "/v1/sys/wrapping/unwrap", token_body(token));
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.error(), kGone);
}

// A wrap is kept for as long as its caller says: what anyone may ask for is not.
TEST(SysWrapping, KeepsNothingForStrangers) {
  TestGate gate;
  const std::string token = wrap(gate, "120").text("wrap_info", "token");
  const auto wraps = [&gate] {
    return gate.store.scan_keys(rows::tables::kWraps.id, rows::kRootRealm, {}, {}, 100)->size();
  };
  const std::size_t before = wraps();
  const std::vector<std::pair<std::string, std::string>> asks{{"x-vault-wrap-ttl", "60s"}};

  struct Ask {
    std::string method, path, body;
  };

  const std::vector<Ask> all{
      {"POST", "/v1/sys/decode-token", R"({"encoded_token":"AAAA","otp":"aaa"})"},
      {"GET", "/v1/sys/internal/ui/mounts", ""},
      {"POST", "/v1/sys/wrapping/lookup", token_body(token)}};
  for (const Ask& ask : all) {
    EXPECT_EQ(gate.call(ask.method, ask.path, ask.body, "").status, 200) << ask.path;
    EXPECT_EQ(gate.call(ask.method, ask.path, ask.body, "", asks).status, 400) << ask.path;
  }
  EXPECT_EQ(wraps(), before);
  const TestAnswer mine = gate.call("GET", all[1].path, "", gate.root(), asks);
  EXPECT_EQ(mine.text("wrap_info", "ttl"), "60") << mine.body;
  const TestAnswer opened =
      gate.call("PUT", "/v1/sys/wrapping/unwrap", token_body(token), "", asks);
  EXPECT_EQ(opened.text("wrap_info", "ttl"), "60") << opened.body;
  EXPECT_EQ(wraps(), before + 1);
}

TEST(SysWrapping, RewrapEndsTheOldToken) {
  TestGate gate;
  const std::string old = wrap(gate, "100s").text("wrap_info", "token");
  const TestAnswer fresh = gate.as_root("POST", "/v1/sys/wrapping/rewrap", token_body(old));
  EXPECT_EQ(fresh.text("wrap_info", "ttl"), "100") << fresh.body;
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/wrapping/unwrap", token_body(old)).error(), kGone);
  EXPECT_EQ(
      gate.as_root("PUT", "/v1/sys/wrapping/unwrap", token_body(fresh.text("wrap_info", "token")))
          .text("data"),
      R"({"a":1})");
}

TEST(SysWrapping, PoliciesBoundItsTime) {
  TestGate gate;
  const std::string token = gate.token_with(R"(
path "auth/token/lookup-self" {
  capabilities     = ["read"]
  min_wrapping_ttl = "1m"
  max_wrapping_ttl = "10m"
})");
  const auto look_up = [&](std::string_view ttl) {
    return gate
        .call("GET",
              "/v1/auth/token/lookup-self",
              "",
              token,
              {{"x-vault-wrap-ttl", std::string(ttl)}})
        .status;
  };
  EXPECT_EQ(look_up("5m"), 200);
  EXPECT_EQ(look_up("600"), 200);
  for (const std::string_view refused : {"", "59s", "601"}) EXPECT_EQ(look_up(refused), 403);
  EXPECT_EQ(look_up("soon"), 400);
}

// What a wrap is called in answers and events can be used: to see whether it is still closed, and
// to end it.
TEST(SysWrapping, ItsAccessorLooksItUpAndEndsIt) {
  TestGate gate;
  const TestAnswer wrapped = wrap(gate, "120");
  const std::string body = R"({"accessor":")" + wrapped.text("wrap_info", "accessor") + R"("})";
  const TestAnswer found = gate.as_root("POST", "/v1/auth/token/lookup-accessor", body);
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.text("data", "policies"), R"(["response-wrapping"])") << found.body;
  EXPECT_EQ(found.text("data", "id"), "");
  EXPECT_EQ(found.text("data", "creation_ttl"), "120");
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/token/revoke-accessor", body).status, 204);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/token/lookup-accessor", body).status, 400);
  const std::string token = wrapped.text("wrap_info", "token");
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/wrapping/unwrap", token_body(token)).error(), kGone);
}

TEST(SysWrapping, RefusesTimesThatAreNone) {
  TestGate gate;
  for (const std::string_view ttl : {"-1", "0", "soon", "1e99"}) {
    EXPECT_EQ(wrap(gate, ttl).status, 400) << ttl;
  }
  EXPECT_EQ(wrap(gate, "").error(), "endpoint requires response wrapping to be used");
}

TEST(SysWrapping, WrapsAnyAnswerOnRequest) {
  TestGate gate;
  const TestAnswer wrapped =
      gate.call("GET", "/v1/sys/key-status", "", gate.root(), {{"x-vault-wrap-ttl", "5m"}});
  EXPECT_EQ(wrapped.text("wrap_info", "ttl"), "300");
  const TestAnswer opened =
      gate.call("PUT", "/v1/sys/wrapping/unwrap", "", wrapped.text("wrap_info", "token"));
  EXPECT_EQ(opened.text("data", "term"), "1");
}

std::string only_lease(TestGate& gate, std::string_view prefix) {
  const TestAnswer listed = gate.as_root("LIST", "/v1/sys/leases/lookup/" + std::string(prefix));
  const std::string text = listed.text("data", "keys");
  const auto keys = formats::JsonView::parse(text);
  if (!keys || keys->elements().size() != 1) return listed.body;
  return std::string(prefix) + *keys->elements().front().string();
}

TEST(SysLeases, ShowRenewAndRevokeATokenWithoutKnowingIt) {
  TestGate gate;
  const std::string token = gate.token_with(R"(path "sys/mounts" { capabilities = ["read"] })");
  const std::string id = only_lease(gate, "auth/token/create/");
  ASSERT_TRUE(id.starts_with("auth/token/create/")) << id;
  const std::string body = R"({"lease_id":")" + id + R"(","increment":"30m"})";
  const TestAnswer found = gate.as_root("PUT", "/v1/sys/leases/lookup", body);
  EXPECT_EQ(found.text("data", "id"), id);
  EXPECT_EQ(found.text("data", "ttl"), "3599");
  const TestAnswer renewed = gate.as_root("PUT", "/v1/sys/leases/renew", body);
  EXPECT_EQ(renewed.text("lease_id"), id) << renewed.body;
  EXPECT_EQ(renewed.text("lease_duration"), "1800");
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", token).status, 200);
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/leases/revoke/" + id).status, 204);
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", token).status, 403);
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/leases/lookup", body).error(), "invalid lease");
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/leases/lookup/auth/token/create").status, 404);
}

TEST(SysLeases, RevokeAllBelowAPrefixHoweverMany) {
  TestGate gate;
  const std::string policy = R"(path "sys/mounts" { capabilities = ["read"] })";
  std::vector<std::string> tokens;
  for (int i = 0; i < 90; ++i) tokens.push_back(gate.token_with(policy));
  EXPECT_EQ(gate.call("PUT", "/v1/sys/leases/revoke-prefix/auth", "", tokens[0]).status, 403);
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/leases/revoke-prefix/auth/tok").status, 204);
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", tokens[0]).status, 200) << "whole segments";
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/leases/revoke-prefix/auth/token/create").status, 204);
  for (const std::string& token : tokens) {
    EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", token).status, 403);
  }
}

}  // namespace
}  // namespace coffer::dialects::vault
