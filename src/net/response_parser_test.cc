#include "net/response_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::net {
namespace {

ResponseParser ignoring_body() {
  return {false, [](std::string_view) -> Result<> { return {}; }};
}

TEST(ResponseParser, RefusesAHeadThatEndsTooSoon) {
  for (const std::string_view head : {"HT\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 2\r\n\r\n"}) {
    EXPECT_FALSE(ignoring_body().put(head)) << head;
  }
}

TEST(ResponseParser, AsksForMoreOfAHeadThatHasNotEnded) {
  ResponseParser parser = ignoring_body();
  const std::string_view head = "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n";
  EXPECT_EQ(parser.put(head.substr(0, 30)).value(), 0U);
  EXPECT_EQ(parser.put(head).value(), head.size());
  EXPECT_TRUE(parser.done());
}

}  // namespace
}  // namespace coffer::net
