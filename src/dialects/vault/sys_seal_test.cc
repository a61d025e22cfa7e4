#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

std::string key_body(std::string_view key) {
  return R"({"key":")" + std::string(key) + R"("})";
}

// The string at `index` of a list.
std::string item(const std::string& json, std::size_t index) {
  return *formats::JsonView::parse(json)->elements().at(index).string();
}

TEST(SysSeal, InitialisesOnceAndUnsealsWithEitherSpellingOfAShare) {
  TestGate gate(TestGate::Start::empty);
  EXPECT_EQ(gate.call("GET", "/v1/sys/init", "", "").text("initialized"), "false");
  EXPECT_EQ(gate.call("GET", "/v1/sys/health", "", "").status, 501);
  const TestAnswer made = gate.call(
      "PUT", "/v1/sys/init", R"({"secret_shares":3,"SECRET_THRESHOLD":2,"pgp_keys":null})", "");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_TRUE(made.text("root_token").starts_with("hvs."));
  EXPECT_TRUE(made.text("audit_public_key").starts_with("-----BEGIN PUBLIC KEY-----"));
  const TestAnswer again =
      gate.call("PUT", "/v1/sys/init", R"({"secret_shares":1,"secret_threshold":1})", "");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.error(), "Vault is already initialized");

  const TestAnswer first =
      gate.call("PUT", "/v1/sys/unseal", key_body(item(made.text("keys"), 0)), "");
  EXPECT_EQ(first.text("sealed"), "true");
  EXPECT_EQ(first.text("progress"), "1");
  const TestAnswer second = gate.call(
      "PUT", "/v1/sys/unseal", R"({"KEY":")" + item(made.text("keys_base64"), 2) + R"("})", "");
  EXPECT_EQ(second.text("sealed"), "false") << second.body;
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", made.text("root_token")).status, 200);
}

TEST(SysSeal, RefusesInitialisationsThatCannotBe) {
  TestGate gate(TestGate::Start::empty);
  for (const std::string_view body :
       {R"({})",
        R"({"secret_shares":5,"secret_threshold":1})",
        R"({"secret_shares":-1,"secret_threshold":-1})",
        R"({"secret_shares":256,"secret_threshold":3})",
        R"({"secret_shares":1,"secret_threshold":1,"pgp_keys":["x"]})",
        R"({"secret_shares":1,"secret_threshold":1,"Root_Token_PGP_key":"x"})",
        R"({"secret_shares":1,"secret_threshold":1,"recovery_shares":1})"}) {
    EXPECT_EQ(gate.call("PUT", "/v1/sys/init", body, "").status, 400) << body;
  }
  EXPECT_EQ(gate.call("GET", "/v1/sys/init", "", "").text("initialized"), "false");
}

TEST(SysSeal, ResetsTheProgressOnlyForTheNonce) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  const TestAnswer begun = gate.call("PUT", "/v1/sys/unseal", key_body(gate.shares()[0]), "");
  ASSERT_EQ(begun.text("progress"), "1");
  for (const std::string_view body : {R"({"reset":true})", R"({"reset":true,"nonce":"guessed"})"}) {
    EXPECT_EQ(gate.call("PUT", "/v1/sys/unseal", body, "").status, 400) << body;
  }
  const std::string reset = R"({"reset":true,"nonce":")" + begun.text("nonce") + R"("})";
  const TestAnswer done = gate.call("PUT", "/v1/sys/unseal", reset, "");
  EXPECT_EQ(done.text("progress"), "0");
  EXPECT_EQ(done.text("sealed"), "true");
}

TEST(SysSeal, StrangersNeitherResetNorSlowAnUnsealAndAreNamed) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  const auto put = [&gate](std::string_view source, const std::string& body) {
    gate.source = source;
    return gate.call("PUT", "/v1/sys/unseal", body, "");
  };
  EXPECT_EQ(put("192.0.2.1", key_body(gate.shares()[0])).text("progress"), "1");
  const std::string nonce = gate.call("GET", "/v1/sys/seal-status", "", "").text("nonce");
  EXPECT_EQ(put("192.0.2.7", R"({"reset":true,"nonce":")" + nonce + R"("})").status, 403);
  int told_to_wait = 0;
  for (int i = 0; i < 20; ++i) {
    if (put("192.0.2.7", key_body("00112233")).status == 429) ++told_to_wait;
  }
  EXPECT_EQ(told_to_wait, 10);
  EXPECT_EQ(put("192.0.2.7", key_body(gate.shares()[1])).text("sealed"), "false");
  const std::vector<proof::Event> events = gate.events();
  ASSERT_GE(events.size(), 2U);
  const proof::Event& told = events[events.size() - 2];
  EXPECT_EQ(told.type, proof::EventType::system_unseal_failed);
  EXPECT_EQ(told.source_ip, "192.0.2.7");
  EXPECT_EQ(told.facts,
            (std::vector<proof::Fact>{{"wrong_shares", "20"}, {"refused_resets", "1"}}));
  EXPECT_EQ(events.back().type, proof::EventType::system_unsealed);
}

TEST(SysSeal, RefusesWhatIsNoShare) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  for (const std::string_view body :
       {R"({})", R"({"key":""})", R"({"key":"zz"})", R"({"key":"00"})", R"({"key":null})"}) {
    EXPECT_EQ(gate.call("PUT", "/v1/sys/unseal", body, "").status, 400) << body;
  }
  EXPECT_NE(gate.lifecycle.status()->sealed, false);
}

TEST(SysSeal, SealsForATokenWithSudoAndServesNothingAfter) {
  TestGate gate;
  EXPECT_EQ(gate.call("PUT", "/v1/sys/seal", "", "").status, 403);
  EXPECT_EQ(gate.call("GET", "/v1/sys/health", "", "").status, 200);
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  EXPECT_EQ(gate.lifecycle.current(), nullptr);
  const TestAnswer refused = gate.as_root("GET", "/v1/sys/mounts");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error(), "Vault is sealed");
  EXPECT_EQ(gate.call("GET", "/v1/sys/leader", "", "").status, 503);
  for (const std::size_t i : {2U, 0U}) {
    gate.call("PUT", "/v1/sys/unseal", key_body(gate.shares()[i]), "");
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts").status, 200);
}

// Behind a proxy a stranger could open a tunnel with 101.
TEST(SysSeal, AnswersHealthWithNoInterimCode) {
  TestGate gate;
  for (const std::string_view name : {"activecode", "sealedcode", "uninitcode", "standbycode"}) {
    for (const std::string_view code : {"100", "101", "199"}) {
      const std::string target = "/v1/sys/health?" + std::string(name) + "=" + std::string(code);
      EXPECT_EQ(gate.call("GET", target, "", "").status, 400) << target;
    }
  }
  for (const int code : {200, 299, 599}) {
    const std::string target = "/v1/sys/health?activecode=" + std::to_string(code);
    EXPECT_EQ(gate.call("GET", target, "", "").status, code) << target;
  }
}

TEST(SysSeal, AnswersHealthWithTheCodeAskedFor) {
  TestGate gate;
  EXPECT_EQ(gate.call("HEAD", "/v1/sys/health?activecode=299", "", "").status, 299);
  EXPECT_EQ(gate.call("GET", "/v1/sys/health?sealedcode=200", "", "").status, 200);
  for (const std::string_view code : {"99", "600", "abc", "2e2", "", "-1", "0200"}) {
    const std::string target = "/v1/sys/health?uninitcode=" + std::string(code);
    EXPECT_EQ(gate.call("GET", target, "", "").status, 400) << code;
  }
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  EXPECT_EQ(gate.call("GET", "/v1/sys/health", "", "").status, 503);
  EXPECT_EQ(gate.call("GET", "/v1/sys/health?sealedcode=298", "", "").status, 298);
}

}  // namespace
}  // namespace coffer::dialects::vault
