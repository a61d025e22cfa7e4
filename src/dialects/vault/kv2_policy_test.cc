// Secrets that AWS's clients gave a policy or a master key, and tokens that carry a policy, asked
// for through KV.
#include "dialects/vault/test_gate.h"
#include "domain/secrets/managed_secrets.h"
#include "gate/housekeeper.h"

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
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
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

TEST_F(Kv2Policy, ASecretsPolicyHoldsForListingsWithDetails) {
  const std::string token = gate_.token_with(kWide);
  const auto shown = [&](std::string_view name) {
    const TestAnswer listed = gate_.call("LIST", "/v1/secret/detailed-metadata", "", token);
    EXPECT_EQ(listed.status, 200) << listed.body;
    return !listed.text("data", "key_info", name).empty();
  };
  EXPECT_TRUE(shown("app"));
  put_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"secretsmanager:DescribeSecret","Resource":"*"})");
  EXPECT_EQ(status("GET", "metadata/app", token), 403);
  EXPECT_FALSE(shown("app"));
  EXPECT_TRUE(shown("other"));
}

// As DeleteSecret with a recovery window leaves it.
TEST_F(Kv2Policy, ASecretThatWaitsForItsEndDoesNotHideItsFolder) {
  commit([&](work::View& view, const gate::UnsealedPtr& unsealed) {
    const auto found = domain::Mounts(view).resolve(domain::MountKind::secret, "secret/");
    domain::ManagedSecrets secrets(
        view, found->mount->id, unsealed->aws_account, unsealed->secrets);
    const auto secret = secrets.find("app");
    ASSERT_TRUE(secret);
    ASSERT_TRUE(secrets.schedule_deletion(*secret, std::chrono::hours(24 * 7)));
  });
  ASSERT_EQ(gate_.as_root("GET", "/v1/secret/metadata/app").status, 404);
  const TestAnswer listed = gate_.as_root("LIST", "/v1/secret/detailed-metadata");
  EXPECT_EQ(listed.status, 200);
  EXPECT_FALSE(listed.text("data", "key_info", "other").empty()) << listed.body;
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

// "app" under the key "cmk", as UpdateSecret with a KmsKeyId leaves it.
class Kv2UnderAKey : public Kv2Policy {
 protected:
  Kv2UnderAKey() {
    gate_.as_root("POST", "/v1/sys/mounts/transit", R"({"type":"transit"})");
    EXPECT_EQ(gate_.as_root("POST", "/v1/transit/keys/cmk").status, 200);
    with_key(
        [&](work::View& view, const gate::UnsealedPtr& unsealed, const domain::WrapUnder& under) {
          const auto found = domain::Mounts(view).resolve(domain::MountKind::secret, "secret/");
          domain::ManagedSecrets secrets(
              view, found->mount->id, unsealed->aws_account, unsealed->secrets);
          const auto secret = secrets.find("app");
          ASSERT_TRUE(secret);
          ASSERT_TRUE(secrets.update(*secret, {.kms_key = "cmk", .under = &under}));
          arn_ = secrets.arn((*secret)->row);
        });
  }

  void with_key(
      const std::function<void(work::View&, const gate::UnsealedPtr&, const domain::WrapUnder&)>&
          change) {
    commit([&](work::View& view, const gate::UnsealedPtr& unsealed) {
      const auto mount = domain::Mounts(view).resolve(domain::MountKind::secret, "transit/");
      domain::MasterKeys keys(view, mount->mount->id, unsealed->kms);
      const auto key = keys.find("cmk");
      ASSERT_TRUE(key && *key);
      change(view, unsealed, {mount->mount->id, *key});
    });
  }

  // As PutKeyPolicy does.
  void put_key_policy(const std::string& statement) {
    with_key(
        [&](work::View& view, const gate::UnsealedPtr& unsealed, const domain::WrapUnder& under) {
          domain::MasterKeys keys(view, under.mount, unsealed->kms);
          ASSERT_TRUE(keys.describe(
              under.key->row,
              {.policy = R"({"Version":"2012-10-17","Statement":[)" + statement + "]}"}));
        });
  }

  // What of reading, reading names, writing and patching the token may: "read subkeys write patch".
  std::string allowed(const std::string& token) {
    std::string out;
    const auto note = [&](std::string_view what, int answered) {
      if (answered == 200) out += (out.empty() ? "" : " ") + std::string(what);
      EXPECT_TRUE(answered == 200 || answered == 403) << what << " " << answered;
    };
    note("read", status("GET", "data/app", token));
    note("subkeys", status("GET", "subkeys/app", token));
    note("write", status("POST", "data/app", token));
    note("patch",
         gate_
             .call("PATCH",
                   "/v1/secret/data/app",
                   R"({"data":{"a":"d"}})",
                   token,
                   {{"content-type", "application/merge-patch+json"}})
             .status);
    return out;
  }

  std::string token_that_may(std::string_view more) {
    return gate_.token_with(
        "path \"secret/*\" {\n  capabilities = [\"create\", \"update\", "
        "\"read\", \"patch\", \"delete\"]\n}\n" +
        std::string(more));
  }

  static std::string may(std::string_view path) {
    return "path \"" + std::string(path) + "\" {\n  capabilities = [\"update\"]\n}\n";
  }

  std::string arn_;
};

TEST_F(Kv2UnderAKey, TheValueNeedsTheKeyAsWell) {
  EXPECT_EQ(allowed(token_that_may("")), "");
  EXPECT_EQ(allowed(token_that_may(may("transit/decrypt/cmk"))), "read subkeys");
  EXPECT_EQ(allowed(token_that_may(may("transit/encrypt/cmk"))), "write");
  const std::string both = token_that_may(may("transit/decrypt/cmk") + may("transit/encrypt/cmk"));
  EXPECT_EQ(allowed(both), "read subkeys write patch");
  EXPECT_EQ(allowed(gate_.root()), "read subkeys write patch");
}

TEST_F(Kv2UnderAKey, WhatIsAboutNoValueNeedsNoKey) {
  const std::string token = token_that_may("");
  EXPECT_EQ(status("GET", "metadata/app", token), 200);
  EXPECT_EQ(status("GET", "data/other", token), 200);
  EXPECT_EQ(status("DELETE", "data/app", token), 204);
  EXPECT_EQ(status("DELETE", "metadata/app", token), 204);
}

TEST_F(Kv2UnderAKey, TheKeysPolicyIsAsked) {
  const std::string both = token_that_may(may("transit/decrypt/cmk") + may("transit/encrypt/cmk"));
  const std::string account =
      R"("Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Resource":"*")";
  put_key_policy(R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},)"
                 R"("Action":"kms:*","Resource":"*"})");
  EXPECT_EQ(allowed(both), "");
  put_key_policy(R"({"Effect":"Allow","Action":"kms:Decrypt",)" + account + "}");
  EXPECT_EQ(allowed(both), "read subkeys");
  EXPECT_EQ(allowed(token_that_may("")), "");  // it is left to the account, which allows nothing
  put_key_policy(R"({"Effect":"Allow","Action":"kms:*",)" + account + R"(},{"Effect":"Deny",)" +
                 R"("Principal":"*","Action":"kms:Decrypt","Resource":"*"})");
  EXPECT_EQ(allowed(both), "write");
}

TEST_F(Kv2UnderAKey, TheKeysPolicyMaySayForWhichSecretsAndService) {
  const std::string token = token_that_may(may("transit/decrypt/cmk"));
  const auto put = [&](const std::string& service, const std::string& secret) {
    put_key_policy(
        R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},)"
        R"("Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":")" +
        service + R"(","kms:EncryptionContext:SecretARN":")" + secret + R"("}}})");
  };
  put("secretsmanager.us-east-1.amazonaws.com", arn_);
  EXPECT_EQ(status("GET", "data/app", token), 200);
  put("secretsmanager.us-east-1.amazonaws.com", arn_ + "x");
  EXPECT_EQ(status("GET", "data/app", token), 403);
  put("ssm.us-east-1.amazonaws.com", arn_);
  EXPECT_EQ(status("GET", "data/app", token), 403);
}

// A token may carry a policy of IAM, for the secret and for the key.
TEST_F(Kv2UnderAKey, APolicyOfIamMayAllowBoth) {
  const auto token_of = [&](const std::string& name, const std::string& actions) {
    commit([&](work::View& view, const gate::UnsealedPtr& unsealed) {
      ASSERT_TRUE(domain::Policies(view, unsealed->policies)
                      .write(name,
                             policy::Language::iam,
                             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                             R"("Action":[)" +
                                 actions + R"(],"Resource":"*"}]})"));
    });
    return gate_.as_root("POST", "/v1/auth/token/create", R"({"policies":[")" + name + "\"]}")
        .text("auth", "client_token");
  };
  EXPECT_EQ(status("GET", "data/app", token_of("iam:half", R"("secretsmanager:*")")), 403);
  EXPECT_EQ(status("GET", "data/app", token_of("iam:both", R"("secretsmanager:*","kms:Decrypt")")),
            200);
}

// Who may not ask is not told that the key is gone.
TEST_F(Kv2UnderAKey, AKeyThatIsGoneRefusesThoseWhoMayAsk) {
  with_key(
      [&](work::View& view, const gate::UnsealedPtr& unsealed, const domain::WrapUnder& under) {
        ASSERT_TRUE(domain::MasterKeys(view, under.mount, unsealed->kms).remove(under.key->row));
      });
  EXPECT_EQ(status("GET", "data/app", token_that_may("")), 400);
  EXPECT_EQ(status("GET", "data/app", gate_.token_with(may("sys/x"))), 403);
}

TEST_F(Kv2UnderAKey, AKeyThatItNeedsIsNotDeletedOrReplaced) {
  constexpr std::string_view kKey = "/v1/transit/keys/cmk";
  constexpr std::string_view kRefusal =
      "1 secret is still encrypted under this key: give them another key or destroy them first";
  ASSERT_EQ(gate_
                .as_root("POST",
                         std::string(kKey) + "/config",
                         R"({"deletion_allowed":true,"exportable":true,)"
                         R"("allow_plaintext_backup":true})")
                .status,
            200);
  const TestAnswer refused = gate_.as_root("DELETE", kKey);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), kRefusal);
  const std::string backup = gate_.as_root("GET", "/v1/transit/backup/cmk").text("data", "backup");
  ASSERT_NE(backup, "");
  const TestAnswer kept = gate_.as_root(
      "POST", "/v1/transit/restore/cmk", R"({"force":true,"backup":")" + backup + "\"}");
  EXPECT_EQ(kept.status, 400);
  EXPECT_EQ(kept.error(), kRefusal);
  EXPECT_EQ(status("GET", "data/app", gate_.root()), 200);
  ASSERT_EQ(gate_.as_root("DELETE", "/v1/secret/metadata/app").status, 204);
  EXPECT_EQ(gate_.as_root("DELETE", kKey).status, 204);
}

TEST_F(Kv2UnderAKey, AKeyThatItNeedsOutlivesItsWaitingPeriod) {
  gate::Housekeeper housekeeper(gate_.lifecycle, gate_.clock, *gate_.random, "node");
  const auto change = [&](auto step) {
    with_key(
        [&](work::View& view, const gate::UnsealedPtr& unsealed, const domain::WrapUnder& under) {
          domain::MasterKeys keys(view, under.mount, unsealed->kms);
          ASSERT_TRUE(step(keys, under.key->row));
        });
  };
  const auto schedule = [](domain::MasterKeys& keys, const domain::MasterKeyRow& key) {
    return keys.schedule_deletion(key, domain::kMinDeletionWait);
  };
  change(schedule);
  gate_.clock.advance(domain::kMinDeletionWait);
  (void)gate_.events();
  ASSERT_TRUE(housekeeper.tend_keys());
  const auto events = gate_.events();
  ASSERT_FALSE(events.empty());  // and one with dates of last use
  EXPECT_EQ(events.front().type, proof::EventType::key_state_changed);
  EXPECT_EQ(events.front().reason,
            "its waiting period is over, but secrets depend on it: it is kept");
  EXPECT_EQ(events.front().facts.front().value, "1");
  EXPECT_EQ(status("GET", "data/app", gate_.root()), 400);  // pending, as before
  change([](auto& keys, const auto& key) { return keys.cancel_deletion(key); });
  change([](auto& keys, const auto& key) { return keys.set_enabled(key, true); });
  EXPECT_EQ(status("GET", "data/app", gate_.root()), 200);

  change(schedule);
  ASSERT_EQ(gate_.as_root("DELETE", "/v1/secret/metadata/app").status, 204);
  gate_.clock.advance(domain::kMinDeletionWait);
  ASSERT_TRUE(housekeeper.tend_keys());
  EXPECT_EQ(gate_.as_root("GET", "/v1/transit/keys/cmk").status, 404);
}

TEST_F(Kv2UnderAKey, AVersionThatItNeedsIsNotTrimmedAway) {
  const auto post = [&](std::string_view path, std::string_view body) {
    return gate_.as_root("POST", "/v1/transit/keys/cmk/" + std::string(path), body);
  };
  EXPECT_EQ(post("rotate", "{}").status, 200);
  constexpr std::string_view kNewest = R"({"min_decryption_version":2,"min_encryption_version":2})";
  constexpr std::string_view kTrim = R"({"min_available_version":2})";
  EXPECT_EQ(post("config", kNewest).status, 200);
  const TestAnswer refused = post("trim", kTrim);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(),
            "secrets are still encrypted under versions before 2: rewrap them first (coffer keys "
            "rewrap)");
  EXPECT_EQ(post("config", R"({"min_decryption_version":1})").status, 200);
  EXPECT_EQ(status("GET", "data/app", gate_.root()), 200);  // the version is still there
  with_key(
      [&](work::View& view, const gate::UnsealedPtr& unsealed, const domain::WrapUnder& under) {
        const auto needing = domain::wrapped_below(view, *under.key->row.uid, 2, 2);
        ASSERT_TRUE(needing && needing->size() == 1);
        const auto moved = domain::rewrap_data_key(view, unsealed->kms, needing->front());
        ASSERT_TRUE(moved && *moved);
      });
  EXPECT_EQ(post("config", kNewest).status, 200);
  EXPECT_EQ(post("trim", kTrim).status, 200);
  EXPECT_EQ(status("GET", "data/app", gate_.root()), 200);
}

}  // namespace
}  // namespace coffer::dialects::vault
