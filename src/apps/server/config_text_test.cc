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

}  // namespace
}  // namespace coffer::server
