#include "policy/path_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::policy {
namespace {

TEST(PathPattern, Matches) {
  struct Case {
    std::string_view pattern;
    std::string_view path;
    bool matches;
  };

  const Case cases[] = {
      {"a/b", "a/b", true},
      {"a/b", "a/b/", false},
      {"a/b", "a", false},
      {"a/b", "a/bc", false},
      {"*", "", true},
      {"*", "a/b", true},
      {"a/*", "a/", true},
      {"a/*", "a", false},
      {"a/*", "a/b/c", true},
      {"a/b*", "a/bcd/e", true},
      {"a/b*", "a/c", false},
      {"+", "a", true},
      {"+", "a/b", false},
      {"a/+", "a/b", true},
      {"a/+", "a/b/c", false},
      {"a/+", "a", false},
      {"a/+", "a/", true},
      {"+/b", "a/b", true},
      {"+/b", "a/c", false},
      {"a/+/c", "a/b/c", true},
      {"a/+/c", "a/b/c/d", false},
      {"a/+/c", "a/b", false},
      {"a/+/+/d", "a/b/c/d", true},
      {"a/+/c*", "a/b/cd/e", true},
      {"a/+/c*", "a/b/d", false},
      {"a/+/c*", "a/b", false},
      {"a/+/*", "a/b/", true},
      {"a/+/*", "a/b", false},
      {"a/+/*", "a/b/c/d", true},
      {"a+", "a+", true},
      {"a+", "ab", false},
      {"a/+b", "a/+b", true},
      {"a/+b", "a/xb", false},
  };
  for (const auto& [pattern, path, matches] : cases) {
    EXPECT_EQ(PathPattern(pattern).matches(path), matches) << pattern << " on " << path;
  }
}

// Each pattern loses to the next.
TEST(PathPattern, PrefersAsDocumented) {
  const std::string_view chains[][2] = {
      {"*", "secret/*"},
      {"secret/*", "secret/a*"},
      {"+/a", "secret/+"},               // 1. first wildcard earlier
      {"secret/+/b", "secret/a/*"},      // 1.
      {"secret/+/a/b", "secret/a/+/b"},  // 1.
      {"secret/*", "secret/+"},          // 2. ends in *
      {"secret/+/ba*", "secret/+/bar"},  // 2.
      {"secret/+/+/c", "secret/+/b/c"},  // 3. more +
      {"secret/+/b*", "secret/+/ba*"},   // 4. shorter
      {"secret/+/a", "secret/+/b"},      // 5. smaller
      {"secret/a*", "secret/a"},         // exact wins
      {"secret/+", "a"},
      {"secret/*", "z"},
  };
  for (const auto& [lower, higher] : chains) {
    EXPECT_TRUE(PathPattern(lower) < PathPattern(higher)) << lower << " < " << higher;
    EXPECT_TRUE(PathPattern(higher) > PathPattern(lower)) << higher << " > " << lower;
  }
  EXPECT_EQ(PathPattern("a/+/b*"), PathPattern("a/+/b*"));
}

TEST(PathPattern, RefusesWhatWouldNotMeanWhatItSays) {
  EXPECT_TRUE(PathPattern::check("secret/+/x*"));
  EXPECT_TRUE(PathPattern::check("*"));
  EXPECT_TRUE(PathPattern::check(std::string(kMaxPatternSize, 'a')));
  for (const std::string_view bad : {"", "a/+*", "+*", "a*b", "**", "a/*/b", "a\nb", "a\x7f"}) {
    EXPECT_FALSE(PathPattern::check(bad)) << bad;
  }
  EXPECT_EQ(PathPattern::check(std::string(kMaxPatternSize + 1, 'a')).error().code,
            Code::too_large);
}

TEST(PathPattern, ReachesBelow) {
  struct Case {
    std::string_view pattern;
    std::string_view prefix;
    bool reaches;
  };

  const Case cases[] = {
      {"secret/a", "secret/", true},
      {"secret/a", "sec", true},
      {"secret/a", "secret/b", false},
      {"secret/a", "kv/", false},
      {"*", "kv/", true},
      {"secret/*", "secret/", true},
      {"s*", "secret/", true},
      {"secret/a*", "secret/", true},
      {"kv*", "secret/", false},
      {"+/a", "secret/", true},
      {"+/data/x", "secret/", true},
      {"+/data/x", "secret/data/", true},
      {"+/data/x", "secret/meta/", false},
      {"+", "secret/", false},
      {"secret/+/x*", "secret/a/", true},
      {"secret", "secret/", false},
  };
  for (const auto& [pattern, prefix, reaches] : cases) {
    EXPECT_EQ(PathPattern(pattern).reaches_below(prefix), reaches) << pattern << " and " << prefix;
  }
}

}  // namespace
}  // namespace coffer::policy
