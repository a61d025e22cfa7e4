#include "policy/constraints.h"

#include "policy/test_policies.h"

#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using std::chrono::seconds;

using Sent = std::map<std::string, std::string>;

bool permits(const std::vector<PolicyPtr>& policies,
             const std::optional<Sent>& sent,
             Capability capability = Capability::update) {
  Access access = vault_access(capability, "a");
  std::string body;
  for (const auto& [name, text] : sent.value_or(Sent())) {
    body.append(body.empty() ? "" : ",").append("\"" + name + "\":" + text);
  }
  body = "{" + body + "}";
  if (sent) access.parameters = Parameters{formats::JsonView::parse(body).value()};
  return decide(access, {}, policies).allowed;
}

PolicyPtr with(std::string_view settings) {
  return vault(
      "path \"a\" { capabilities = [\"create\", \"update\", \"patch\", \"read\", \"list\", "
      "\"delete\"]\n" +
      std::string(settings) + "}");
}

struct Case {
  std::string_view settings;
  Sent sent;
  bool permitted;
};

TEST(Parameters, AreCheckedAsVaultDocuments) {
  const Case cases[] = {
      {"", {{"x", "1"}}, true},
      {"allowed_parameters = {}", {{"x", "1"}}, true},
      {"allowed_parameters = { x = [] }", {{"x", "1"}}, true},
      {"allowed_parameters = { x = [] }", {{"X", "1"}}, true},
      {"allowed_parameters = { \"X\" = [] }", {{"x", "1"}}, true},
      {"allowed_parameters = { x = [] }", {{"y", "1"}}, false},
      {"allowed_parameters = { x = [] }", {{"x", "1"}, {"y", "1"}}, false},
      {"allowed_parameters = { x = [] }", {}, true},
      {"allowed_parameters = { \"*\" = [] }", {{"y", "1"}}, true},
      {"allowed_parameters = { x = [\"a\"] \"*\" = [] }", {{"x", "\"b\""}}, false},
      {"allowed_parameters = { x = [\"a\"] \"*\" = [] }", {{"y", "\"b\""}}, true},
      {"allowed_parameters { x = [\"a\", \"b\"] }", {{"x", "\"b\""}}, true},
      {"denied_parameters = { x = [] }", {{"x", "1"}}, false},
      {"denied_parameters = { x = [] }", {{"y", "1"}}, true},
      {"denied_parameters = { x = [\"a\"] }", {{"x", "\"a\""}}, false},
      {"denied_parameters = { x = [\"a\"] }", {{"x", "\"\\u0061\""}}, false},
      {"denied_parameters = { x = [\"a\"] }", {{"X", "\"a\""}}, false},
      {"denied_parameters = { x = [\"a\"] }", {{"x", "\"b\""}}, true},
      {"denied_parameters = { \"*\" = [] }", {{"y", "1"}}, false},
      {"denied_parameters = { \"*\" = [] }", {}, true},
      {"allowed_parameters = { x = [] } denied_parameters = { x = [\"a\"] }",
       {{"x", "\"a\""}},
       false},
      {"allowed_parameters = { x = [] } denied_parameters = { x = [\"a\"] }",
       {{"x", "\"c\""}},
       true},
      {"required_parameters = [\"x\", \"Y\"]", {{"x", "1"}, {"y", "1"}}, true},
      {"required_parameters = [\"x\", \"Y\"]", {{"x", "1"}}, false},
      {"required_parameters = [\"x\"]", {}, false},
  };
  for (const auto& [settings, sent, permitted] : cases) {
    EXPECT_EQ(permits({with(settings)}, sent), permitted) << settings;
  }
}

TEST(Parameters, CompareValues) {
  struct Value {
    std::string_view listed;
    std::string_view sent;
    bool equal;
  };

  const Value cases[] = {
      {R"("a*")", R"("abc")", true},
      {R"("a*")", R"("ba")", false},
      {R"("*c")", R"("abc")", true},
      {R"("*b*")", R"("abc")", true},
      {R"("*b*")", R"("acc")", false},
      {R"("*")", R"("x")", true},
      {R"("a*c")", R"("abc")", false},
      {R"("a*c")", R"("a*c")", true},
      {R"("1")", "1", false},
      {"1", "1", true},
      {"1", "1.0", true},
      {"100", "1e2", true},
      {"0.5", "5E-1", true},
      {"0", "-0.0e5", true},
      {"1", "-1", false},
      {"10", "1", false},
      {"12345678901234567890123", "12345678901234567890124", false},
      {"true", "true", true},
      {"true", "false", false},
      {"true", R"("true")", false},
      {R"(["a", 1])", R"([ "a" , 1.0 ])", true},
      {R"(["a", 1])", R"([1, "a"])", false},
      {R"({ x = 1, y = ["b"] })", R"({"y": ["b"], "x": 1})", true},
      {R"({ x = 1 })", R"({"x": 1, "y": 2})", false},
      {R"(["a,b"])", R"(["a", "b"])", false},
      {"true", "null", false},
  };
  for (const auto& [listed, sent, equal] : cases) {
    const std::string list = " = { x = [" + std::string(listed) + "] }";
    const Sent parameters{{"x", std::string(sent)}};
    EXPECT_EQ(permits({with("allowed_parameters" + list)}, parameters), equal) << listed << sent;
    EXPECT_EQ(permits({with("denied_parameters" + list)}, parameters), !equal) << listed << sent;
  }
}

// In bulk one secret's data is all that its access has for a parameter.
TEST(Parameters, MayBeASingleOne) {
  const auto json = formats::JsonView::parse(R"({"x": 1})").value();
  const auto allowed = [&](std::string_view settings) {
    Access access = vault_access(Capability::update, "a");
    access.parameters = Parameters{json, "data"};
    return decide(access, {}, std::vector{with(settings)}).allowed;
  };
  EXPECT_TRUE(allowed("allowed_parameters = { data = [] } required_parameters = [\"data\"]"));
  EXPECT_FALSE(allowed("denied_parameters = { data = [{ x = 1 }] }"));
  EXPECT_TRUE(allowed("denied_parameters = { x = [] }"));
}

TEST(Parameters, MatterWhereVaultChecksThem) {
  const auto policy = with("required_parameters = [\"x\"]");
  for (const Capability checked :
       {Capability::create, Capability::update, Capability::patch, Capability::read}) {
    EXPECT_FALSE(permits({policy}, std::nullopt, checked));
  }
  EXPECT_TRUE(permits({policy}, std::nullopt, Capability::list));
  EXPECT_TRUE(permits({policy}, std::nullopt, Capability::del));
}

TEST(Parameters, MergeOverPoliciesOfOnePattern) {
  const auto a = with("allowed_parameters = { x = [\"1\"] }");
  const auto b = with("allowed_parameters = { x = [\"2\"], y = [] }");
  const auto any = with("allowed_parameters = { x = [] }");
  const auto free = with("");
  const auto denies = with("denied_parameters = { x = [\"1\"] }");
  const auto needs = with("required_parameters = [\"z\"]");
  EXPECT_TRUE(permits({a, b}, Sent{{"x", "\"1\""}, {"y", "0"}}));
  EXPECT_TRUE(permits({b, a}, Sent{{"x", "\"2\""}}));
  EXPECT_FALSE(permits({a, b}, Sent{{"x", "\"3\""}}));
  EXPECT_TRUE(permits({a, any}, Sent{{"x", "\"3\""}}));
  EXPECT_TRUE(permits({any, a}, Sent{{"x", "\"3\""}}));
  EXPECT_FALSE(permits({a, free}, Sent{{"x", "\"3\""}}));
  EXPECT_FALSE(permits({any, denies}, Sent{{"x", "\"1\""}}));
  EXPECT_FALSE(permits({free, needs}, Sent{{"x", "\"1\""}}));
  EXPECT_TRUE(permits({free, needs}, Sent{{"z", "\"1\""}}));
}

TEST(Wrapping, IsBounded) {
  const auto permits_wrap = [](const std::vector<PolicyPtr>& policies, std::optional<int> ttl) {
    Facts facts;
    if (ttl) facts.wrap_ttl = seconds(*ttl);
    return decide(vault_access(Capability::list, "a"), facts, policies).allowed;
  };
  const auto both = with("min_wrapping_ttl = \"10s\" max_wrapping_ttl = 60");
  EXPECT_FALSE(permits_wrap({both}, std::nullopt));
  EXPECT_FALSE(permits_wrap({both}, 9));
  EXPECT_TRUE(permits_wrap({both}, 10));
  EXPECT_TRUE(permits_wrap({both}, 60));
  EXPECT_FALSE(permits_wrap({both}, 61));
  EXPECT_TRUE(permits_wrap({with("min_wrapping_ttl = 0")}, std::nullopt));
  // Merged, the lesser of each bound holds; bounds that exclude each other let nothing through.
  const auto shorter = with("max_wrapping_ttl = 5");
  for (const int ttl : {4, 5, 6, 10, 20}) {
    EXPECT_FALSE(permits_wrap({both, shorter}, ttl)) << ttl;
  }
  EXPECT_TRUE(permits_wrap({with("min_wrapping_ttl = 2"), both}, 3));
}

}  // namespace
}  // namespace coffer::policy
