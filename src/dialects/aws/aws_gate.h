// AwsGate: a whole gate with the AWS dialect over a store in memory, for tests of this dialect.
//
//   AwsGate gate;
//   const TestAnswer made = gate.json("TrentService.CreateKey", R"({"Description":"x"})");
//   EXPECT_EQ(made.status, 200) << made.body;
//   EXPECT_EQ(made.text("KeyMetadata", "KeyState"), "Enabled");
//
// Requests are made with the root token unless another is given; gate/test_gate.h has the rest.
#pragma once

#include "dialects/aws/dialect.h"
#include "gate/test_gate.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::dialects::aws {

using gate::TestAnswer;

inline constexpr std::string_view kTestAccount = "123456789012";

class AwsGate : public gate::TestGate {
 public:
  explicit AwsGate(std::unique_ptr<store::Store> inner = store::make_memory_store())
      : gate::TestGate(
            [](gate::TestGate&) {
              std::vector<std::unique_ptr<gate::Dialect>> dialects;
              Services services;
              services.account = kTestAccount;
              dialects.push_back(make_dialect(services));
              return dialects;
            },
            Start::unsealed,
            std::move(inner)) {}

  TestAnswer json(std::string_view target, std::string_view body) {
    return json_as(root(), target, body);
  }

  TestAnswer json_as(std::string_view token, std::string_view target, std::string_view body) {
    return call(
        "POST",
        "/",
        body,
        token,
        {{"content-type", "application/x-amz-json-1.1"}, {"x-amz-target", std::string(target)}});
  }

  // The query protocol.
  TestAnswer form(std::string_view body) {
    return call("POST",
                "/",
                body,
                root(),
                {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}});
  }
};

}  // namespace coffer::dialects::aws
