#include "net/target.h"

#include <gtest/gtest.h>

namespace coffer::net {
namespace {

struct Accept {
  std::string_view text;
  std::string_view path;
};

TEST(Target, DecodesPathExactlyOnce) {
  constexpr Accept kTable[] = {
      {"/", "/"},
      {"/v1/sys/health", "/v1/sys/health"},
      {"/v1/secret/data/a%20b", "/v1/secret/data/a b"},
      {"/v1/secret/metadata/team/", "/v1/secret/metadata/team/"},
      {"/a+b", "/a+b"},
      {"/a%2Bb", "/a+b"},
      {"/100%25", "/100%"},
      {"/100%25zz", "/100%zz"},
      {"/%C3%A9t%c3%a9", "/\u00e9t\u00e9"},
      {"/%F0%9F%94%91", "/\U0001F511"},
      {"/a..b/.c/d.", "/a..b/.c/d."},
      {"/a:b@c,d=e!$&'()*~", "/a:b@c,d=e!$&'()*~"},
  };
  for (const Accept& row : kTable) {
    const auto target = parse_target(row.text);
    ASSERT_TRUE(target) << row.text;
    EXPECT_EQ(target->path, row.path);
    EXPECT_EQ(parse_target(encode_path(target->path))->path, row.path);
  }
}

TEST(Target, RefusesEverySecondSpellingOfAPath) {
  constexpr std::string_view kTable[] = {
      "",
      "v1/x",
      "http://host/v1/x",
      "//",
      "//host/x",
      "/a//b",
      "/a//",
      "/./a",
      "/a/.",
      "/a/..",
      "/a/../b",
      "/a/%2e%2e/b",
      "/a/.%2E/b",
      "/%2e",
      "/a%2fb",
      "/a%2Fb",
      "/a%5cb",
      "/a\\b",
      "/a;b",
      "/a%3bb",
      "/a%00b",
      "/a%0ab",
      "/a%7fb",
      "/a%C2%85b",
      "/a b",
      "/a\tb",
      "/caf\xc3\xa9",
      "/%C0%AF",
      "/%E0%80%AF",
      "/%ED%A0%80",
      "/%F4%90%80%80",
      "/%FF",
      "/%C3",
      "/%A9",
      "/a%",
      "/a%2",
      "/a%zz",
      "/a%252fb",
      "/a%2541",
      "/a%25%32%46",
      "/a#b",
      "/a?b#c",
  };
  for (const std::string_view text : kTable) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, Code::invalid_argument) << text;
  }
}

TEST(Target, ReadsQueryWithPlusAsSpace) {
  const auto target = parse_target("/v1/x?list=true&after=a%2Fb+c&bare&empty=&eq=a=b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/x");
  EXPECT_EQ(query_value(*target, "list"), "true");
  EXPECT_EQ(query_value(*target, "after"), "a/b c");
  EXPECT_EQ(query_value(*target, "bare"), "");
  EXPECT_EQ(query_value(*target, "empty"), "");
  EXPECT_EQ(query_value(*target, "eq"), "a=b");
  EXPECT_EQ(query_value(*target, "absent"), std::nullopt);
  EXPECT_TRUE(parse_target("/x?")->query.empty());
}

TEST(Target, RefusesAmbiguousQueries) {
  for (const std::string_view text :
       {"/x?a=1&a=2", "/x?a=1&%61=2", "/x?=1", "/x?a&&b", "/x?a=%0a", "/x?a=%ff", "/x?a=%1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, HoldsItsLimits) {
  EXPECT_TRUE(parse_target("/" + std::string(kMaxTarget - 1, 'a')));
  EXPECT_FALSE(parse_target("/" + std::string(kMaxTarget, 'a')));
  std::string query = "/x?p0";
  for (std::size_t i = 1; i < kMaxQueryParameters; ++i) query += "&p" + std::to_string(i);
  EXPECT_TRUE(parse_target(query));
  EXPECT_FALSE(parse_target(query + "&one_more"));
}

// A request of three octets in a sequence: MAP//w==, whose slashes a client escapes.
TEST(Target, ReadsTheSlashOfAnOcspRequestInItsOneWay) {
  const auto path = [](std::string_view target) {
    const auto read = parse_target(target);
    return read ? read->path : "refused";
  };
  EXPECT_EQ(path("/v1/pki/ocsp/MAP%2F%2Fw%3D%3D"), "refused") << "not a whole sequence";
  EXPECT_EQ(path("/v1/pki/ocsp/MAL%2F%2Fw%3D%3D"), "/v1/pki/ocsp/MAL__w");
  EXPECT_EQ(path("/v1/pki/ocsp/MAL%2f%2fw=="), "/v1/pki/ocsp/MAL__w");
  EXPECT_EQ(path("/v1/pki/ocsp/MAL__w"), "/v1/pki/ocsp/MAL__w");
  EXPECT_EQ(path("/v1/pki/ocsp/MAL%2F%2Fw%3D"), "refused") << "broken padding";
  EXPECT_EQ(path("/v1/p%2Fki/ocsp/MAL%2F%2Fw%3D%3D"), "refused");
  EXPECT_EQ(path("/v1/p%2Fki/ocsp/MAEA"), "refused");
  EXPECT_EQ(path("/v1/secret/data/ocsp/a%2Fb"), "refused");
  EXPECT_EQ(path("/v1/pki/ocsp%2FMAL%2F%2Fw%3D%3D"), "refused");
  EXPECT_EQ(path("/v1/pki/ocsp/MAL%2F%2Fw%3D%3D/..%2F"), "refused");
}

}  // namespace
}  // namespace coffer::net
