// For the tests of KMS: a gate, and operations in one line. The root token asks, or a user.
#pragma once

#include "dialects/aws/aws_gate.h"
#include "dialects/aws/signed_call.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coffer::dialects::aws {

class KmsDialectTest : public testing::Test {
 protected:
  TestAnswer call(std::string_view operation, std::string_view body = "{}") {
    return gate_.json("TrentService." + std::string(operation), body);
  }

  // Signed by a user, in a region.
  TestAnswer call_as(const gate::TestKey& key,
                     std::string_view operation,
                     std::string_view body,
                     std::string_view region = "us-east-1") {
    return signed_call(gate_, key, "kms", "TrentService." + std::string(operation), body, region);
  }

  // "Name: message" or "Name" of a failure; "" when it was none.
  static std::string error_of(const TestAnswer& answer) {
    if (answer.status == 200) return "";
    const std::string message = answer.text("message");
    return answer.text("__type") + (message.empty() ? "" : ": " + message);
  }

  std::string error(std::string_view operation, std::string_view body = "{}") {
    return error_of(call(operation, body));
  }

  std::string error_as(const gate::TestKey& key,
                       std::string_view operation,
                       std::string_view body,
                       std::string_view region = "us-east-1") {
    return error_of(call_as(key, operation, body, region));
  }

  // The id of a new key.
  std::string make(std::string_view body = "{}") {
    const TestAnswer made = call("CreateKey", body);
    EXPECT_EQ(made.status, 200) << made.body;
    return made.text("KeyMetadata", "KeyId");
  }

  std::string state(std::string_view id) {
    return call("DescribeKey", with_key(id)).text("KeyMetadata", "KeyState");
  }

  static std::string with_key(std::string_view id, std::string_view more = "") {
    return R"({"KeyId":")" + std::string(id) + "\"" + std::string(more) + "}";
  }

  static std::string arn(std::string_view id, std::string_view region = "us-east-1") {
    return "arn:aws:kms:" + std::string(region) + ":123456789012:key/" + std::string(id);
  }

  std::string encrypt(std::string_view id, std::string_view more = "") {
    const TestAnswer done =
        call("Encrypt", with_key(id, R"(,"Plaintext":"aGVsbG8=")" + std::string(more)));
    EXPECT_EQ(done.status, 200) << done.body;
    return done.text("CiphertextBlob");
  }

  // The plaintext, or the error.
  std::string decrypt(std::string_view blob, std::string_view more = "") {
    const TestAnswer done = call(
        "Decrypt", R"({"CiphertextBlob":")" + std::string(blob) + "\"" + std::string(more) + "}");
    return done.status == 200 ? done.text("Plaintext") : error_of(done);
  }

  AwsGate gate_;
};

inline constexpr std::string_view kHello = "aGVsbG8=";

}  // namespace coffer::dialects::aws
