#include "formats/env_file.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::formats {
namespace {

using namespace std::string_literals;

// "[name|value]" for each entry, or the error's message.
std::string parsed(std::string_view text) {
  const auto entries = parse_env_file(text);
  if (!entries) return entries.error().message;
  std::string out;
  for (const EnvEntry& entry : *entries) {
    out += "[" + entry.name + "|" + std::string(entry.value.text()) + "]";
  }
  return out;
}

TEST(EnvFile, Accepts) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("\n \t\n# only comments\n  # indented"), "");
  EXPECT_EQ(parsed("A=1\nB=2\n"), "[A|1][B|2]");
  EXPECT_EQ(parsed("A=1\r\nB=2\r\n"), "[A|1][B|2]");
  EXPECT_EQ(parsed("_a9=x"), "[_a9|x]");
  EXPECT_EQ(parsed("  export  A=1\nexport\tB=2"), "[A|1][B|2]");
  EXPECT_EQ(parsed("export=1"), "[export|1]");
  EXPECT_EQ(parsed("A=\nB=  \nC= # none\nD=#none"), "[A|][B|][C|][D|]");
  EXPECT_EQ(parsed("A=two words  # note"), "[A|two words]");
  EXPECT_EQ(parsed("A=a#b=c\\d$e"), "[A|a#b=c\\d$e]");
  EXPECT_EQ(parsed("A='$x \\n \"q\" #' # note"), "[A|$x \\n \"q\" #]");
  EXPECT_EQ(parsed("A=\"a\\n\\r\\t\\\"\\\\\\$\\`' #\" # note\nB=1"), "[A|a\n\r\t\"\\$`' #][B|1]");
  EXPECT_EQ(parsed("A=\"one\n# two\n\nthree\"\nB=2"), "[A|one\n# two\n\nthree][B|2]");
  EXPECT_EQ(parsed("A=\"one\r\ntwo\"\r\nB=2"), "[A|one\r\ntwo][B|2]");
  EXPECT_EQ(parsed("A=\"\"\nB=''"), "[A|][B|]");
  EXPECT_EQ(parsed("A=h\xc3\xa9\tx"), "[A|h\xc3\xa9\tx]");
}

TEST(EnvFile, RefusesWithTheLine) {
  EXPECT_EQ(parsed("A=1\nB"), "env file: no '=' on line 2");
  EXPECT_EQ(parsed("export"), "env file: no '=' on line 1");
  EXPECT_EQ(parsed("=1"), "env file: bad name on line 1");
  EXPECT_EQ(parsed("1A=1"), "env file: bad name on line 1");
  EXPECT_EQ(parsed("A B=1"), "env file: bad name on line 1");
  EXPECT_EQ(parsed("A =1"), "env file: bad name on line 1");
  EXPECT_EQ(parsed("A-B=1"), "env file: bad name on line 1");
  EXPECT_EQ(parsed("export A=1\n\nexport =1"), "env file: bad name on line 3");
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "A=1"),
            "env file: bad name on line 1");
  EXPECT_EQ(parsed("A= 1"), "env file: blank after '=' on line 1");
  EXPECT_EQ(parsed("A=it's"), "env file: quote inside a plain value on line 1");
  EXPECT_EQ(parsed("A=x\"y\""), "env file: quote inside a plain value on line 1");
  EXPECT_EQ(parsed("A=`id`"), "env file: quote inside a plain value on line 1");
  EXPECT_EQ(parsed("A='x"), "env file: quote without end on line 1");
  EXPECT_EQ(parsed("A='x\ny'"), "env file: quote without end on line 1");
  EXPECT_EQ(parsed("\nA=\"x\ny\n"), "env file: quote without end on line 2");
  EXPECT_EQ(parsed("A='x'y"), "env file: text after the closing quote on line 1");
  EXPECT_EQ(parsed("A='x'#y"), "env file: text after the closing quote on line 1");
  EXPECT_EQ(parsed("A=\"x\" y"), "env file: text after the closing quote on line 1");
  EXPECT_EQ(parsed("A=\"\\x41\""), "env file: unknown escape on line 1");
  EXPECT_EQ(parsed("A=\"\\"), "env file: unknown escape on line 1");
  EXPECT_EQ(parsed("A=\"\\\n\""), "env file: unknown escape on line 1");
  EXPECT_EQ(parsed("A=1\nB=2\nA=3"), "env file: name set twice on line 3");
  // Lines are counted through values of several lines.
  EXPECT_EQ(parsed("A=\"1\n2\n3\"\nB"), "env file: no '=' on line 4");
}

TEST(EnvFile, RefusesControlCharactersAndInvalidUtf8Everywhere) {
  for (const std::string& bad : {"\0"s, "\x01"s, "\x7f"s, "\xff"s, "x\ry"s, "\xc3"s}) {
    const std::string expected = "env file: control character or invalid UTF-8 on line 1";
    EXPECT_EQ(parsed("A=" + bad), expected);
    EXPECT_EQ(parsed("A='" + bad + "'"), expected);
    EXPECT_EQ(parsed("A='' #" + bad), expected);
    EXPECT_EQ(parsed("A=1 #" + bad), expected);
    EXPECT_EQ(parsed("#" + bad), expected);
    if (bad != "x\ry") {
      EXPECT_EQ(parsed("A=\"" + bad + "\""), expected);
    }
  }
}

TEST(EnvFile, ErrorsNeverShowAValue) {
  for (const char* text : {"A=hunter2'", "A='hunter2", "A=\"hunter2", "A='hunter2'hunter2"}) {
    EXPECT_EQ(parsed(text).find("hunter2"), std::string::npos);
  }
}

TEST(EnvFile, Limits) {
  std::string text;
  for (std::size_t i = 0; i < kMaxEnvFileEntries; ++i) text += "A" + std::to_string(i) + "=\n";
  EXPECT_EQ(parse_env_file(text)->size(), kMaxEnvFileEntries);
  EXPECT_EQ(parse_env_file(text + "B=\n").error().code, Code::too_large);
  EXPECT_TRUE(parse_env_file("A=" + std::string(kMaxEnvFileOctets - 2, 'x')));
  EXPECT_EQ(parse_env_file("A=" + std::string(kMaxEnvFileOctets - 1, 'x')).error().code,
            Code::too_large);
}

std::vector<EnvEntry> one(std::string name, std::string_view value) {
  std::vector<EnvEntry> entries;
  entries.push_back({.name = std::move(name), .value = secure::SecureText(value)});
  return entries;
}

TEST(EnvFile, WritesWhatItReads) {
  for (const std::string_view value :
       {"", "plain", " blanks ", "a\"b'c`d$e\\f", "one\r\ntwo\n\tthree", "# no comment", "é"}) {
    const auto text = write_env_file(one("A", value));
    ASSERT_TRUE(text) << value;
    EXPECT_EQ(parsed(text->text()), "[A|" + std::string(value) + "]");
  }
}

TEST(EnvFile, DoesNotWriteWhatItWouldRefuse) {
  EXPECT_FALSE(write_env_file(one("A-B", "x")));
  EXPECT_FALSE(write_env_file(one("", "x")));
  EXPECT_FALSE(write_env_file(one("A", "\x01")));
  EXPECT_FALSE(write_env_file(one("A", "\xff")));
  std::vector<EnvEntry> twice = one("A", "x");
  twice.push_back({.name = "A", .value = secure::SecureText("y")});
  EXPECT_FALSE(write_env_file(twice));
  EXPECT_EQ(write_env_file(one("A", std::string(kMaxEnvFileOctets, 'x'))).error().code,
            Code::too_large);
}

}  // namespace
}  // namespace coffer::formats
