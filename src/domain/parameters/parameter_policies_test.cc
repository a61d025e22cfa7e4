#include "domain/parameters/parameter_policies.h"

#include "base/time_text.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

std::string policy(std::string_view type, std::string_view attributes) {
  return R"({"Type":")" + std::string(type) + R"(","Version":"1.0","Attributes":)" +
         std::string(attributes) + "}";
}

const std::string kExpiration = policy("Expiration", R"({"Timestamp":"2030-12-02T21:34:33.000Z"})");

TEST(ParameterPolicies, Accepts) {
  const std::string text = "[" + kExpiration + "," +
                           policy("ExpirationNotification", R"({"Before":"15","Unit":"Days"})") +
                           ", " +
                           policy("NoChangeNotification", R"({"After":"20","Unit":"Hours"})") + "]";
  const auto policies = parse_parameter_policies(text);
  ASSERT_TRUE(policies) << policies.error().message;
  ASSERT_EQ(policies->all.size(), 3U);
  EXPECT_EQ(policies->all[0].type, "Expiration");
  EXPECT_EQ(policies->all[0].text, kExpiration);
  EXPECT_EQ(policies->all[2].type, "NoChangeNotification");
  EXPECT_EQ(policies->expires, parse_rfc3339("2030-12-02T21:34:33Z").value());
  for (const char* none : {"[]", "[{}]", " [ {} ] "}) {
    const auto removed = parse_parameter_policies(none);
    ASSERT_TRUE(removed) << none;
    EXPECT_TRUE(removed->all.empty());
  }
}

TEST(ParameterPolicies, Refuses) {
  std::string eleven = "[" + kExpiration;
  for (int i = 0; i < 10; ++i) {
    eleven += "," + policy("NoChangeNotification", R"({"After":"1","Unit":"Days"})");
  }
  const std::vector<std::pair<std::string, std::string_view>> cases{
      {"", "ValidationException"},
      {"invalid json", "ValidationException"},
      {"{}", "ValidationException"},
      {"[" + std::string(5000, ' ') + "]", "ValidationException"},
      {R"(["Expiration"])", "InvalidPolicyTypeException"},
      {"[{},{}]", "InvalidPolicyTypeException"},
      {"[" + policy("Other", "{}") + "]", "InvalidPolicyTypeException"},
      {R"([{"Type":"Expiration","Attributes":{"Timestamp":"2030-12-02T21:34:33Z"}}])",
       "InvalidPolicyTypeException"},
      {R"([{"Type":"Expiration","Version":"2.0","Attributes":{"Timestamp":"2030-12-02T21:34:33Z"}}])",
       "InvalidPolicyAttributeException"},
      {"[" + policy("Expiration", "{}") + "]", "InvalidPolicyAttributeException"},
      {"[" + policy("Expiration", R"({"Timestamp":"tomorrow"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("Expiration", R"({"Timestamp":"2030-12-02T21:34:33Z","More":"x"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("NoChangeNotification", R"({"After":"0","Unit":"Days"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("NoChangeNotification", R"({"After":20,"Unit":"Days"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("NoChangeNotification", R"({"After":"20","Unit":"Weeks"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("NoChangeNotification", R"({"Before":"20","Unit":"Days"})") + "]",
       "InvalidPolicyAttributeException"},
      {"[" + policy("ExpirationNotification", R"({"Before":"1","Unit":"Days"})") + "]",
       "IncompatiblePolicyException"},
      {"[" + kExpiration + "," + kExpiration + "]", "IncompatiblePolicyException"},
      {eleven + "]", "PoliciesLimitExceededException"}};
  for (const auto& [text, name] : cases) {
    const auto policies = parse_parameter_policies(text);
    ASSERT_FALSE(policies) << text;
    EXPECT_EQ(policies.error().name, name) << text;
  }
}

}  // namespace
}  // namespace coffer::domain
