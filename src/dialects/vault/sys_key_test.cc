#include "base/encoding.h"
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

std::string share_body(std::string_view key, std::string_view nonce) {
  return R"({"key":")" + std::string(key) + R"(","nonce":")" + std::string(nonce) + R"("})";
}

std::string item(const std::string& json, std::size_t index) {
  return *formats::JsonView::parse(json)->elements().at(index).string();
}

TEST(SysKeys, RotateBeginsATermThatStaysAfterUnsealing) {
  TestGate gate;
  const TestAnswer before = gate.as_root("GET", "/v1/sys/key-status");
  EXPECT_EQ(before.text("data", "term"), "1");
  EXPECT_EQ(before.text("term"), "1");
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/rotate").status, 204);
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/rotate/keyring").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/key-status").text("data", "term"), "3");
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  for (const std::size_t i : {0U, 1U}) {
    gate.call("PUT", "/v1/sys/unseal", R"({"key":")" + gate.shares()[i] + R"("})", "");
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/key-status").text("data", "term"), "3");
}

TEST(SysKeys, GenerateRootGivesAMaskedRootToken) {
  TestGate gate;
  const std::string attempt = "/v1/sys/generate-root/attempt";
  EXPECT_EQ(gate.as_root("GET", attempt).text("started"), "false");
  const TestAnswer begun = gate.as_root("PUT", attempt, "{}");
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(begun.text("otp_length"), std::to_string(begun.text("otp").size()));
  EXPECT_EQ(gate.as_root("GET", attempt).text("otp"), "") << "shown once";
  EXPECT_EQ(gate.as_root("PUT", attempt, "{}").status, 400);
  const std::string nonce = begun.text("nonce");
  const std::string update = "/v1/sys/generate-root/update";
  EXPECT_EQ(gate.as_root("PUT", update, share_body(gate.shares()[0], "other")).status, 400);
  EXPECT_EQ(gate.as_root("PUT", update, share_body(gate.shares()[0], nonce)).text("progress"), "1");
  const TestAnswer done = gate.as_root("PUT", update, share_body(gate.shares()[1], nonce));
  ASSERT_EQ(done.text("complete"), "true") << done.body;
  EXPECT_EQ(done.text("progress"), "2");

  const std::string masked = done.text("encoded_token");
  const TestAnswer decoded =
      gate.call("PUT",
                "/v1/sys/decode-token",
                R"({"encoded_token":")" + masked + R"(","otp":")" + begun.text("otp") + R"("})",
                "");
  const std::string token = decoded.text("data", "token");
  EXPECT_TRUE(token.starts_with("hvs.")) << decoded.body;
  EXPECT_EQ(gate.call("GET", "/v1/sys/audit", "", token).status, 200);
  EXPECT_EQ(gate.as_root("GET", attempt).text("started"), "false");
}

TEST(SysKeys, GenerateRootMasksWithTheCallersPassword) {
  TestGate gate;
  const std::string attempt = "/v1/sys/generate-root/attempt";
  const std::string chosen = "BMjzW3wAsEzINXCM05Wbas3u9zSl";
  for (const std::string& unfit : {chosen.substr(1), chosen + "x"}) {
    EXPECT_EQ(gate.as_root("PUT", attempt, R"({"otp":")" + unfit + R"("})").status, 400);
  }
  EXPECT_EQ(gate.as_root("GET", attempt).text("started"), "false");
  const TestAnswer begun = gate.as_root("PUT", attempt, R"({"otp":")" + chosen + R"("})");
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(begun.text("otp"), "") << "the caller has it";
  const std::string update = "/v1/sys/generate-root/update";
  gate.as_root("PUT", update, share_body(gate.shares()[0], begun.text("nonce")));
  const TestAnswer done =
      gate.as_root("PUT", update, share_body(gate.shares()[1], begun.text("nonce")));
  Bytes octets = *base64_decode(done.text("encoded_root_token"), Base64::standard_raw);
  ASSERT_EQ(octets.size(), chosen.size());
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= as_bytes(chosen)[i];
  EXPECT_TRUE(as_text(octets).starts_with("hvs."));
  EXPECT_EQ(gate.call("GET", "/v1/sys/audit", "", std::string(as_text(octets))).status, 200);
}

TEST(SysKeys, CeremoniesNeedATokenWithSudo) {
  TestGate gate;
  for (const std::string_view path : {"generate-root/attempt", "rekey/init", "rekey/verify"}) {
    for (const std::string_view method : {"GET", "PUT", "DELETE"}) {
      const std::string target = "/v1/sys/" + std::string(path);
      EXPECT_EQ(gate.call(method, target, "", "").status, 403) << method << " " << path;
    }
  }
}

TEST(SysKeys, RekeyReplacesTheSharesAtOnceWithoutVerification) {
  TestGate gate;
  const TestAnswer begun =
      gate.as_root("PUT", "/v1/sys/rekey/init", R"({"secret_shares":1,"secret_threshold":1})");
  ASSERT_EQ(begun.text("started"), "true") << begun.body;
  EXPECT_EQ(begun.text("required"), "2");
  const std::string nonce = begun.text("nonce");
  gate.as_root("PUT", "/v1/sys/rekey/update", share_body(gate.shares()[2], nonce));
  const TestAnswer done =
      gate.as_root("PUT", "/v1/sys/rekey/update", share_body(gate.shares()[0], nonce));
  ASSERT_EQ(done.text("complete"), "true") << done.body;
  const std::string key = item(done.text("keys"), 0);
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/rotate").status, 204) << "under the new root key";
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  const auto unseal = [&](const std::string& share) {
    return gate.call("PUT", "/v1/sys/unseal", R"({"key":")" + share + R"("})", "");
  };
  EXPECT_EQ(unseal(gate.shares()[0]).status, 400);
  EXPECT_EQ(unseal(key).text("sealed"), "false");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/key-status").text("data", "term"), "2");
}

TEST(SysKeys, RekeyWaitsForTheNewSharesWhenVerificationIsRequired) {
  TestGate gate;
  const TestAnswer begun =
      gate.as_root("PUT",
                   "/v1/sys/rekey/init",
                   R"({"secret_shares":3,"secret_threshold":2,"require_verification":true})");
  const std::string nonce = begun.text("nonce");
  const std::string update = "/v1/sys/rekey/update";
  const std::string verify = "/v1/sys/rekey/verify";
  gate.as_root("PUT", update, share_body(gate.shares()[0], nonce));
  const TestAnswer made = gate.as_root("PUT", update, share_body(gate.shares()[1], nonce));
  ASSERT_EQ(made.text("verification_required"), "true") << made.body;
  EXPECT_EQ(gate.lifecycle.record()->generation, 1U) << "the old shares still count";
  // The keyring moves on while operators are busy.
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/rotate").status, 204);

  const std::string first = made.text("verification_nonce");
  EXPECT_EQ(
      gate.as_root("PUT", verify, share_body(item(made.text("keys"), 0), first)).text("progress"),
      "1");
  const TestAnswer again = gate.as_root("DELETE", verify);
  EXPECT_NE(again.text("nonce"), first);
  EXPECT_EQ(again.text("progress"), "0");
  for (const std::size_t i : {0U, 2U}) {
    const TestAnswer given =
        gate.as_root("PUT", verify, share_body(item(made.text("keys"), i), again.text("nonce")));
    EXPECT_EQ(given.text("complete"), i == 2U ? "true" : "") << given.body;
  }
  EXPECT_EQ(gate.lifecycle.record()->generation, 2U);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/rekey/init").text("started"), "false");
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  for (const std::size_t i : {0U, 1U}) {
    gate.call("PUT", "/v1/sys/unseal", R"({"key":")" + item(made.text("keys"), i) + R"("})", "");
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/key-status").text("data", "term"), "2");
}

TEST(SysKeys, SealingForgetsCeremoniesUnderWay) {
  TestGate gate;
  const std::string nonce =
      gate.as_root("PUT",
                   "/v1/sys/rekey/init",
                   R"({"secret_shares":1,"secret_threshold":1,"require_verification":true})")
          .text("nonce");
  for (const std::size_t i : {0U, 1U}) {
    gate.as_root("PUT", "/v1/sys/rekey/update", share_body(gate.shares()[i], nonce));
  }
  ASSERT_EQ(gate.as_root("GET", "/v1/sys/rekey/verify").text("started"), "true");
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/generate-root/attempt").text("started"), "true");
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  for (const std::size_t i : {0U, 1U}) {
    gate.call("PUT", "/v1/sys/unseal", R"({"key":")" + gate.shares()[i] + R"("})", "");
  }
  for (const std::string path : {"rekey/init", "rekey/verify", "generate-root/attempt"}) {
    EXPECT_EQ(gate.as_root("GET", "/v1/sys/" + path).text("started"), "false") << path;
  }
}

TEST(SysKeys, AnAttemptEndsOnlyWhenTheEventThatSaysSoIsDurable) {
  TestGate gate;
  for (const std::string path : {"rekey/init", "generate-root/attempt"}) {
    const std::string target = "/v1/sys/" + path;
    ASSERT_EQ(gate.as_root("PUT", target).text("started"), "true");
    gate.store.fail = work::TestStore::Fail::commit;
    EXPECT_EQ(gate.as_root("DELETE", target).status, 503);
    gate.store.fail = work::TestStore::Fail::nothing;
    EXPECT_EQ(gate.as_root("GET", target).text("started"), "true") << path;
    EXPECT_EQ(gate.as_root("DELETE", target).status, 204);
    EXPECT_EQ(gate.as_root("GET", target).text("started"), "false") << path;
  }
}

TEST(SysKeys, RotateRootIsTheSameRekeyInAnEnvelope) {
  TestGate gate;
  const TestAnswer begun = gate.as_root(
      "POST", "/v1/sys/rotate/root/init", R"({"secret_shares":1,"secret_threshold":1})");
  const std::string nonce = begun.text("data", "nonce");
  ASSERT_FALSE(nonce.empty()) << begun.body;
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/rekey/init").text("nonce"), nonce);
  const std::string update = "/v1/sys/rotate/root/update";
  EXPECT_EQ(
      gate.as_root("POST", update, share_body(gate.shares()[2], nonce)).text("data", "progress"),
      "1");
  const TestAnswer done = gate.as_root("POST", update, share_body(gate.shares()[0], nonce));
  ASSERT_EQ(done.text("data", "complete"), "true") << done.body;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/seal").status, 204);
  const std::string key = item(done.text("data", "keys"), 0);
  EXPECT_EQ(gate.call("PUT", "/v1/sys/unseal", R"({"key":")" + key + R"("})", "").text("sealed"),
            "false");
}

TEST(SysKeys, ThereAreNoRecoveryKeys) {
  TestGate gate;
  for (const std::string_view path :
       {"rotate/recovery/init", "rotate/recovery/update", "rekey-recovery-key/init"}) {
    const TestAnswer refused = gate.as_root("POST", "/v1/sys/" + std::string(path), "{}");
    EXPECT_EQ(refused.status, 400) << path << refused.body;
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/rekey/init").text("started"), "false");
}

TEST(SysKeys, BackupIsEmptyAndPgpRefused) {
  TestGate gate;
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/rekey/backup").error(), "no backed-up keys found");
  EXPECT_EQ(gate.as_root("PUT",
                         "/v1/sys/rekey/init",
                         R"({"secret_shares":1,"secret_threshold":1,"pgp_keys":["k"]})")
                .status,
            400);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/rekey/init").text("started"), "false");
}

TEST(SysKeys, CountWhatTheyEncrypted) {
  TestGate gate;
  const auto count = [&] {
    return std::stoll(gate.as_root("GET", "/v1/sys/key-status").text("data", "encryptions"));
  };
  const auto before = count();
  ASSERT_EQ(gate.as_root("POST", "/v1/cubbyhole/x", R"({"a":1})").status, 204);
  EXPECT_EQ(count(), before + 1);
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/rotate").status, 204);
  EXPECT_EQ(count(), 0) << "none with the new term yet";
}

}  // namespace
}  // namespace coffer::dialects::vault
