#include "formats/cidr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coffer::formats {
namespace {

using namespace std::string_literals;

TEST(IpAddress, HasOneCanonicalText) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"127.0.0.1", "127.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"::ffff:192.0.2.7", "192.0.2.7"},
      {"::FFFF:c000:207", "192.0.2.7"},
      {"0:0:0:0:0:ffff:c000:0207", "192.0.2.7"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto address = parse_ip(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), canonical);
    EXPECT_EQ(address->is_v4(), canonical.find(':') == std::string::npos);
    EXPECT_EQ(*parse_ip(canonical), *address);
  }
}

TEST(IpAddress, Refuses) {
  for (const std::string& text : {""s,
                                  "1"s,
                                  "1.2.3"s,
                                  "1.2.3.4.5"s,
                                  "256.0.0.1"s,
                                  "01.2.3.4"s,
                                  "0x7f.0.0.1"s,
                                  "1.2.3.4 "s,
                                  " 1.2.3.4"s,
                                  "1.2.3.4\0"s,
                                  "1.2.3.4:80"s,
                                  "[::1]"s,
                                  "::1%eth0"s,
                                  ":::"s,
                                  "1::2::3"s,
                                  "12345::"s,
                                  "::ffff:1.2.3.256"s,
                                  "localhost"s,
                                  "1.2.3.4/32"s,
                                  std::string(60, '1')}) {
    const auto address = parse_ip(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, Code::invalid_argument);
  }
}

TEST(Cidr, Contains) {
  struct Case {
    std::string block, address;
    bool inside;
  };

  for (const Case& c : std::vector<Case>{{"10.0.0.0/8", "10.255.255.255", true},
                                         {"10.0.0.0/8", "11.0.0.0", false},
                                         {"10.0.0.0/8", "9.255.255.255", false},
                                         {"192.0.2.128/25", "192.0.2.128", true},
                                         {"192.0.2.128/25", "192.0.2.127", false},
                                         {"192.0.2.64/27", "192.0.2.95", true},
                                         {"192.0.2.64/27", "192.0.2.96", false},
                                         {"127.0.0.1", "127.0.0.1", true},
                                         {"127.0.0.1", "127.0.0.2", false},
                                         {"127.0.0.1/32", "127.0.0.1", true},
                                         {"0.0.0.0/0", "203.0.113.9", true},
                                         {"2001:db8::/32", "2001:db8:ffff::1", true},
                                         {"2001:db8::/32", "2001:db9::", false},
                                         {"::1", "::1", true},
                                         {"::1/128", "::2", false},
                                         {"fe80::/10", "febf::1", true},
                                         {"fe80::/10", "fec0::1", false},
                                         {"::/0", "2001:db8::1", true},
                                         // IPv4 in its mapped form is IPv4, on either side
                                         {"10.0.0.0/8", "::ffff:10.1.2.3", true},
                                         {"::ffff:10.0.0.0/104", "10.1.2.3", true},
                                         {"::ffff:0:0/96", "10.1.2.3", true},
                                         // and the families do not mix
                                         {"::/0", "10.1.2.3", false},
                                         {"::/0", "::ffff:10.1.2.3", false},
                                         {"0.0.0.0/0", "::1", false},
                                         {"0.0.0.0/0", "::a01:203", false}}) {
    const auto block = Cidr::parse(c.block);
    ASSERT_TRUE(block) << c.block;
    EXPECT_EQ(block->contains(parse_ip(c.address).value()), c.inside)
        << c.block << " " << c.address;
  }
}

TEST(Cidr, Covers) {
  struct Case {
    std::string outer, inner;
    bool covered;
  };

  for (const Case& c : std::vector<Case>{{"10.0.0.0/8", "10.0.0.0/8", true},
                                         {"10.0.0.0/8", "10.0.0.0/9", true},
                                         {"10.0.0.0/8", "10.128.0.0/9", true},
                                         {"10.0.0.0/8", "10.1.2.3", true},
                                         {"10.0.0.0/8", "10.0.0.0/7", false},
                                         {"10.0.0.0/8", "0.0.0.0/0", false},
                                         {"10.0.0.0/8", "11.0.0.0/8", false},
                                         {"10.0.0.0/8", "11.0.0.0/16", false},
                                         {"10.1.2.3", "10.1.2.3/32", true},
                                         {"10.1.2.3", "10.1.2.2/31", false},
                                         {"0.0.0.0/0", "0.0.0.0/0", true},
                                         {"2001:db8::/32", "2001:db8::/32", true},
                                         {"2001:db8::/32", "2001:db8:1::/48", true},
                                         {"2001:db8::/32", "2001:db8::/31", false},
                                         {"2001:db8::/32", "2001:db9::/48", false},
                                         {"2001:db8::/32", "::/0", false},
                                         {"::/0", "2001:db8::1", true},
                                         // IPv4 in its mapped form is IPv4, on either side
                                         {"10.0.0.0/8", "::ffff:10.1.0.0/112", true},
                                         {"10.0.0.0/8", "::ffff:0:0/96", false},
                                         {"::ffff:10.0.0.0/104", "10.1.0.0/16", true},
                                         {"::ffff:10.0.0.0/104", "10.0.0.0/7", false},
                                         // and the families do not mix
                                         {"::/0", "10.0.0.0/8", false},
                                         {"::/0", "::ffff:10.1.2.3", false},
                                         {"0.0.0.0/0", "::1", false},
                                         {"0.0.0.0/0", "::/0", false}}) {
    const auto outer = Cidr::parse(c.outer);
    const auto inner = Cidr::parse(c.inner);
    ASSERT_TRUE(outer && inner) << c.outer << " " << c.inner;
    EXPECT_EQ(outer->covers(*inner), c.covered) << c.outer << " " << c.inner;
  }
}

TEST(Cidr, Refuses) {
  for (const std::string& text : {""s,
                                  "/8"s,
                                  "10.0.0.0/"s,
                                  "10.0.0.0/33"s,
                                  "10.0.0.0/128"s,
                                  "10.0.0.0/-1"s,
                                  "10.0.0.0/+8"s,
                                  "10.0.0.0/08"s,
                                  "10.0.0.0/8 "s,
                                  "10.0.0.0/ 8"s,
                                  "10.0.0.0/8/8"s,
                                  "10.0.0.0/8.0"s,
                                  "10.0.0.0/255.0.0.0"s,
                                  "10.0.0.0/4294967304"s,
                                  "10/8"s,
                                  "10.0.0.1/8"s,
                                  "0.0.0.1/0"s,
                                  "::1/127"s,
                                  "::/129"s,
                                  "::/1000"s,
                                  "2001:db8::1/32"s,
                                  "::ffff:10.0.0.0/8"s,
                                  "::ffff:0:0/95"s,
                                  "*"s,
                                  "any"s}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(Cidr, TextIsCanonicalAndParsesToTheSameBlock) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"10.0.0.1/32", "10.0.0.1"},
      {"10.0.0.1", "10.0.0.1"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"::/0", "::/0"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"::1/128", "::1"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"}};
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(Cidr::parse(text)->text(), canonical);
    EXPECT_EQ(*Cidr::parse(canonical), *Cidr::parse(text));
  }
}

TEST(Cidr, NeighboursInIpv6ShareABlockOf64Bits) {
  EXPECT_EQ(neighbourhood_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(neighbourhood_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(neighbourhood_of("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
  EXPECT_EQ(neighbourhood_of("2001:DB8:1:2:ffff::"), "2001:db8:1:2::/64");
  EXPECT_EQ(neighbourhood_of("fe80::1%eth0"), "fe80::1%eth0");
  EXPECT_EQ(neighbourhood_of("many"), "many");
}

}  // namespace
}  // namespace coffer::formats
