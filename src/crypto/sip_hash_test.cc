#include "crypto/sip_hash.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <numeric>

namespace coffer::crypto {
namespace {

std::string octets_of(const SipDigest& digest) {
  Bytes out;
  for (std::uint64_t word : digest) {
    for (int i = 0; i < 8; ++i, word >>= 8U) out.push_back(static_cast<std::uint8_t>(word & 0xff));
  }
  return hex_encode(out);
}

// Key and texts 00 01 02 …: the vectors of the reference implementation.
TEST(SipHash, KnownAnswers) {
  SipKey key{};
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  Bytes text(63);
  std::iota(text.begin(), text.end(), std::uint8_t{0});

  struct Case {
    std::size_t size;
    std::string_view digest;
  };

  for (const Case& c : {Case{0, "a3817f04ba25a8e66df67214c7550293"},
                        Case{1, "da87c1d86b99af44347659119b22fc45"},
                        Case{2, "8177228da4a45dc7fca38bdef60affe4"},
                        Case{7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
                        Case{8, "3b62a9ba6258f5610f83e264f31497b4"},
                        Case{15, "5493e99933b0a8117e08ec0f97cfc3d9"},
                        Case{63, "5150d1772f50834a503e069a973fbd7c"}}) {
    EXPECT_EQ(octets_of(sip_hash(key, ByteView(text).first(c.size))), c.digest) << c.size;
  }
}

TEST(SipHash, AnotherKeyGivesAnotherDigest) {
  const Bytes text(20, 1);
  EXPECT_NE(sip_hash(SipKey{}, text), sip_hash(SipKey{1}, text));
  EXPECT_NE(sip_hash(SipKey{}, text), sip_hash(SipKey{0, 0, 0, 0, 0, 0, 0, 0, 1}, text));
}

}  // namespace
}  // namespace coffer::crypto
