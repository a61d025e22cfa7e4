#include "crypto/kdf.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

struct HkdfCase {
  std::string_view key, salt, info, output;  // hexadecimal
};

// RFC 5869 appendix A.1 to A.3.
constexpr std::array kHkdfCases = {
    HkdfCase{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
             "000102030405060708090a0b0c",
             "f0f1f2f3f4f5f6f7f8f9",
             "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b8"
             "87185865"},
    HkdfCase{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425"
             "262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b"
             "4c4d4e4f",
             "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485"
             "868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaab"
             "acadaeaf",
             "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5"
             "d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafb"
             "fcfdfeff",
             "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7"
             "827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5"
             "c1f3434f1d87"},
    HkdfCase{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
             "",
             "",
             "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4"
             "b61a96c8"},
};

TEST(Hkdf, KnownAnswers) {
  for (const auto& c : kHkdfCases) {
    const auto out = hkdf(HashKind::sha256,
                          *hex_decode(c.key),
                          *hex_decode(c.salt),
                          *hex_decode(c.info),
                          c.output.size() / 2);
    ASSERT_TRUE(out);
    EXPECT_EQ(hex_encode(out->view()), c.output);
  }
}

TEST(Hkdf, OutputEndsAt255Blocks) {
  const auto longest = hkdf(HashKind::sha256, as_bytes("key"), {}, {}, 255 * 32);
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->size(), 255U * 32);
  const auto longer = hkdf(HashKind::sha256, as_bytes("key"), {}, {}, 255 * 32 + 1);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Code::invalid_argument);
}

TEST(Hkdf, ShorterOutputIsPrefix) {
  const auto full = hkdf(HashKind::sha512, as_bytes("key"), as_bytes("salt"), {}, 130);
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 129U}) {
    const auto part = hkdf(HashKind::sha512, as_bytes("key"), as_bytes("salt"), {}, size);
    EXPECT_EQ(to_bytes(part->view()), to_bytes(full->view().first(size)));
  }
}

// Computed with another implementation of HKDF; rows on disk depend on it.
TEST(DeriveKey, KnownAnswer) {
  const Bytes key(32, 0x0b);
  EXPECT_EQ(hex_encode(derive_key(key, "audit").view()),
            "797ce36a2cbd82a330cdaf2a42f6c3b133c5f0600a6e2b328e4c03274dc06964");
  EXPECT_FALSE(derive_key(key, "audit") == derive_key(key, "Audit"));
}

struct ScryptCase {
  std::string_view password, salt;
  ScryptCost cost;
  std::string_view output;
};

// RFC 7914 section 12, without the case of one gibibyte.
constexpr std::array kScryptCases = {
    ScryptCase{"",
               "",
               {16, 1, 1},
               "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded09"
               "48f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
    ScryptCase{"password",
               "NaCl",
               {1024, 8, 16},
               "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22"
               "a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
    ScryptCase{"pleaseletmein",
               "SodiumChloride",
               {16384, 8, 1},
               "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f"
               "0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
};

TEST(Scrypt, KnownAnswers) {
  for (const auto& c : kScryptCases) {
    const auto out = scrypt(as_bytes(c.password), as_bytes(c.salt), c.cost, 64);
    ASSERT_TRUE(out);
    EXPECT_EQ(hex_encode(out->view()), c.output) << c.password;
  }
}

TEST(Scrypt, EmptyViewIsTheEmptyPassword) {
  const auto out = scrypt({}, {}, {16, 1, 1}, 64);
  ASSERT_TRUE(out);
  EXPECT_EQ(hex_encode(out->view()), kScryptCases[0].output);
}

TEST(Scrypt, RefusesCostsOutOfLimits) {
  const std::array rejects = {ScryptCost{0, 8, 1},
                              ScryptCost{1, 8, 1},
                              ScryptCost{1000, 8, 1},
                              ScryptCost{kMaxScryptN * 2, 8, 1},
                              ScryptCost{1024, 0, 1},
                              ScryptCost{1024, kMaxScryptR + 1, 1},
                              ScryptCost{1024, 8, 0},
                              ScryptCost{1024, 8, kMaxScryptP + 1}};
  for (const auto& cost : rejects) {
    const auto out = scrypt(as_bytes("p"), as_bytes("s"), cost, 32);
    ASSERT_FALSE(out) << cost.n << " " << cost.r << " " << cost.p;
    EXPECT_EQ(out.error().code, Code::invalid_argument);
  }
  EXPECT_FALSE(scrypt(as_bytes("p"), as_bytes("s"), {16, 1, 1}, 0));
  EXPECT_FALSE(scrypt(as_bytes("p"), as_bytes("s"), {16, 1, 1}, kMaxScryptSize + 1));
}

}  // namespace
}  // namespace coffer::crypto
