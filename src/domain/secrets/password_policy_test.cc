#include "domain/secrets/password_policies.h"
#include "work/test_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace coffer::domain {
namespace {

constexpr std::string_view kPolicy = R"(
length = 12
rule "charset" { charset = "abcdef" min-chars = 2 }
rule "charset" { charset = "0123" min-chars = 3 }
rule "charset" { charset = "-" }
)";

std::size_t count_of(std::string_view text, std::string_view characters) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [&](char c) { return characters.contains(c); }));
}

TEST(PasswordPolicy, MakesWhatTheRulesSay) {
  const auto random = crypto::seeded_random(7);
  const PasswordPolicy policy = PasswordPolicy::parse(kPolicy).value();
  std::string former;
  for (int i = 0; i < 200; ++i) {
    const auto made = policy.generate(*random);
    ASSERT_TRUE(made);
    const std::string_view text = made->text();
    EXPECT_EQ(text.size(), 12U);
    EXPECT_GE(count_of(text, "abcdef"), 2U) << text;
    EXPECT_GE(count_of(text, "0123"), 3U) << text;
    EXPECT_EQ(count_of(text, "abcdef0123-"), 12U) << text;
    EXPECT_NE(text, former);
    former = text;
  }
}

TEST(PasswordPolicy, CharactersAreEquallyLikely) {
  const auto random = crypto::seeded_random(7);
  // 90 characters, of which one is named twice; 256 is no multiple of 90.
  std::string characters;
  for (char c = '!'; c < '!' + 90; ++c) {
    if (c == '"' || c == '\\') characters += '\\';
    characters += c;
  }
  const auto policy =
      PasswordPolicy::parse("length = 100\nrule \"charset\" { charset = \"" + characters + "!\" }");
  ASSERT_TRUE(policy) << policy.error().message;
  std::map<char, int> seen;
  for (int i = 0; i < 900; ++i) {
    for (const char c : policy->generate(*random)->text()) ++seen[c];
  }
  EXPECT_EQ(seen.size(), 90U);
  for (const auto& [c, times] : seen) EXPECT_NEAR(times, 1000, 160) << c;
}

TEST(PasswordPolicy, TakesJsonToo) {
  const auto random = crypto::seeded_random(7);
  for (const std::string_view text :
       {R"({"length": 8, "rule": {"charset": {"charset": "ab", "min-chars": 1}}})",
        R"({"length": 8, "rule": [{"charset": {"charset": "a"}}, {"charset": {"charset": "b"}}]})",
        R"({"length": 8, "rule": {"charset": [{"charset": "a"}, {"charset": "b"}]}})"}) {
    const auto policy = PasswordPolicy::parse(text);
    ASSERT_TRUE(policy) << text << policy.error().message;
    EXPECT_EQ(count_of(policy->generate(*random)->text(), "ab"), 8U);
  }
}

TEST(PasswordPolicy, RefusesWhatDoesNotSayWhatItMeans) {
  const std::string rule = "rule \"charset\" { charset = \"ab\" }\n";
  const std::vector<std::string> all{
      std::string(),
      std::string("length = 8"),
      rule,
      "length = 3\n" + rule,
      "length = 101\n" + rule,
      "length = -8\n" + rule,
      "length = 8.5\n" + rule,
      "length = \"8\"\n" + rule,
      "length = 8\nlength = 9\n" + rule,
      "length = 8\nwidth = 9\n" + rule,
      "length = 8\nrule \"regex\" { charset = \"ab\" }",
      std::string("length = 8\nrule \"charset\" { }"),
      std::string("length = 8\nrule \"charset\" { charset = \"\" }"),
      std::string("length = 8\nrule \"charset\" { charset = \"a b\" }"),
      std::string("length = 8\nrule \"charset\" { charset = \"\u00e9\" }"),
      "length = 8\nrule \"charset\" { charset = \"a\" min-chars = 9 }",
      "length = 8\nrule \"charset\" { charset = \"a\" max-chars = 9 }",
      "length = 8\n" + std::string(9000, '\n') + rule};
  for (const std::string& bad : all) {
    const auto parsed = PasswordPolicy::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::invalid_argument) << bad;
  }
}

TEST(PasswordPolicies, AreKeptAsWritten) {
  work::TestWorld world;
  {
    work::View view = world.view();
    PasswordPolicies policies(view);
    ASSERT_TRUE(policies.write("db", kPolicy));
    EXPECT_FALSE(policies.write("a/b", kPolicy));
    EXPECT_FALSE(policies.write("db", "length = 1"));
    // One password in 2^80 would do.
    EXPECT_FALSE(policies.write("rare",
                                "length = 80\nrule \"charset\" { charset = \"a\" min-chars = 80 }\n"
                                "rule \"charset\" { charset = \"b\" }"));
    ASSERT_TRUE(world.commit(view));
  }
  world.restart();
  work::View view = world.view();
  PasswordPolicies policies(view);
  EXPECT_EQ(*policies.read("db").value()->row.text, kPolicy);
  EXPECT_FALSE(policies.read("DB").value()) << "as it stands";
  EXPECT_THAT(policies.list().value(), testing::ElementsAre("db"));
  EXPECT_EQ(policies.generate("db")->size(), 12U);
  EXPECT_EQ(policies.generate("none").error().code, Code::not_found);
  ASSERT_TRUE(policies.remove("db"));
  ASSERT_TRUE(policies.remove("db"));
  EXPECT_FALSE(policies.read("db").value());
}

}  // namespace
}  // namespace coffer::domain
