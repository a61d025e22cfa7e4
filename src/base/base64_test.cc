#include "base/encoding.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>

namespace coffer {
namespace {

constexpr Base64 kKinds[] = {Base64::standard, Base64::standard_raw, Base64::url, Base64::url_raw};

bool is_padded(Base64 kind) {
  return kind == Base64::standard || kind == Base64::url;
}

std::string_view alphabet_of(Base64 kind) {
  return kind == Base64::standard || kind == Base64::standard_raw
             ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
             : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

// RFC 4648 §4 as it is written: the octets' bits in a row, six to a character.
std::string plain_encode(ByteView bytes, Base64 kind) {
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    unsigned value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const bool one = i < bytes.size() * 8 && (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
      value = value * 2 + (one ? 1 : 0);
    }
    text.push_back(alphabet_of(kind)[value]);
  }
  while (is_padded(kind) && text.size() % 4 != 0) text.push_back('=');
  return text;
}

// The octets that are spelt like that, if there are any.
std::optional<Bytes> plain_decode(std::string_view text, Base64 kind) {
  std::string_view digits = text;
  while (is_padded(kind) && digits.ends_with('=')) digits.remove_suffix(1);
  Bytes octets(digits.size() * 6 / 8);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t value = alphabet_of(kind).find(digits[i]);
    if (value == std::string_view::npos) return std::nullopt;
    for (std::size_t bit = 0; bit < 6; ++bit) {
      const std::size_t at = i * 6 + bit;
      if (at / 8 >= octets.size() || (value >> (5 - bit) & 1) == 0) continue;
      octets[at / 8] = static_cast<std::uint8_t>(octets[at / 8] | 0x80U >> at % 8);
    }
  }
  if (plain_encode(octets, kind) != text) return std::nullopt;
  return octets;
}

void expect_as_plain(std::string_view text, Base64 kind) {
  const auto expected = plain_decode(text, kind);
  // In a block of exactly the size that the contract allows, so that a sanitizer sees what is over.
  const auto out = std::make_unique<std::uint8_t[]>(text.size() * 3 / 4);
  const auto size = base64_decode_to(text, kind, out.get());
  ASSERT_EQ(size.has_value(), expected.has_value()) << text;
  if (!size) return;
  ASSERT_EQ(Bytes(out.get(), out.get() + *size), *expected) << text;
}

TEST(Base64Blocks, CodesEverySizeAsThePlainFormDoes) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same octets each time
  for (std::size_t size = 0; size <= 130; ++size) {
    const auto bytes = std::make_unique<std::uint8_t[]>(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(random());
    for (const Base64 kind : kKinds) {
      const std::string expected = plain_encode({bytes.get(), size}, kind);
      const auto out = std::make_unique<char[]>(base64_encoded_size(size, kind));
      base64_encode_to({bytes.get(), size}, kind, out.get());
      ASSERT_EQ(std::string_view(out.get(), base64_encoded_size(size, kind)), expected) << size;
      expect_as_plain(expected, kind);
    }
  }
}

TEST(Base64Blocks, CodesEveryValueInEveryLane) {
  for (unsigned value = 0; value < 64; ++value) {
    for (std::size_t lane = 0; lane < 20; ++lane) {
      for (const Base64 kind : kKinds) {
        std::string text(20, 'A');
        text[lane] = alphabet_of(kind)[value];
        const auto octets = base64_decode(text, kind);
        ASSERT_TRUE(octets) << text;
        ASSERT_EQ(*octets, *plain_decode(text, kind)) << text;
        ASSERT_EQ(base64_encode(*octets, kind), text);
      }
    }
  }
}

TEST(Base64Blocks, TakesAndRefusesEveryOctetInEveryPlaceAsThePlainFormDoes) {
  for (const std::size_t size : {1U, 3U, 4U, 15U, 16U, 20U, 35U}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text(size, 'Q');
        text[at] = static_cast<char>(octet);
        for (const Base64 kind : {Base64::standard_raw, Base64::url}) expect_as_plain(text, kind);
      }
    }
  }
}

TEST(Base64Blocks, RefusesEveryOtherSpellingOfTheEnd) {
  for (std::size_t whole = 0; whole <= 36; whole += 4) {
    const std::string head(whole, 'Z');
    for (const std::string_view end :
         {"",     "=",    "==",   "===",  "====", "A",    "A=",   "A==",  "A===",
          "AA",   "AA=",  "AA==", "AB==", "AP==", "AQ==", "AQ",   "AR",   "AAA",
          "AAA=", "AAB=", "AAD=", "AAE=", "AAE",  "AAF",  "A=A=", "=AAA", "AA=A"}) {
      for (const Base64 kind : kKinds) expect_as_plain(head + std::string(end), kind);
    }
  }
}

TEST(Base64Blocks, ReadsRandomTextsAsThePlainFormDoes) {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp): the same texts each time
  const std::string_view some = "ABYZabyz0189+/-_=@[`{:.,\x7f\x80\xff";
  for (int round = 0; round < 5'000; ++round) {
    std::string text(random() % 70, 'A');
    for (char& c : text) c = alphabet_of(kKinds[round % 4])[random() % 64];
    if (round % 3 == 0 && !text.empty())
      text[random() % text.size()] = some[random() % some.size()];
    expect_as_plain(text, kKinds[round % 4]);
  }
}

}  // namespace
}  // namespace coffer
