#include "net/response_head.h"

#include <gtest/gtest.h>

namespace coffer::net {
namespace {

std::string head(const Response& response, const HeadFacts& facts = {}) {
  secure::SecureText out;
  EXPECT_TRUE(append_head(out, response, facts));
  return std::string(out.text());
}

TEST(ResponseHead, WritesTheHeadersOfEveryAnswer) {
  Response response;
  response.body.append("{}");
  response.content_type = "application/x-amz-json-1.1";
  response.headers.emplace_back("X-Request-Id", "7");
  EXPECT_EQ(head(response),
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nX-Request-Id: 7\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 2\r\n"
            "\r\n");
}

TEST(ResponseHead, LeavesOutWhatABodilessAnswerMustNotHave) {
  Response response;
  response.status = 204;
  EXPECT_EQ(head(response),
            "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n");
  response.status = 404;
  EXPECT_FALSE(head(response).contains("Content-Type:"));
  EXPECT_TRUE(head(response).contains("Content-Length: 0\r\n"));
}

TEST(ResponseHead, FramesStreamsAndCloses) {
  Response response;
  response.stream = [] { return Result<secure::SecureText>(); };
  const std::string chunked = head(response, {Framing::chunked, true});
  EXPECT_TRUE(chunked.contains("Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(chunked.contains("Content-Length"));
  EXPECT_FALSE(chunked.contains("Connection:"));
  const std::string close = head(response, {Framing::close, false});
  EXPECT_FALSE(close.contains("Transfer-Encoding"));
  EXPECT_TRUE(close.contains("Connection: close\r\n"));
}

TEST(ResponseHead, KeepsAHandlersOwnCacheControl) {
  Response response;
  response.headers.emplace_back("CACHE-Control", "max-age=60");
  EXPECT_FALSE(head(response).contains("no-store"));
}

TEST(ResponseHead, RefusesHeadersThatWouldSplitTheAnswer) {
  const std::pair<std::string, std::string> kTable[] = {
      {"X-A", "b\r\nSet-Cookie: c"}, {"X-A\r\nB", "c"}, {"X-A", "b\nc"}, {"", "b"}, {"X A", "b"}};
  for (const auto& header : kTable) {
    Response response;
    response.headers.push_back(header);
    secure::SecureText out;
    EXPECT_EQ(append_head(out, response, {}).error().code, Code::internal);
  }
  Response response = error_response(400, "x");
  response.content_type = "text/plain\r\nA: b";
  secure::SecureText out;
  EXPECT_FALSE(append_head(out, response, {}));
}

TEST(ResponseHead, RefusesAStatusThatIsNoFinalAnswer) {
  for (const int status : {-1, 0, 100, 101, 199, 600}) {
    Response response;
    response.status = status;
    secure::SecureText out;
    const Result<> appended = append_head(out, response, {});
    ASSERT_FALSE(appended) << status;
    EXPECT_EQ(appended.error().code, Code::internal) << status;
  }
}

TEST(ResponseHead, SpellsErrorsAsVaultDoes) {
  EXPECT_EQ(error_response(413, "request body too large").body.text(),
            R"({"errors":["request body too large"]})");
}

}  // namespace
}  // namespace coffer::net
