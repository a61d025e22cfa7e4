// Who may use a key: key policies and grants, for users who sign.
#include "dialects/aws/kms_test.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kBob = "arn:aws:iam::123456789012:user/bob";
constexpr std::string_view kDenied = "AccessDeniedException";

class KmsGrantsTest : public KmsDialectTest {
 protected:
  TestAnswer grant(std::string_view more) {
    return call(
        "CreateGrant",
        with_key(id_, R"(,"GranteePrincipal":")" + std::string(kBob) + "\"" + std::string(more)));
  }

  // The name of bob's error, or "".
  std::string bob_decrypts(const std::string& blob, std::string_view more = "") {
    const TestAnswer answer =
        call_as(bob_, "Decrypt", R"({"CiphertextBlob":")" + blob + "\"" + std::string(more) + "}");
    return answer.status == 200 ? "" : answer.text("__type");
  }

  std::string put_policy(std::string_view statements, bool bypass = false) {
    std::string text = R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}";
    for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) {
      text.insert(at, "\\");
    }
    return error("PutKeyPolicy",
                 with_key(id_,
                          R"(,"Policy":")" + text + "\"" +
                              (bypass ? R"(,"BypassPolicyLockoutSafetyCheck":true)" : "")));
  }

  const gate::TestKey bob_ = gate::make_aws_user(gate_, "bob");
  const std::string id_ = make();
};

TEST_F(KmsGrantsTest, AGrantAllowsUntilItIsRevoked) {
  const std::string blob = encrypt(id_);
  EXPECT_EQ(bob_decrypts(blob), kDenied);
  const TestAnswer made = grant(R"(,"Operations":["Decrypt"])");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.text("GrantId").size(), 64U);
  EXPECT_EQ(bob_decrypts(blob), "");
  EXPECT_EQ(bob_decrypts(blob, R"(,"GrantTokens":[")" + made.text("GrantToken") + "\"]"), "");
  EXPECT_EQ(bob_decrypts(blob, R"(,"GrantTokens":["bogus"])"), "InvalidGrantTokenException");
  EXPECT_EQ(error_as(bob_, "Encrypt", with_key(id_, R"(,"Plaintext":"aGVsbG8=")")).substr(0, 21),
            kDenied);
  const std::string listed = call("ListGrants", with_key(id_)).text("Grants");
  EXPECT_NE(listed.find(made.text("GrantId")), std::string::npos);
  EXPECT_NE(listed.find(R"("Operations":["Decrypt"])"), std::string::npos) << listed;
  ASSERT_EQ(error("RevokeGrant", with_key(id_, R"(,"GrantId":")" + made.text("GrantId") + "\"")),
            "");
  EXPECT_EQ(bob_decrypts(blob), kDenied);
  EXPECT_EQ(call("ListGrants", with_key(id_)).text("Grants"), "[]");
}

TEST_F(KmsGrantsTest, ConstraintsAreAboutTheContext) {
  const std::string context = R"(,"EncryptionContext":{"app":"x","env":"y"})";
  const std::string blob = encrypt(id_, context);
  ASSERT_EQ(
      grant(R"(,"Operations":["Decrypt"],"Constraints":{"EncryptionContextEquals":{"app":"x"}})")
          .status,
      200);
  EXPECT_EQ(bob_decrypts(blob, context), kDenied);
  ASSERT_EQ(
      grant(R"(,"Operations":["Decrypt"],"Constraints":{"EncryptionContextSubset":{"app":"x"}})")
          .status,
      200);
  EXPECT_EQ(bob_decrypts(blob, context), "");
  EXPECT_EQ(bob_decrypts(encrypt(id_)), kDenied);
}

TEST_F(KmsGrantsTest, TheSameNameGivesTheSameGrantAndANewToken) {
  const TestAnswer first = grant(R"(,"Operations":["Decrypt"],"Name":"once")");
  const TestAnswer again = grant(R"(,"Operations":["Decrypt"],"Name":"once")");
  EXPECT_EQ(first.text("GrantId"), again.text("GrantId"));
  EXPECT_NE(first.text("GrantToken"), again.text("GrantToken"));
  EXPECT_NE(first.text("GrantId"), grant(R"(,"Operations":["Decrypt"])").text("GrantId"));
}

TEST_F(KmsGrantsTest, RetiringPrincipalsAndGranteesEndGrants) {
  const auto carol = gate::make_aws_user(gate_, "carol");
  const std::string retiring = R"(,"RetiringPrincipal":"arn:aws:iam::123456789012:user/carol")";
  const TestAnswer made = grant(R"(,"Operations":["Decrypt"])" + retiring);
  const std::string by_token = R"({"GrantToken":")" + made.text("GrantToken") + "\"}";
  EXPECT_EQ(error_as(bob_, "RetireGrant", by_token).substr(0, 21), kDenied);
  const std::string mine =
      call("ListRetirableGrants", R"({"RetiringPrincipal":"arn:aws:iam::123456789012:user/carol"})")
          .text("Grants");
  EXPECT_NE(mine.find(made.text("GrantId")), std::string::npos);
  EXPECT_EQ(error_as(carol, "RetireGrant", by_token), "");
  EXPECT_EQ(error_as(carol, "RetireGrant", by_token).substr(0, 17), "NotFoundException");
  const TestAnswer own = grant(R"(,"Operations":["Decrypt","RetireGrant"])");
  EXPECT_EQ(
      error_as(
          bob_, "RetireGrant", with_key(arn(id_), R"(,"GrantId":")" + own.text("GrantId") + "\"")),
      "");
}

TEST_F(KmsGrantsTest, AGranteePassesOnNoMoreThanHeHas) {
  ASSERT_EQ(grant(R"(,"Operations":["Decrypt","CreateGrant"])").status, 200);
  const auto pass_on = [&](std::string_view operations) {
    return error_as(
        bob_,
        "CreateGrant",
        with_key(id_,
                 R"(,"GranteePrincipal":"arn:aws:iam::123456789012:user/dave","Operations":[)" +
                     std::string(operations) + "]"));
  };
  EXPECT_EQ(pass_on(R"("Decrypt")"), "");
  EXPECT_EQ(pass_on(R"("Encrypt")").substr(0, 21), kDenied);
}

TEST_F(KmsGrantsTest, AKeyPolicyAllowsByNameAndKeepsTheAccountOut) {
  const std::string blob = encrypt(id_);
  const auto admin = gate::make_aws_administrator(gate_);
  EXPECT_EQ(error_as(admin, "DescribeKey", with_key(id_)), "");
  const std::string bobs = R"({"Effect":"Allow","Principal":{"AWS":")" + std::string(kBob) +
                           R"("},"Action":"kms:Decrypt","Resource":"*"})";
  EXPECT_EQ(put_policy(bobs),
            "MalformedPolicyDocumentException: The new key policy will not allow you to update the "
            "key policy in the future.");
  ASSERT_EQ(put_policy(bobs, true), "");
  EXPECT_EQ(bob_decrypts(blob), "");
  EXPECT_EQ(error_as(admin, "Decrypt", R"({"CiphertextBlob":")" + blob + "\"}").substr(0, 21),
            kDenied);
  const std::string shown = call("GetKeyPolicy", with_key(id_)).text("Policy");
  EXPECT_NE(shown.find("user/bob"), std::string::npos) << shown;
}

TEST_F(KmsGrantsTest, ADenialOfTheKeyPolicyBeatsAGrant) {
  const std::string blob = encrypt(id_);
  ASSERT_EQ(grant(R"(,"Operations":["Decrypt"])").status, 200);
  EXPECT_EQ(bob_decrypts(blob), "");
  ASSERT_EQ(put_policy(R"({"Effect":"Deny","Principal":{"AWS":")" + std::string(kBob) +
                           R"("},"Action":"kms:Decrypt","Resource":"*"})",
                       true),
            "");
  EXPECT_EQ(bob_decrypts(blob), kDenied);
}

TEST_F(KmsGrantsTest, PrincipalsAreNamedByTheirArn) {
  const auto made = [&](std::string_view grantee, std::string_view retiring) {
    return error(
        "CreateGrant",
        with_key(id_,
                 R"(,"Operations":["Decrypt"],"GranteePrincipal":")" + std::string(grantee) +
                     R"(","RetiringPrincipal":")" + std::string(retiring) + "\""));
  };
  for (const std::string_view good : {"123456789012",
                                      "arn:aws:iam::123456789012:root",
                                      "arn:aws:iam::123456789012:role/a/b",
                                      "arn:aws:sts::123456789012:assumed-role/r/s",
                                      "arn:aws:sts::123456789012:federated-user/f"}) {
    EXPECT_EQ(made(good, kBob), "");
    EXPECT_EQ(made(kBob, good), "");
  }
  for (const std::string_view bad : {"bob",
                                     "12345678901",
                                     "lambda.amazonaws.com",
                                     "arn:aws:iam::123456789012:user/",
                                     "arn:aws:iam::123456789012:group/g",
                                     "arn:aws:iam::12345:user/bob",
                                     "arn:aws:sts::123456789012:assumed-role/r",
                                     "arn:aws:s3:::bucket/x"}) {
    EXPECT_EQ(made(bad, kBob).substr(0, 19), "InvalidArnException") << bad;
    EXPECT_EQ(made(kBob, bad).substr(0, 19), "InvalidArnException") << bad;
  }
}

TEST_F(KmsGrantsTest, ListingsComeInPagesThatAreBounded) {
  std::string last;
  for (int i = 0; i < 5; ++i) {
    last = grant(R"(,"Operations":["Decrypt"],"RetiringPrincipal":")" + std::string(kBob) + "\"")
               .text("GrantId");
  }
  const auto one = call("ListGrants", with_key(id_, R"(,"GrantId":")" + last + "\""));
  EXPECT_NE(one.text("Grants").find(last), std::string::npos);
  EXPECT_EQ(one.text("Truncated"), "false");
  EXPECT_EQ(call("ListGrants", with_key(id_, R"(,"GrantId":"00")")).text("Grants"), "[]");
  EXPECT_EQ(
      call("ListGrants",
           with_key(id_,
                    R"(,"GranteePrincipal":"arn:aws:iam::123456789012:user/eve","GrantId":")" +
                        last + "\""))
          .text("Grants"),
      "[]");
  const auto count = [&](std::string_view operation, const std::string& body) {
    std::size_t seen = 0;
    std::string marker;
    for (int page = 0; page < 10; ++page) {
      const TestAnswer answer = call(operation, body + marker + "}");
      EXPECT_EQ(answer.status, 200) << answer.body;
      const std::string grants = answer.text("Grants");
      for (auto at = grants.find("GrantId"); at != std::string::npos;
           at = grants.find("GrantId", at + 1)) {
        ++seen;
      }
      if (answer.text("Truncated") == "false") break;
      marker = R"(,"Marker":")" + answer.text("NextMarker") + "\"";
    }
    return seen;
  };
  EXPECT_EQ(count("ListGrants", R"({"Limit":2,"KeyId":")" + id_ + "\""), 5U);
  EXPECT_EQ(count("ListRetirableGrants",
                  R"({"Limit":2,"RetiringPrincipal":")" + std::string(kBob) + "\""),
            5U);
}

TEST_F(KmsGrantsTest, AListingLooksAtSomeThousandGrantsAndNoMore) {
  for (int i = 0; i < 1001; ++i) {
    const std::string grantee = "arn:aws:iam::123456789012:user/u" + std::to_string(i % 2);
    ASSERT_EQ(
        error(
            "CreateGrant",
            with_key(id_, R"(,"GranteePrincipal":")" + grantee + R"(","Operations":["Decrypt"])")),
        "");
  }
  const std::string nobodys = R"(,"GranteePrincipal":"arn:aws:iam::123456789012:user/none")";
  const TestAnswer first = call("ListGrants", with_key(id_, nobodys));
  EXPECT_EQ(first.text("Grants"), "[]");
  EXPECT_EQ(first.text("Truncated"), "true");
  const TestAnswer second = call(
      "ListGrants", with_key(id_, nobodys + R"(,"Marker":")" + first.text("NextMarker") + "\""));
  EXPECT_EQ(second.text("Grants"), "[]");
  EXPECT_EQ(second.text("Truncated"), "false");
}

TEST_F(KmsGrantsTest, AnAccountIsItsRoot) {
  ASSERT_EQ(error("CreateGrant",
                  with_key(id_, R"(,"GranteePrincipal":"123456789012","Operations":["Decrypt"])")),
            "");
  EXPECT_NE(call("ListGrants", with_key(id_)).text("Grants").find("iam::123456789012:root"),
            std::string::npos);
}

TEST_F(KmsGrantsTest, PoliciesThatAreNoneAreRefused) {
  EXPECT_EQ(error("PutKeyPolicy", with_key(id_, R"(,"Policy":"new policy")")).substr(0, 32),
            "MalformedPolicyDocumentException");
  EXPECT_EQ(error("PutKeyPolicy", with_key(id_, R"(,"Policy":")" + std::string(40'000, ' ') + "\""))
                .substr(0, 22),
            "LimitExceededException");
  EXPECT_EQ(error("GetKeyPolicy", with_key(id_, R"(,"PolicyName":"other")")),
            "NotFoundException: No such policy exists");
  const std::string shown = call("GetKeyPolicy", with_key(id_)).text("Policy");
  EXPECT_NE(shown.find("arn:aws:iam::123456789012:root"), std::string::npos) << shown;
}

}  // namespace
}  // namespace coffer::dialects::aws
