#include "dialects/native/dialect.h"
#include "gate/test_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::native {
namespace {

using gate::TestAnswer;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kReadOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
constexpr std::string_view kDocument =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]})";

class AwsRoutes : public testing::Test {
 protected:
  TestAnswer put(std::string_view place, std::string_view body = "{}") {
    return gate.as_root("PUT", "/api/v1/aws/" + std::string(place), body);
  }

  TestAnswer get(std::string_view place) {
    return gate.as_root("GET", "/api/v1/aws/" + std::string(place));
  }

  TestAnswer remove(std::string_view place) {
    return gate.as_root("DELETE", "/api/v1/aws/" + std::string(place));
  }

  gate::TestGate gate{[](gate::TestGate& made) {
    std::vector<std::unique_ptr<gate::Dialect>> dialects;
    dialects.push_back(std::make_unique<NativeDialect>(Services{made.lifecycle, "1.2.3"}));
    return dialects;
  }};
};

TEST_F(AwsRoutes, MakeUsersWithKeysWhoseSecretIsShownOnce) {
  const TestAnswer made =
      put("users/bob",
          R"({"name":"Bob","policy_arns":[")" + std::string(kReadOnly) + R"("],"tags":{"a":"b"}})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.text("arn"), "arn:aws:iam::123456789012:user/Bob");
  const TestAnswer key = put("users/BOB/access-keys");
  ASSERT_EQ(key.status, 200) << key.body;
  const std::string secret = key.text("secret_access_key");
  EXPECT_EQ(secret.size(), 40U);
  const TestAnswer shown = get("users/bob");
  EXPECT_THAT(shown.body, HasSubstr(key.text("access_key_id")));
  EXPECT_THAT(shown.body, HasSubstr(kReadOnly));
  EXPECT_THAT(shown.body + get("users/bob/access-keys").body, Not(HasSubstr(secret)));
  const std::string place = "users/bob/access-keys/" + key.text("access_key_id");
  EXPECT_EQ(put(place, R"({"active":false})").status, 204);
  EXPECT_THAT(get("users/bob/access-keys").body, HasSubstr("Inactive"));
  EXPECT_EQ(remove(place).status, 204);
  EXPECT_EQ(remove(place).status, 404);
  EXPECT_EQ(remove("users/bob").status, 204);
  EXPECT_EQ(get("users/bob").status, 404);
}

TEST_F(AwsRoutes, TakeKeysThatWereChosen) {
  ASSERT_EQ(put("users/ci").status, 200);
  const TestAnswer chosen =
      put("users/ci/access-keys", R"({"access_key_id":"test","secret_access_key":"test"})");
  EXPECT_EQ(chosen.text("access_key_id"), "test") << chosen.body;
  for (const std::string_view bad : {R"({"access_key_id":"other"})",
                                     R"({"secret_access_key":"x"})",
                                     R"({"access_key_id":"test","secret_access_key":"x"})",
                                     R"({"access_key_id":"ASIATAKEN","secret_access_key":"x"})",
                                     R"({"access_key_id":"a/b","secret_access_key":"x"})",
                                     R"({"access_key_id":"abc","secret_access_key":""})"}) {
    EXPECT_NE(put("users/ci/access-keys", bad).status / 100, 2) << bad;
  }
}

TEST_F(AwsRoutes, MakeRolesAndPolicies) {
  EXPECT_EQ(put("roles/r").status, 400) << "a role needs a trust policy";
  const std::string trust =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},)"
      R"("Action":"sts:AssumeRole"}]})";
  ASSERT_EQ(put("roles/r", R"({"trust_policy":)" + trust + "}").status, 200);
  EXPECT_EQ(put("roles/r/trust", R"({"trust_policy":{}})").status, 400);
  EXPECT_EQ(put("roles/r/trust", R"({"trust_policy":)" + trust + "}").status, 204);
  const std::string document = R"({"document":)" + std::string(kDocument) + "}";
  EXPECT_EQ(put("policies/App", document).text("version"), "1");
  EXPECT_EQ(put("policies/app", document).text("version"), "2") << "the same policy, written again";
  const std::string attached = R"({"policy_arn":"arn:aws:iam::123456789012:policy/app"})";
  EXPECT_EQ(put("roles/r/attach", attached).status, 204);
  EXPECT_EQ(put("roles/r/embedded/Own", document).status, 204);
  EXPECT_THAT(get("roles/r").body, HasSubstr(R"("Own":{"Version")"));
  EXPECT_EQ(remove("policies/app").status, 409);
  EXPECT_EQ(put("roles/r/detach", attached).status, 204);
  EXPECT_EQ(remove("policies/app").status, 204);
  EXPECT_EQ(remove("roles/r/embedded/Own").status, 204);
  EXPECT_EQ(remove("roles/r").status, 204);
}

// Whoever makes keys of administrators may do everything.
TEST_F(AwsRoutes, NeedSudoToChangeAnything) {
  const std::string token = gate.token_with(
      R"(path "api/v1/aws/*" { capabilities = ["create", "read", "update", "delete"] })");
  ASSERT_EQ(put("users/bob").status, 200);
  EXPECT_EQ(gate.call("GET", "/api/v1/aws/users/bob", "", token).status, 200);
  for (const std::string_view place :
       {"users/eve", "users/bob/access-keys", "users/bob/attach", "roles/x", "policies/p"}) {
    EXPECT_EQ(gate.call("PUT", "/api/v1/aws/" + std::string(place), "{}", token).status, 403);
  }
  EXPECT_EQ(gate.call("DELETE", "/api/v1/aws/users/bob", "", token).status, 403);
}

// A denial holds whatever the spelling of the name.
TEST_F(AwsRoutes, HaveOneSpellingOfANameInPaths) {
  ASSERT_EQ(put("users/bob").status, 200);
  const std::string token = gate.token_with(
      R"(path "api/v1/aws/users/*" { capabilities = ["read"] }
         path "api/v1/aws/users/bob" { capabilities = ["deny"] })");
  EXPECT_EQ(gate.call("GET", "/api/v1/aws/users/bob", "", token).status, 403);
  EXPECT_EQ(gate.call("GET", "/api/v1/aws/users/BOB", "", token).status, 403);
}

TEST_F(AwsRoutes, TakeKeysOfKmsWithTheirIdAndMaterial) {
  constexpr std::string_view kId = "keys/1234abcd-12ab-44cd-96ef-1234567890ab";
  const std::string material = R"("material":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")";
  const TestAnswer made =
      put(kId, "{" + material + R"(,"aliases":["alias/app"],"region":"eu-west-1"})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.text("id"), "1234abcd-12ab-44cd-96ef-1234567890ab");
  EXPECT_THAT(made.body, Not(HasSubstr("AAECAwQ")));

  struct Refusal {
    std::string place, body;
    int status;
  };

  const std::string other = "keys/1234abcd-12ab-44cd-96ef-1234567890ac";
  for (const Refusal& r : std::vector<Refusal>{
           {std::string(kId), "{" + material + "}", 409},
           {other, "{" + material + R"(,"aliases":["alias/app"],"region":"eu-west-1"})", 409},
           {"keys/not-a-uuid", "{" + material + "}", 400},
           {other, "{}", 400},
           {other, R"({"material":"***"})", 400},
           {other, R"({"material":"AAEC"})", 400},
           {other, "{" + material + R"(,"key_spec":"HMAC_512"})", 400},
           {other, "{" + material + R"(,"key_spec":"RSA_2048"})", 400},
           {other, "{" + material + R"(,"key_spec":"RSA_2048","key_usage":"SIGN_VERIFY"})", 400},
           {other, "{" + material + R"(,"key_spec":"DES"})", 400},
           {other, "{" + material + R"(,"key_usage":"SIGN_VERIFY"})", 400},
           {other, "{" + material + R"(,"aliases":["app"]})", 400},
           {other, "{" + material + R"(,"aliases":["alias/aws/ssm"]})", 400}}) {
    const TestAnswer answer = put(r.place, r.body);
    EXPECT_EQ(answer.status, r.status) << r.place << " " << r.body << " " << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("AAECAwQ")));
  }
  EXPECT_EQ(put(other, "{" + material + R"(,"key_spec":"HMAC_256"})").status, 200);
}

}  // namespace
}  // namespace coffer::dialects::native
