#include "formats/form.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::formats {
namespace {

using namespace std::string_literals;

// "name=value;" for each pair, or the error's message.
std::string parsed(std::string_view body) {
  const auto pairs = parse_form(body);
  if (!pairs) return pairs.error().message;
  std::string out;
  for (const FormPair& pair : *pairs) out += pair.name + "=" + std::string(pair.value.text()) + ";";
  return out;
}

TEST(Form, Accepts) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("a=1"), "a=1;");
  EXPECT_EQ(parsed("a=1&b=2"), "a=1;b=2;");
  EXPECT_EQ(parsed("a"), "a=;");
  EXPECT_EQ(parsed("a="), "a=;");
  EXPECT_EQ(parsed("a&b"), "a=;b=;");
  EXPECT_EQ(parsed("a=b=c"), "a=b=c;");
  EXPECT_EQ(parsed("a+b=c+d"), "a b=c d;");
  EXPECT_EQ(parsed("%61%3D=%26%2b%25"), "a==&+%;");
  EXPECT_EQ(parsed("p=%c3%a9%00"), "p=\xc3\xa9\0;"s);
  EXPECT_EQ(parsed("!$'()*,-./:;?@[]_~=1"), "!$'()*,-./:;?@[]_~=1;");
}

TEST(Form, Refuses) {
  EXPECT_EQ(parsed("&"), "form: empty name at byte 0");
  EXPECT_EQ(parsed("a=1&"), "form: empty name at byte 4");
  EXPECT_EQ(parsed("a=1&&b=2"), "form: empty name at byte 4");
  EXPECT_EQ(parsed("=1"), "form: empty name at byte 0");
  EXPECT_EQ(parsed("a=%"), "form: bad escape at byte 2");
  EXPECT_EQ(parsed("a=%4"), "form: bad escape at byte 2");
  EXPECT_EQ(parsed("a=x%4&b=1"), "form: bad escape at byte 3");
  EXPECT_EQ(parsed("a=%g0"), "form: bad escape at byte 2");
  EXPECT_EQ(parsed("a=%0x"), "form: bad escape at byte 2");
  EXPECT_EQ(parsed("%=1"), "form: bad escape at byte 0");
  EXPECT_EQ(parsed("a=b c"), "form: octet that must be escaped at byte 3");
  EXPECT_EQ(parsed("a=b\n"), "form: octet that must be escaped at byte 3");
  EXPECT_EQ(parsed("a=\xc3\xa9"), "form: octet that must be escaped at byte 2");
  EXPECT_EQ(parsed("a=%ff"), "form: invalid UTF-8 at byte 2");
  EXPECT_EQ(parsed("b=1&%ff=1"), "form: invalid UTF-8 at byte 4");
  EXPECT_EQ(parsed("a=1&b=2&%61=3"), "form: name used twice at byte 8");
}

TEST(Form, LimitsPairs) {
  std::string body = "n0=";
  for (std::size_t i = 1; i < kMaxFormPairs; ++i) body += "&n" + std::to_string(i) + "=";
  EXPECT_EQ(parse_form(body)->size(), kMaxFormPairs);
  EXPECT_EQ(parse_form(body + "&x=").error().code, Code::too_large);
}

TEST(Form, WritesWhatItReads) {
  for (const std::string_view body : {"", "a=1&b=", "a+b=%26%3D%25%2B", "p=%C3%A9%00%7F"}) {
    EXPECT_EQ(write_form(parse_form(body).value()).text(), body);
  }
}

}  // namespace
}  // namespace coffer::formats
