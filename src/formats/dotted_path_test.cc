#include "formats/dotted_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coffer::formats {
namespace {

using testing::ElementsAre;

TEST(DottedPath, ParsesTheReverseDomainSpelling) {
  EXPECT_THAT(*parse_dotted("prod.db.postgres.billing-db.password"),
              ElementsAre("prod", "db", "postgres", "billing-db", "password"));
  EXPECT_THAT(*parse_dotted("one"), ElementsAre("one"));
  EXPECT_THAT(*parse_dotted("a b._~!.é"), ElementsAre("a b", "_~!", "é"));
}

TEST(DottedPath, SlashedSegmentsMayHaveDots) {
  EXPECT_THAT(*parse_slashed("prod/tls/example.com/key"),
              ElementsAre("prod", "tls", "example.com", "key"));
  EXPECT_THAT(*parse_slashed(".env/..."), ElementsAre(".env", "..."));
}

TEST(DottedPath, RefusesInBothSpellings) {
  const std::string control(
      "a\x01"
      "b");
  for (const std::string& text : {std::string(),
                                  control,
                                  std::string("a\nb"),
                                  std::string("a\x7f"),
                                  std::string("\xff"),
                                  std::string("\xc2\x85"),
                                  std::string("\xc3"),
                                  std::string("a\0b", 3),
                                  std::string(kMaxSegmentOctets + 1, 'a')}) {
    EXPECT_EQ(parse_dotted(text).error().code, Code::invalid_argument) << text;
    EXPECT_EQ(parse_slashed(text).error().code, Code::invalid_argument) << text;
  }
}

TEST(DottedPath, RefusesMisplacedSeparators) {
  for (const char* text : {".", "..", "a.", ".a", "a..b", "a/b", "/"}) {
    EXPECT_FALSE(parse_dotted(text)) << text;
  }
  for (const char* text : {"/", "a/", "/a", "a//b", ".", "..", "a/../b", "a/.", "./a"}) {
    EXPECT_FALSE(parse_slashed(text)) << text;
  }
}

TEST(DottedPath, LimitsAreInclusive) {
  EXPECT_TRUE(parse_dotted(std::string(kMaxSegmentOctets, 'a')));
  std::string path = "a";
  for (std::size_t i = 1; i < kMaxPathSegments; ++i) path += ".a";
  EXPECT_TRUE(parse_dotted(path));
  EXPECT_FALSE(parse_dotted(path + ".a"));

  const std::string segment(255, 'a');
  const std::string full = segment + "/" + segment + "/" + segment + "/" + segment;
  EXPECT_EQ(full.size(), 1023U);
  EXPECT_TRUE(parse_slashed(full));
  const std::string half(127, 'a');
  EXPECT_TRUE(parse_slashed(full.substr(0, 767) + "/" + half + "/" + half + "a"));    // 1024
  EXPECT_FALSE(parse_slashed(full.substr(0, 767) + "/" + half + "/" + half + "aa"));  // 1025
}

TEST(DottedPath, SpellsWhatItParsed) {
  EXPECT_EQ(to_dotted({"prod", "db", "password"}), "prod.db.password");
  EXPECT_EQ(to_slashed({"prod", "db", "password"}), "prod/db/password");
  EXPECT_EQ(to_slashed({"prod", "example.com"}), "prod/example.com");
}

TEST(DottedPath, APathWithADotInsideASegmentHasNoDottedSpelling) {
  EXPECT_EQ(to_dotted({"tls", "example.com"}), std::nullopt);
  EXPECT_EQ(to_dotted({"a", "."}), std::nullopt);
}

TEST(DottedPath, WhatIsNoPathHasNoDottedSpelling) {
  EXPECT_EQ(to_dotted({}), std::nullopt);
  EXPECT_EQ(to_dotted({"a", ""}), std::nullopt);
  EXPECT_EQ(to_dotted({"a/b"}), std::nullopt);
  // Counted with separators: 32 segments of 32 octets are 1055.
  EXPECT_FALSE(check_path(std::vector<std::string>(32, std::string(32, 'a'))));
}

}  // namespace
}  // namespace coffer::formats
