#include "apps/server/config.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::server {
namespace {

using std::string_literals::operator""s;

TEST(ConfigText, RefusesControlCharactersAndNamesTheLine) {
  for (const std::string& text : {"\n[.\0a"s, "\n# a\x1f"s, "\na = \"\x7f\""s}) {
    const auto config = parse_config(text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().message, "line 2: control character");
  }
}

// A mistake of typing is told, and does not end the program.
TEST(ConfigText, RefusesKeysThatBeginWithWhatIsNoLetter) {
  for (const std::string text :
       {"[.storage]\n", "[~storage]\n", "a = 1\n[storage.]\n", "[[.a]]\n"}) {
    const auto config = parse_config(text);
    ASSERT_FALSE(config) << text;
    EXPECT_TRUE(config.error().message.starts_with("line ")) << config.error().message;
  }
}

}  // namespace
}  // namespace coffer::server
