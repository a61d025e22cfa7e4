#include "formats/octet_run.h"

#include "formats/json.h"
#include "formats/json_text.h"
#include "formats/utf8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>

namespace coffer::formats {
namespace {

// In a block of its own, so that a sanitizer sees a step beyond it.
std::size_t run_of(std::string_view text, const auto& ends) {
  const auto block = std::make_unique<char[]>(text.size());
  std::ranges::copy(text, block.get());
  return octet_run({block.get(), text.size()}, ends);
}

TEST(OctetRun, EndsAtEveryOctetThatEndsItInEveryPlace) {
  const auto ends = [](auto octet) { return (octet < 0x20) | (octet == '"') | (octet == 0x7f); };
  for (std::size_t size = 0; size <= 40; ++size) {
    EXPECT_EQ(run_of(std::string(size, 'x'), ends), size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(octet);
        const bool end = octet < 0x20 || octet == '"' || octet >= 0x7f;
        ASSERT_EQ(run_of(text, ends), end ? at : size) << octet << " at " << at << " of " << size;
      }
    }
  }
}

TEST(OctetRun, EndsAtTheFirstOfSeveral) {
  for (std::size_t first = 0; first < 20; ++first) {
    for (std::size_t second = first + 1; second < 35; ++second) {
      std::string text(35, 'x');
      text[first] = text[second] = '"';
      ASSERT_EQ(run_of(text, [](auto octet) { return octet == '"'; }), first);
    }
  }
}

// The scalar value that a text begins with, by its bits; nothing when that is not how it is spelt.
struct Scalar {
  std::uint32_t value = 0;
  std::size_t size = 0;  // 0: none
};

Scalar plain_scalar(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const auto ones = static_cast<std::size_t>(std::countl_one(lead));
  const std::size_t size = ones == 0 ? 1 : ones;
  if (ones == 1 || ones > 4 || text.size() < size) return {};
  std::uint32_t value = lead & (0xffU >> (ones + (ones == 0 ? 0 : 1)));
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return {};
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  std::string spelt;
  append_utf8(spelt, value);
  return spelt == text.substr(0, size) ? Scalar{value, size} : Scalar{};
}

bool plain_is_utf8(std::string_view text, bool printable) {
  while (!text.empty()) {
    const Scalar scalar = plain_scalar(text);
    const bool control = scalar.value < 0x20 || (scalar.value >= 0x7f && scalar.value < 0xa0);
    if (scalar.size == 0 || (printable && control)) return false;
    text.remove_prefix(scalar.size);
  }
  return true;
}

std::string plain_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Scalar scalar = plain_scalar(text);
    const std::string_view shown = text.substr(0, std::max<std::size_t>(scalar.size, 1));
    static constexpr std::string_view kNamed = "\"\"\\\\\nn\rr\tt";  // the octet, its letter
    if (scalar.size == 0) {
      out += "\xef\xbf\xbd";
    } else if (const auto at = kNamed.find(shown); shown.size() == 1 && at % 2 == 0) {
      out += {'\\', kNamed[at + 1]};
    } else if (scalar.value < 0x20 || std::string_view("<>&").contains(shown)) {
      static constexpr std::string_view kHex = "0123456789abcdef";
      out += {'\\', 'u', '0', '0', kHex[scalar.value >> 4], kHex[scalar.value & 15U]};
    } else {
      out += shown;
    }
    text.remove_prefix(shown.size());
  }
  return out + '"';
}

// Plain text with something else in it now and then: every kind of sequence, whole and broken.
std::string random_text(std::mt19937& random) {
  static const auto kParts = std::to_array<std::string>({"\"",
                                                         "\\",
                                                         "<",
                                                         "&",
                                                         ">",
                                                         "\n",
                                                         "\t",
                                                         "\r",
                                                         "\x01",
                                                         "\x1f",
                                                         "\x7f",
                                                         std::string(1, '\0'),
                                                         "\xc2\x80",
                                                         "\xc2\x9f",
                                                         "\xc2\xa0",
                                                         "\xdf\xbf",
                                                         "\xe0\xa0\x80",
                                                         "\xe2\x82\xac",
                                                         "\xed\x9f\xbf",
                                                         "\xee\x80\x80",
                                                         "\xef\xbf\xbf",
                                                         "\xf0\x90\x80\x80",
                                                         "\xf4\x8f\xbf\xbf",
                                                         "\x80",
                                                         "\xbf",
                                                         "\xc0\x80",
                                                         "\xc1\xbf",
                                                         "\xc2",
                                                         "\xe0\x9f\xbf",
                                                         "\xe2\x82",
                                                         "\xed\xa0\x80",
                                                         "\xf0\x8f\xbf\xbf",
                                                         "\xf0\x90\x80",
                                                         "\xf4\x90\x80\x80",
                                                         "\xf5\x80\x80\x80",
                                                         "\xff"});
  std::string text(random() % 40, ' ');
  for (char& c : text) c = static_cast<char>('#' + random() % 20);
  for (std::size_t parts = random() % 4; parts > 0; --parts) {
    text.insert(random() % (text.size() + 1), kParts[random() % kParts.size()]);
  }
  return text;
}

TEST(OctetRun, LeavesUtf8AsItIsDefined) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same texts each time
  std::array<int, 2> good{};
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random);
    ASSERT_EQ(is_utf8(text), plain_is_utf8(text, false)) << round;
    ASSERT_EQ(is_printable_utf8(text), plain_is_utf8(text, true)) << round;
    good[0] += is_utf8(text) ? 1 : 0;
    good[1] += is_printable_utf8(text) ? 1 : 0;
  }
  EXPECT_GT(good[0], good[1]);  // all three answers came up
  EXPECT_GT(20'000, good[0]);
  EXPECT_GT(good[1], 0);
}

TEST(OctetRun, LeavesJsonStringsAsTheyWere) {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp): the same texts each time
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random);
    secure::SecureText out;
    JsonWriter(out).string(text);
    ASSERT_EQ(out.text(), plain_quoted(text)) << round;
    // Read as the content of a string, it is refused where there is something to refuse.
    const std::string quoted = '"' + text + '"';
    const bool plain = std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
    if (!plain) continue;
    const auto read = JsonView::parse(quoted);
    ASSERT_EQ(read.has_value(), plain_is_utf8(text, false)) << round;
    if (read) ASSERT_EQ(*read->string(), text);
  }
}

}  // namespace
}  // namespace coffer::formats
