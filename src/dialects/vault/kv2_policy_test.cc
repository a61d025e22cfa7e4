// Secrets that AWS's clients gave a policy, and tokens that carry one, asked for through KV.
#include "dialects/vault/test_gate.h"
#include "domain/secrets/managed_secrets.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kWide =
    "path \"secret/*\" {\n  capabilities = [\"create\", \"update\", \"read\", \"delete\", "
    "\"list\"]\n}\n";

class Kv2Policy : public testing::Test {
 protected:
  Kv2Policy() {
    gate_.as_root("POST", "/v1/sys/mounts/secret", R"({"type":"kv","options":{"version":"2"}})");
    EXPECT_EQ(gate_.as_root("POST", "/v1/secret/data/app", R"({"data":{"a":"b"}})").status, 200);
    EXPECT_EQ(gate_.as_root("POST", "/v1/secret/data/other", R"({"data":{"a":"b"}})").status, 200);
  }

  // Runs `change` in a unit of its own.
  void commit(const std::function<void(work::View&, const gate::UnsealedPtr&)>& change) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, store::RealmId(1), gate_.clock.now(), *gate_.random);
    change(view, unsealed);
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::policy_updated;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
    gate_.clock.advance(std::chrono::milliseconds(1));
  }

  // As PutResourcePolicy does.
  void put_policy(std::string_view statement) {
    commit([&](work::View& view, const gate::UnsealedPtr& unsealed) {
      const auto found = domain::Mounts(view).resolve(domain::MountKind::secret, "secret/");
      domain::ManagedSecrets secrets(
          view, found->mount->id, unsealed->aws_account, unsealed->secrets);
      const auto secret = secrets.find("app");
      ASSERT_TRUE(secret);
      ASSERT_TRUE(secrets.put_policy(
          *secret, R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}"));
    });
  }

  int status(std::string_view method, std::string_view path, const std::string& token) {
    const std::string_view body = method == "POST" ? R"({"data":{"a":"c"}})" : "";
    return gate_.call(method, "/v1/secret/" + std::string(path), body, token).status;
  }

  TestGate gate_;
};

TEST_F(Kv2Policy, ASecretsPolicyHoldsHereToo) {
  const std::string token = gate_.token_with(kWide);
  EXPECT_EQ(status("GET", "data/app", token), 200);
  put_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"})");
  EXPECT_EQ(status("GET", "data/app", token), 403);
  EXPECT_EQ(status("GET", "metadata/app", token), 200);
  EXPECT_EQ(status("POST", "data/app", token), 200);
  EXPECT_EQ(status("GET", "data/other", token), 200);
  put_policy(R"({"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"})");
  for (const auto& [method, path] : {std::pair("GET", "data/app"),
                                     std::pair("GET", "metadata/app"),
                                     std::pair("GET", "subkeys/app"),
                                     std::pair("POST", "data/app"),
                                     std::pair("DELETE", "data/app"),
                                     std::pair("DELETE", "metadata/app")}) {
    EXPECT_EQ(status(method, path, token), 403) << method << " " << path;
  }
}

// Nobody without another right is let in by name: no principal of IAM is here.
TEST_F(Kv2Policy, ASecretsPolicyAllowsNoTokenByItself) {
  const std::string token = gate_.token_with("path \"sys/x\" {\n  capabilities = [\"read\"]\n}\n");
  put_policy(R"({"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"*"})");
  EXPECT_EQ(status("GET", "data/app", token), 403);
}

TEST_F(Kv2Policy, TokensMayCarryPoliciesOfIam) {
  commit([&](work::View& view, const gate::UnsealedPtr& unsealed) {
    ASSERT_TRUE(
        domain::Policies(view, unsealed->policies)
            .write("iam:app",
                   policy::Language::iam,
                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                   R"("Action":["secretsmanager:GetSecretValue","secretsmanager:ListSecrets"],)"
                   R"("Resource":["arn:aws:secretsmanager:*:*:secret:app-??????"]}]})"));
  });
  const TestAnswer made =
      gate_.as_root("POST", "/v1/auth/token/create", R"({"policies":["iam:app"]})");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string token = made.text("auth", "client_token");
  EXPECT_EQ(status("GET", "data/app", token), 200);
  EXPECT_EQ(status("GET", "data/other", token), 403);
  EXPECT_EQ(status("POST", "data/app", token), 403);
  EXPECT_EQ(status("GET", "metadata/app", token), 403);
  EXPECT_EQ(status("LIST", "metadata/", token), 403);  // what has no ARN needs the star
}

}  // namespace
}  // namespace coffer::dialects::vault
