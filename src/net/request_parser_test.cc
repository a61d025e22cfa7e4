#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::net {
namespace {

using std::string_view_literals::operator""sv;
using Stage = RequestParser::Stage;

struct Outcome {
  int refused = 0;  // status; 0: not refused
  bool done = false;
  std::string rest;  // what was left for the next message
};

// Feeds `text` in pieces of `step` octets, as a socket might deliver it.
Outcome feed(RequestParser& parser, std::string_view text, std::size_t step) {
  std::string buffer;
  std::size_t fed = 0;
  while (parser.stage() != Stage::done) {
    const auto used = parser.put(buffer);
    if (!used) return {used.error().status, false, ""};
    buffer.erase(0, *used);
    if (*used != 0 && (!buffer.empty() || parser.stage() == Stage::done)) continue;
    if (fed >= text.size()) return {0, false, buffer};
    buffer += text.substr(fed, step);
    fed += step;
  }
  return {0, true, buffer + std::string(fed < text.size() ? text.substr(fed) : "")};
}

Outcome feed_new(std::string_view text, std::size_t step = 1 << 20) {
  RequestParser parser({.max_header_bytes = 400, .max_headers = 8, .max_body = 64});
  return feed(parser, text, step);
}

TEST(RequestParser, CollectsOneRequestWhateverThePieces) {
  constexpr std::string_view kText =
      "LIST /v1/secret/metadata/?list=true HTTP/1.1\r\nHost: h\r\nX-Vault-Token:  hvs.x \r\n"
      "Content-Length: 5\r\n\r\nhelloGET";
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
    RequestParser parser(RequestLimits{});
    const Outcome outcome = feed(parser, kText, step);
    ASSERT_TRUE(outcome.done) << step;
    EXPECT_EQ(outcome.rest, "GET");
    EXPECT_TRUE(parser.keep_alive());
    EXPECT_FALSE(parser.http10());
    const Request request = parser.take();
    EXPECT_EQ(request.method, "LIST");
    EXPECT_EQ(request.target, "/v1/secret/metadata/?list=true");
    EXPECT_EQ(request.header("x-vault-token"), "hvs.x");
    EXPECT_EQ(request.body.text(), "hello");
    EXPECT_EQ(parser.stage(), Stage::head);
  }
}

TEST(RequestParser, JoinsChunksWhateverThePieces) {
  constexpr std::string_view kHead =
      "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string with_body =
      std::string(kHead) + "5;ext=1\r\nhello\r\nA\r\n, all here\r\n0\r\n\r\n";
  const std::string empty = std::string(kHead) + "0\r\n\r\n";
  for (const std::size_t step : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 1000U}) {
    RequestParser parser(RequestLimits{});
    ASSERT_TRUE(feed(parser, with_body, step).done) << step;
    EXPECT_EQ(parser.take().body.text(), "hello, all here");
    ASSERT_TRUE(feed(parser, empty, step).done) << step;
    EXPECT_TRUE(parser.take().body.empty());
  }
}

TEST(RequestParser, TakesLittleFromWhoShowsNoCredential) {
  const RequestLimits limits{
      .max_body = 64, .max_unknown_body = 8, .known = [](const Request& head) {
        return !head.header("x-vault-token").empty();
      }};
  constexpr std::string_view kKnown = "PUT /x HTTP/1.1\r\nHost: h\r\nX-Vault-Token: t\r\n";
  constexpr std::string_view kUnknown = "PUT /x HTTP/1.1\r\nHost: h\r\n";
  constexpr std::string_view kNine = "Content-Length: 9\r\n\r\nhello, 12";
  constexpr std::string_view kEight = "Content-Length: 8\r\n\r\nhello, 1";
  constexpr std::string_view kChunks =
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4\r\n, 12\r\n0\r\n\r\n";
  for (const std::string_view body : {kNine, kChunks}) {
    RequestParser known(limits);
    EXPECT_TRUE(feed(known, std::string(kKnown) + std::string(body), 7).done) << body;
    RequestParser unknown(limits);
    EXPECT_EQ(feed(unknown, std::string(kUnknown) + std::string(body), 7).refused, 413) << body;
  }
  RequestParser unknown(limits);
  const Outcome short_body = feed(unknown, std::string(kUnknown) + std::string(kEight), 7);
  EXPECT_TRUE(short_body.done);
  EXPECT_EQ(unknown.body_size(), 8U);
  // The limit of one request is not that of the next.
  (void)unknown.take();
  EXPECT_TRUE(feed(unknown, std::string(kKnown) + std::string(kChunks), 7).done);
}

struct Case {
  std::string_view text;
  int status;
};

TEST(RequestParser, RefusesWhatReadersDisagreeAbout) {
  constexpr Case kTable[] = {
      // Framing.
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
      // Chunks.
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\na", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
       "10000000000000001\r\na\r\n",
       400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", 400},
      // Identity.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nauthorization: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX-Vault-Token: a\r\nX-VAULT-TOKEN: b\r\n\r\n", 400},
      // Characters and lines.
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\x01"
       "c\r\n\r\n",
       400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA b: c\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\n: c\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", 400},
      {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02", 400},
      // Request line.
      {"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET v1/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /#a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET / HTT\r\n\r\n", 400},  // ended, and too short to hold a version
      {"METHODMETHODMETHODMETHODMETHODMETHOD / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"PUT / HTTP/1.1\r\nHost: h\r\nExpect: gold\r\n\r\n", 417},
  };
  for (const Case& row : kTable) {
    for (const std::size_t step : {1U, 1U << 20U}) {
      const Outcome outcome = feed_new(row.text, step);
      EXPECT_EQ(outcome.refused, row.status) << row.text << " in steps of " << step;
    }
  }
}

TEST(RequestParser, HoldsItsLimits) {
  const std::string start = "PUT / HTTP/1.1\r\nHost: h\r\n";
  const auto padded = [&](std::size_t size) {
    return start + "A: " + std::string(size - start.size() - 7, 'a') + "\r\n\r\n";
  };
  EXPECT_TRUE(feed_new(padded(400)).done);
  EXPECT_EQ(feed_new(padded(401)).refused, 431);
  EXPECT_EQ(feed_new(std::string(401, 'a')).refused, 431);

  std::string many = start;
  for (int i = 1; i < 8; ++i) many += "a: b\r\n";
  EXPECT_TRUE(feed_new(many + "\r\n").done);
  EXPECT_EQ(feed_new(many + "a: b\r\n\r\n").refused, 431);

  EXPECT_TRUE(feed_new(start + "Content-Length: 64\r\n\r\n" + std::string(64, 'b')).done);
  EXPECT_EQ(feed_new(start + "Content-Length: 65\r\n\r\n").refused, 413);
  const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(feed_new(chunked + "40\r\n" + std::string(64, 'b') + "\r\n0\r\n\r\n").done);
  EXPECT_EQ(feed_new(chunked + "40\r\n" + std::string(64, 'b') + "\r\n1\r\n").refused, 413);
  EXPECT_EQ(feed_new(chunked + "ffffffffffffffff\r\n").refused, 413);
}

TEST(RequestParser, KnowsWhenAConnectionMayGoOn) {
  const auto keep_alive = [](std::string_view text) {
    RequestParser parser(RequestLimits{});
    EXPECT_TRUE(feed(parser, text, 1000).done) << text;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, SeesExpectationBeforeTheBody) {
  RequestParser parser(RequestLimits{});
  constexpr std::string_view kHead =
      "PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  ASSERT_EQ(parser.put(kHead), kHead.size());
  EXPECT_EQ(parser.stage(), Stage::body);
  EXPECT_TRUE(parser.expects_continue());
  ASSERT_EQ(parser.put("ok"), 2);
  EXPECT_EQ(parser.take().body.text(), "ok");
}

}  // namespace
}  // namespace coffer::net
