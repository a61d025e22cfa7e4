#include "apps/server/config_text.h"

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

TEST(ConfigText, HasLettersBeyondAsciiInCommentsAlone) {
  for (const std::string text : {"# é\n",
                                 "a = 'b' # é\n",
                                 "\xef\xbb\xbf# é\n",
                                 "a = \"\\\"#\" # é\n",
                                 "a = \"\"\"\n#\n\"#\"\"\"\" # é\n",
                                 "a = '\\' # é\n"}) {
    EXPECT_TRUE(check_config_text(text)) << text;
  }
  for (const std::string text : {"é = 1\n",
                                 "a = é\n",
                                 "a = \"é\"\n",
                                 "a = \"#é\"\n",
                                 "a = \"\\\"#é\"\n",
                                 "a = \"\"\"\n#é\"\"\"\n",
                                 "a = 1\"#é\n",
                                 "# c\né\n",
                                 "2p\xcb\x8c"
                                 "at\n"}) {
    EXPECT_FALSE(check_config_text(text)) << text;
    EXPECT_FALSE(parse_config(text)) << text;
  }
  EXPECT_TRUE(check_config_text("a = \"\\u00e9\"\n"));
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
