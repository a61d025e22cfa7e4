#include "crypto/key_wrap.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

// RFC 3394 §4.6.
TEST(KeyWrap, KnownAnswer) {
  const Bytes kek = *hex_decode("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Bytes key = *hex_decode("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
  const Bytes wrapped = *hex_decode(
      "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  EXPECT_EQ(*wrap_key(kek, key), wrapped);
  EXPECT_EQ(to_bytes(unwrap_key(kek, wrapped)->view()), key);
}

// RFC 5649 §6.
TEST(KeyWrap, PaddedKnownAnswers) {
  const Bytes kek = *hex_decode("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
  const Bytes key = *hex_decode("c37b7e6492584340bed12207808941155068f738");
  const Bytes wrapped =
      *hex_decode("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
  EXPECT_EQ(*wrap_padded_key(kek, key), wrapped);
  EXPECT_EQ(to_bytes(unwrap_padded_key(kek, wrapped)->view()), key);
  EXPECT_EQ(hex_encode(*wrap_padded_key(kek, *hex_decode("466f7250617369"))),
            "afbeb0f07dfbf5419200f2ccb50bb24f");
}

TEST(KeyWrap, RoundTripsEverySize) {
  const Bytes kek(32, 3);
  for (std::size_t size = 1; size <= 80; ++size) {
    const Bytes key(size, 0x5a);
    const auto padded = wrap_padded_key(kek, key);
    ASSERT_TRUE(padded) << size;
    EXPECT_EQ(to_bytes(unwrap_padded_key(kek, *padded)->view()), key) << size;
    EXPECT_EQ(wrap_key(kek, key).has_value(), size >= 16 && size % 8 == 0) << size;
  }
  EXPECT_EQ(wrap_padded_key(kek, {}).error().code, Code::invalid_argument);
  EXPECT_EQ(wrap_padded_key(kek, Bytes(kMaxWrappedKey + 1)).error().code, Code::invalid_argument);
  EXPECT_EQ(wrap_padded_key(Bytes(31), kek).error().code, Code::invalid_argument);
}

TEST(KeyWrap, RefusesEveryFlippedBitAndTruncation) {
  const Bytes kek(32, 3);
  Bytes wrapped = *wrap_padded_key(kek, Bytes(21, 9));
  for (std::size_t i = 0; i < wrapped.size() * 8; ++i) {
    wrapped[i / 8] ^= static_cast<std::uint8_t>(1U << i % 8);
    EXPECT_EQ(unwrap_padded_key(kek, wrapped).error().code, Code::corrupt) << i;
    wrapped[i / 8] ^= static_cast<std::uint8_t>(1U << i % 8);
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_EQ(unwrap_padded_key(kek, ByteView(wrapped).first(size)).error().code, Code::corrupt);
  }
  // The two forms differ in their initial value: neither passes for the other.
  EXPECT_FALSE(unwrap_padded_key(kek, *wrap_key(kek, Bytes(24, 9))));
  EXPECT_FALSE(unwrap_key(kek, *wrap_padded_key(kek, Bytes(24, 9))));
}

}  // namespace
}  // namespace coffer::crypto
