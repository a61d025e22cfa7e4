#include "formats/safe_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coffer::formats {
namespace {

TEST(SafePattern, MatchesWholeTexts) {
  struct Case {
    std::string pattern, text;
    bool matches;
  };

  for (const Case& c : std::vector<Case>{{"", "", true},
                                         {"", "a", false},
                                         {"abc", "abc", true},
                                         {"abc", "abcd", false},
                                         {"abc", "xabc", false},
                                         {"^\\d+$", "123", true},
                                         {"^\\d+$", "12a", false},
                                         {"^\\d+$", "", false},
                                         {".*", "", true},
                                         {".*", "any thing", true},
                                         {".*", "two\nlines", false},
                                         {"[a-z]+", "abc", true},
                                         {"[a-z]+", "aBc", false},
                                         {"[^a-z]+", "ABC", true},
                                         {"[^a-z]+", "AbC", false},
                                         {"[]x]+", "]x", true},
                                         {"[a-]+", "a-a", true},
                                         {"[\\w.-]+", "a_1.b-c", true},
                                         {"[\\w.-]+", "a b", false},
                                         {"a|b|cd", "cd", true},
                                         {"a|b|cd", "b", true},
                                         {"a|b|cd", "c", false},
                                         {"(ab|c)*d", "ababcd", true},
                                         {"(ab|c)*d", "abad", false},
                                         {"(?:ab)?c", "c", true},
                                         {"(?:ab)?c", "abc", true},
                                         {"(?:ab)?c", "abab", false},
                                         {"a{3}", "aaa", true},
                                         {"a{3}", "aa", false},
                                         {"a{2,}", "aaaa", true},
                                         {"a{2,}", "a", false},
                                         {"a{1,3}", "aaa", true},
                                         {"a{1,3}", "aaaa", false},
                                         {"a{0,2}b", "b", true},
                                         {"a{0}b", "ab", false},
                                         {"(a?){2}b{1,2}?", "abb", true},
                                         {"(a*)*", "aaaa", true},
                                         {"(a|b*)*c", "abbac", true},
                                         {"x^a", "xa", false},
                                         {"a$|b", "a", true},
                                         {"a$b", "ab", false},
                                         {"\\.\\[\\\\", ".[\\", true},
                                         {"\\s\\S", " x", true},
                                         {"\\D", "5", false},
                                         {".", "\xc3\xa4", true},
                                         {"..", "\xc3\xa4", false},
                                         {"\\W", "\xe2\x82\xac", true},
                                         {"[a-z]", "\xc3\xa4", false},
                                         {"https?://[^/]+(/.*)?", "https://x.org/a/b", true}}) {
    const auto pattern = SafePattern::parse(c.pattern);
    ASSERT_TRUE(pattern) << c.pattern << ": " << pattern.error().message;
    EXPECT_EQ(pattern->matches(c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(SafePattern, DoesNotGoBack) {
  const auto pattern = SafePattern::parse("(a+)+$").value();
  EXPECT_FALSE(pattern.matches(std::string(8000, 'a') + "b"));
  EXPECT_TRUE(SafePattern::parse("(a|a)*b").value().matches(std::string(8000, 'a') + "b"));
}

TEST(SafePattern, Refuses) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += '(';
  for (int i = 0; i < 40; ++i) deep += ')';
  for (const std::string& text : std::vector<std::string>{"(",
                                                          ")",
                                                          "a)",
                                                          "(a",
                                                          "[a",
                                                          "[",
                                                          "[]",
                                                          "[z-a]",
                                                          "[a-z&&b]",
                                                          "*a",
                                                          "+",
                                                          "?",
                                                          "{1}",
                                                          "a**",
                                                          "a++",
                                                          "a{2}{3}",
                                                          "a{",
                                                          "a{}",
                                                          "a{x}",
                                                          "a{,3}",
                                                          "a{3,2}",
                                                          "a{5000}",
                                                          "(a{100}){100}",
                                                          "\\",
                                                          "\\b",
                                                          "\\1",
                                                          "\\p{L}",
                                                          "\\Q",
                                                          "(?=a)",
                                                          "(?i)a",
                                                          "(?<n>a)",
                                                          "\xc3\xa4",
                                                          deep,
                                                          std::string(1025, 'a')}) {
    const auto pattern = SafePattern::parse(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_EQ(pattern.error().code, Code::invalid_argument);
  }
}

}  // namespace
}  // namespace coffer::formats
