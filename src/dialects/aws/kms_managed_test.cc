#include "dialects/aws/kms_managed.h"

#include "dialects/aws/aws_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

// KMS, and an operation that needs the key of a service.
struct ManagedGate : gate::TestGate {
  ManagedGate()
      : gate::TestGate([](gate::TestGate&) {
          Services services;
          services.account = kTestAccount;
          OperationTable probe;
          probe.push_back(authenticated(
              Service::kms,
              "Probe",
              kNoInput,
              proof::EventType::key_read,
              "a test",
              [](gate::Call& call) -> Result<gate::Reply> {
                COFFER_TRY(Kms kms, Kms::of(call, std::string(kTestAccount)));
                COFFER_TRY(const KmsKey key, managed_key(kms, "secretsmanager"));
                return json_answer([&](formats::JsonWriter& w) { w.key("KeyId").string(key.arn); });
              }));
          std::vector<OperationTable> families;
          families.push_back(kms_operations(services));
          families.push_back(std::move(probe));
          std::vector<std::unique_ptr<gate::Dialect>> dialects;
          dialects.push_back(std::make_unique<AwsDialect>(std::move(families)));
          return dialects;
        }) {}

  TestAnswer ask(std::string_view operation, std::string_view body) {
    return call(
        "POST", "/", body, root(), {{"x-amz-target", "TrentService." + std::string(operation)}});
  }
};

TEST(ManagedKey, IsMadeOnceAndKeptFromPeople) {
  ManagedGate gate;
  const TestAnswer first = gate.ask("Probe", "{}");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(gate.ask("Probe", "{}").text("KeyId"), first.text("KeyId"));
  const TestAnswer shown = gate.ask("DescribeKey", R"({"KeyId":"alias/aws/secretsmanager"})");
  EXPECT_EQ(shown.text("KeyMetadata", "Arn"), first.text("KeyId"));
  EXPECT_EQ(shown.text("KeyMetadata", "KeyManager"), "AWS");
  const std::string named = R"({"KeyId":")" + first.text("KeyId") + "\"";
  for (const std::string_view operation :
       {"DisableKey", "ScheduleKeyDeletion", "RotateKeyOnDemand"}) {
    EXPECT_EQ(gate.ask(operation, named + "}").text("__type"), "UnsupportedOperationException")
        << operation;
  }
  EXPECT_EQ(gate.ask("PutKeyPolicy", named + R"(,"Policy":"{}"})").text("__type"),
            "UnsupportedOperationException");
  EXPECT_EQ(gate.ask("DeleteAlias", R"({"AliasName":"alias/aws/secretsmanager"})").text("__type"),
            "NotAuthorizedException");
}

}  // namespace
}  // namespace coffer::dialects::aws
