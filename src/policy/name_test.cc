#include "policy/name.h"

#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

TEST(PolicyName, HasOneSpelling) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"default", "default"},
      {"Dev-Team_1", "dev-team_1"},
      {"a/b.c", "a/b.c"},
      {"with space", "with space"},
      {"a:b@c+d", "a:b@c+d"},
  };
  for (const auto& [given, canonical] : cases) {
    const auto name = canonical_policy_name(given);
    ASSERT_TRUE(name) << given;
    EXPECT_EQ(*name, canonical);
    EXPECT_EQ(*canonical_policy_name(*name), canonical);
  }
}

TEST(PolicyName, RefusesWhatCouldBeTakenForAnother) {
  for (const std::string_view bad : {"",
                                     " a",
                                     "a ",
                                     "\ta",
                                     "a\n",
                                     "a\tb",
                                     "a,b",
                                     "a*",
                                     "a\"b",
                                     "a//b",
                                     "/a",
                                     "a/",
                                     "a/../b",
                                     ".",
                                     "r\xC3\xB6"
                                     "ot",
                                     "\xEF\xBD\x92oot",   // full-width r
                                     "root\xC2\xA0",      // no-break space
                                     "root\xE2\x80\x8B",  // zero-width space
                                     "ro\xC5\xBFt"}) {
    EXPECT_FALSE(canonical_policy_name(bad)) << bad;
  }
  EXPECT_FALSE(canonical_policy_name(std::string_view("a\0b", 3)));
  EXPECT_TRUE(canonical_policy_name(std::string(kMaxPolicyName, 'a')));
  EXPECT_FALSE(canonical_policy_name(std::string(kMaxPolicyName + 1, 'a')));
}

// CVE-2024-9180, CVE-2025-5999: every form of root is either refused or known as reserved.
TEST(PolicyName, KnowsRootInEveryForm) {
  for (const std::string_view form : {"root",
                                      "Root",
                                      "ROOT",
                                      "rOOt",
                                      " root",
                                      "root ",
                                      "\troot\n",
                                      "\x0bRoot\x7f",
                                      " ROOT\r\n"}) {
    EXPECT_TRUE(is_reserved(form)) << form;
    const auto canonical = canonical_policy_name(form);
    if (canonical) EXPECT_TRUE(is_reserved(*canonical)) << form;
  }
  for (const std::string_view other : {"", "roo", "roots", "ro ot", "default", "root/x"}) {
    EXPECT_FALSE(is_reserved(other)) << other;
  }
}

}  // namespace
}  // namespace coffer::policy
