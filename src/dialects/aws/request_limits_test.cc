// Limits of rate for each principal: the groups, and what clients are told on the wire.
#include "dialects/aws/request_limits.h"

#include "dialects/aws/sts_gate.h"
#include "dialects/aws/usage_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace coffer::dialects::aws {
namespace {

using gate::make_aws_user;
using gate::TestKey;
using testing::HasSubstr;
using testing::Not;

std::vector<std::pair<Service, std::string>> all_operations() {
  std::vector<OperationTable> families;
  const Services services;
  families.push_back(kms_operations(services));
  families.push_back(secrets_operations(services));
  families.push_back(ssm_operations(services));
  families.push_back(sts_operations(services));
  families.push_back(iam_operations(services));
  families.push_back(oidc_operations());
  std::vector<std::pair<Service, std::string>> all;
  for (const OperationTable& family : families) {
    for (const AwsOperation& one : family) all.emplace_back(one.service, one.name);
  }
  return all;
}

std::string name_of(std::uint16_t group) {
  const LimitGroup& found = limit_groups()[group];
  return std::string(facts_of(found.service).name) + "." + std::string(found.name);
}

std::string group_of(std::string_view operation, std::string_view json) {
  const auto body = formats::JsonView::parse(json);
  const std::optional<LimitRule> rule = limit_rule(Service::kms, operation);
  if (!body || !rule) return "";
  return name_of(rule->by_body ? refine_limit(operation, *body, rule->group) : rule->group);
}

TEST(LimitGroups, EveryOperationIsInOneOfThem) {
  std::set<std::pair<Service, std::string>> listed;
  for (const LimitGroup& group : limit_groups()) {
    std::istringstream words(std::string(group.operations.empty() ? group.name : group.operations));
    for (std::string word; words >> word;) {
      if (word == "-" || word == "*") continue;
      EXPECT_TRUE(listed.emplace(group.service, word).second) << word << " is in two";
    }
  }
  for (const auto& [service, operation] : all_operations()) {
    EXPECT_TRUE(limit_rule(service, operation)) << operation << " is in none";
    listed.erase({service, operation});
  }
  for (const auto& [service, operation] : listed) ADD_FAILURE() << operation << " does not exist";
}

TEST(LimitGroups, TheirNamesAreTheirOwn) {
  std::set<std::string> names;
  for (std::uint16_t i = 0; i < limit_groups().size(); ++i) {
    EXPECT_TRUE(names.insert(name_of(i)).second) << name_of(i);
    EXPECT_EQ(find_limit_group(facts_of(limit_groups()[i].service).name, limit_groups()[i].name),
              i);
  }
  EXPECT_FALSE(find_limit_group("kms", "read"));
  EXPECT_FALSE(find_limit_group("s3", "all"));
}

TEST(LimitGroups, RequestsOfKmsSayByTheirAlgorithm) {
  struct Case {
    std::string_view operation;
    std::string_view body;
    std::string_view group;
  };

  const Case cases[] = {
      {"Encrypt", "{}", "kms.symmetric"},
      {"Encrypt", R"({"EncryptionAlgorithm":"SYMMETRIC_DEFAULT"})", "kms.symmetric"},
      {"Encrypt", R"({"EncryptionAlgorithm":"RSAES_OAEP_SHA_256"})", "kms.rsa"},
      {"Encrypt", R"({"EncryptionAlgorithm":"\u0052SAES_OAEP_SHA_256"})", "kms.rsa"},
      {"Encrypt", R"({"EncryptionAlgorithm":7})", "kms.symmetric"},
      {"Decrypt", R"({"EncryptionAlgorithm":"RSAES_OAEP_SHA_1"})", "kms.rsa"},
      {"ReEncrypt", R"({"DestinationEncryptionAlgorithm":"RSAES_OAEP_SHA_1"})", "kms.rsa"},
      {"GenerateDataKey", "{}", "kms.symmetric"},
      {"Sign", R"({"SigningAlgorithm":"RSASSA_PSS_SHA_256"})", "kms.rsa"},
      {"Sign", R"({"SigningAlgorithm":"ECDSA_SHA_256"})", "kms.ecc"},
      {"Verify", R"({"SigningAlgorithm":"ED25519_SHA_512"})", "kms.ecc"},
      {"DeriveSharedSecret", "{}", "kms.ecc"},
      {"GenerateDataKeyPair", R"({"KeyPairSpec":"RSA_2048"})", "kms.rsa_2048_pairs"},
      {"GenerateDataKeyPairWithoutPlaintext",
       R"({"KeyPairSpec":"RSA_4096"})",
       "kms.rsa_4096_pairs"},
      {"GenerateDataKeyPair", R"({"KeyPairSpec":"ECC_NIST_P384"})", "kms.ecc_p384_pairs"},
      {"GenerateDataKeyPair", R"({"KeyPairSpec":"ECC_NIST_P256"})", "kms.ecc_pairs"},
      {"GenerateDataKeyPair", "null", "kms.ecc_pairs"},
      {"CreateKey", "{}", "kms.CreateKey"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(group_of(one.operation, one.body), one.group) << one.operation << one.body;
  }
}

TEST(LimitGroups, PublishedRatesAreGoodOnes) {
  const auto published = published_limits();
  ASSERT_EQ(published.size(), limit_groups().size());
  for (std::uint16_t i = 0; i < published.size(); ++i) {
    if (published[i]) EXPECT_TRUE(gate::check_rate(*published[i])) << name_of(i);
  }
  const auto rate = [&](std::string_view service, std::string_view name) {
    return published.at(find_limit_group(service, name).value());
  };
  EXPECT_EQ(rate("secretsmanager", "read"), (gate::RequestRate{10'000, 10'000}));
  EXPECT_EQ(rate("kms", "GetParametersForImport"), (gate::RequestRate{0.25, 1}));
  EXPECT_EQ(rate("iam", "all"), std::nullopt);
}

// A gate with limits: once in a thousand seconds, `burst` at once.
class LimitedGate : public StsGate {
 public:
  struct Limited {
    std::string_view service;
    std::string_view group;
    double burst = 1;
  };

  explicit LimitedGate(const std::vector<Limited>& limited) {
    gate::PrincipalLimits::Options options;
    options.rates.resize(limit_groups().size());
    for (const Limited& one : limited) {
      options.rates.at(find_limit_group(one.service, one.group).value()) = {0.001, one.burst};
    }
    std::vector<std::unique_ptr<gate::Dialect>> dialects;
    dialects.push_back(make_dialect({.account = std::string(kTestAccount)}));
    gate = std::make_unique<gate::Gate>(
        gate::GateOptions{.allowed_hosts = {}, .principal_limits = std::move(options)},
        lifecycle,
        workers,
        metrics,
        clock,
        *random,
        std::move(dialects));
  }

  TestAnswer signed_json(const TestKey& key,
                         std::string_view service,
                         std::string_view target,
                         std::string_view body = "{}") {
    const gate::TestHeaders headers{{"host", "localhost"},
                                    {"content-type", "application/x-amz-json-1.1"},
                                    {"x-amz-target", std::string(target)}};
    return call("POST",
                "/",
                body,
                "",
                gate::sign(*this, key, {.service = service, .body = body, .headers = headers}));
  }
};

std::string header(const TestAnswer& answer, std::string_view name) {
  for (const auto& [known, value] : answer.headers) {
    if (known == name) return value;
  }
  return "";
}

TEST(RequestLimits, KmsAnswersInItsWords) {
  LimitedGate gate({{"kms", "symmetric", 2}});
  const TestKey key = gate::make_aws_administrator(gate);
  const std::string_view random = R"({"NumberOfBytes":8})";
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.GenerateRandom", random).status, 200);
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.GenerateRandom", random).status, 200);
  const TestAnswer refused = gate.signed_json(key, "kms", "TrentService.GenerateRandom", random);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(header(refused, "x-amzn-errortype"), "ThrottlingException");
  const std::string text =
      "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
  EXPECT_EQ(
      refused.body,
      R"({"__type":"ThrottlingException","message":")" + text + R"(","Message":")" + text + "\"}");
  // Another of the group is refused, one of another is not.
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.Decrypt").text("__type"),
            "ThrottlingException");
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.ListKeys").status, 200);
  gate.clock.advance(std::chrono::seconds(1000));
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.GenerateRandom", random).status, 200);
}

TEST(RequestLimits, SecretsManagerAndParameterStoreSayThatTheRateIsExceeded) {
  LimitedGate gate({{"secretsmanager", "ListSecrets"}, {"ssm", "DescribeParameters"}});
  const TestKey key = gate::make_aws_administrator(gate);
  const std::pair<std::string_view, std::string_view> asked[] = {
      {"secretsmanager", "secretsmanager.ListSecrets"}, {"ssm", "AmazonSSM.DescribeParameters"}};
  for (const auto& [service, target] : asked) {
    EXPECT_EQ(gate.signed_json(key, service, target).status, 200) << target;
    const TestAnswer refused = gate.signed_json(key, service, target);
    EXPECT_EQ(refused.status, 400) << target;
    EXPECT_EQ(refused.body,
              R"({"__type":"ThrottlingException","message":"Rate exceeded",)"
              R"("Message":"Rate exceeded"})");
  }
}

TEST(RequestLimits, TheQueryProtocolSaysThrottling) {
  LimitedGate gate({{"sts", "all"}, {"iam", "all"}});
  const TestKey key = gate::make_aws_administrator(gate);
  const std::pair<std::string_view, std::string_view> asked[] = {{"sts", "GetCallerIdentity"},
                                                                 {"iam", "ListUsers"}};
  for (const auto& [service, action] : asked) {
    EXPECT_EQ(gate.ask(key, action, {}, service).status, 200) << action;
    const TestAnswer refused = gate.ask(key, action, {}, service);
    EXPECT_EQ(refused.status, 400) << action;
    EXPECT_EQ(refused.content_type, "text/xml");
    EXPECT_THAT(refused.body,
                HasSubstr("<Error><Type>Sender</Type><Code>Throttling</Code>"
                          "<Message>Rate exceeded</Message></Error>"));
  }
}

TEST(RequestLimits, PrincipalsAreApartAndTheirSessionsAreNot) {
  LimitedGate gate({{"kms", "ListKeys", 2}});
  const TestKey ann = make_aws_user(gate, "ann", {"arn:aws:iam::aws:policy/AdministratorAccess"});
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("job", trusting(R"({"AWS":"*"})"), allowing(R"("kms:*")"));
  const auto lists = [&](const TestKey& key) {
    return gate.signed_json(key, "kms", "TrentService.ListKeys").text("__type");
  };
  const auto assume = [&](std::string_view session) {
    return credentials_in(
        gate.ask(ann,
                 "AssumeRole",
                 {{"RoleArn", role_arn("job")}, {"RoleSessionName", std::string(session)}}));
  };
  const TestKey anns_session = credentials_in(gate.ask(ann, "GetSessionToken"));
  EXPECT_EQ(lists(ann), "");
  EXPECT_EQ(lists(anns_session), "");
  EXPECT_EQ(lists(anns_session), "ThrottlingException");
  EXPECT_EQ(lists(ann), "ThrottlingException");
  // Also who may not: it is asked before any policy is.
  EXPECT_EQ(lists(bob), "AccessDeniedException");
  EXPECT_EQ(lists(bob), "AccessDeniedException");
  EXPECT_EQ(lists(bob), "ThrottlingException");
  // The role is another principal, and one in all of its sessions.
  EXPECT_EQ(lists(assume("one")), "");
  EXPECT_EQ(lists(assume("two")), "");
  EXPECT_EQ(lists(assume("three")), "ThrottlingException");
}

TEST(RequestLimits, TokensCountForThemselves) {
  LimitedGate gate({{"kms", "ListKeys"}});
  const std::string token = gate.token_with(R"(path "*" { capabilities = ["list"] })");
  const std::string other = gate.token_with(R"(path "*" { capabilities = ["list"] })");
  EXPECT_EQ(gate.json_as(token, "TrentService.ListKeys", "{}").status, 200);
  EXPECT_EQ(gate.json_as(token, "TrentService.ListKeys", "{}").text("__type"),
            "ThrottlingException");
  EXPECT_EQ(gate.json_as(other, "TrentService.ListKeys", "{}").status, 200);
}

TEST(RequestLimits, WhoCannotSignCannotUseUpWhatIsAnothers) {
  LimitedGate gate({{"kms", "ListKeys"}});
  const TestKey key = gate::make_aws_administrator(gate);
  TestKey wrong = key;
  wrong.secret += "x";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(gate.signed_json(wrong, "kms", "TrentService.ListKeys").text("__type"),
              "InvalidSignatureException");
  }
  EXPECT_EQ(gate.signed_json(key, "kms", "TrentService.ListKeys").status, 200);
}

TEST(RequestLimits, ARefusalIsAuditedAndChangesNothing) {
  LimitedGate gate({{"secretsmanager", "CreateSecret"}});
  const TestKey key = gate::make_aws_administrator(gate);
  const auto create = [&](std::string_view name) {
    return gate.signed_json(
        key,
        "secretsmanager",
        "secretsmanager.CreateSecret",
        R"({"Name":")" + std::string(name) +
            R"(","SecretString":"x","ClientRequestToken":"01234567890123456789012345678901"})");
  };
  ASSERT_EQ(create("one").status, 200);
  gate.events();
  EXPECT_EQ(create("two").text("__type"), "ThrottlingException");
  const std::vector<proof::Event> events = gate.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, proof::EventType::secret_created);
  EXPECT_EQ(events[0].outcome, proof::Outcome::failed);
  EXPECT_EQ(events[0].status, 400);
  EXPECT_EQ(events[0].actor_name, user_arn("admin"));
  EXPECT_EQ(events[0].reason, "Rate exceeded");
  ASSERT_EQ(events[0].accesses.size(), 1U);
  EXPECT_EQ(events[0].accesses[0].resource, "aws/secretsmanager/CreateSecret");
  const TestAnswer listed = gate.signed_json(key, "secretsmanager", "secretsmanager.ListSecrets");
  EXPECT_THAT(listed.body, HasSubstr("\"one\""));
  EXPECT_THAT(listed.body, Not(HasSubstr("\"two\"")));
}

TEST(UsageMetrics, CountCallsErrorsAndThrottlesByOperation) {
  LimitedGate gate({{"kms", "ListKeys"}});
  const TestKey key = gate::make_aws_administrator(gate);
  gate.signed_json(key, "kms", "TrentService.ListKeys");
  gate.signed_json(key, "kms", "TrentService.ListKeys");
  gate.signed_json(key, "kms", "TrentService.ListKeys");
  gate.signed_json(key, "kms", "TrentService.DescribeKey", R"({"KeyId":"alias/none"})");
  gate.signed_json(key, "kms", "TrentService.Guess\"}");
  gate.signed_json(key, "kms", "TrentService.ListKeysAndMore");
  const std::string text = usage_metrics(gate.metrics);
  const auto labels = [](std::string_view service, std::string_view resource) {
    return "{service=\"" + std::string(service) + "\",type=\"API\",resource=\"" +
           std::string(resource) + "\",class=\"None\"";
  };
  const std::string list = labels("KMS", "ListKeys");
  EXPECT_THAT(text, HasSubstr("\naws_usage_call_count_total" + list + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_throttle_count_total" + list + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_error_count_total" + list + ",fault=\"client\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_latency_seconds_count" + list + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_latency_seconds_sum" + list + "} "));
  const std::string describe = labels("KMS", "DescribeKey");
  EXPECT_THAT(text,
              HasSubstr("\naws_usage_error_count_total" + describe + ",fault=\"client\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("\naws_usage_error_count_total" + describe + ",fault=\"server\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_throttle_count_total" + describe + "} 0\n"));
  EXPECT_THAT(text, HasSubstr("\naws_usage_call_count_total" + labels("None", "None") + "} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("Guess")));
  EXPECT_THAT(text, Not(HasSubstr("ListKeysAndMore")));
}

TEST(UsageMetrics, LeaveOutWhatOtherApisDo) {
  gate::Metrics metrics;
  metrics.count("secret.read", {.error = std::nullopt, .took = std::chrono::seconds(1)});
  metrics.count("kms.Unheard", {.error = std::nullopt, .took = std::chrono::seconds(1)});
  metrics.count("sts.AssumeRole", {.error = Code::unavailable, .took = std::chrono::seconds(2)});
  const std::string text = usage_metrics(metrics);
  EXPECT_THAT(text, Not(HasSubstr("read")));
  EXPECT_THAT(text, Not(HasSubstr("Unheard")));
  EXPECT_THAT(text, HasSubstr("resource=\"AssumeRole\",class=\"None\",fault=\"server\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("resource=\"AssumeRole\",class=\"None\"} 2.000000\n"));
}

}  // namespace
}  // namespace coffer::dialects::aws
