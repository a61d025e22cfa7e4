// The forms of elliptic keys that are written here, against those that OpenSSL writes.
#include "crypto/elliptic_key.h"

#include "crypto/certificate_der.h"
#include "crypto/openssl_key.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>

namespace coffer::crypto {
namespace {

Bytes written(int (*write)(const EVP_PKEY*, unsigned char**), const EVP_PKEY* key) {
  unsigned char* raw = nullptr;
  const int size = write(key, &raw);
  const MemoryPtr der(raw);
  return size <= 0 ? Bytes() : Bytes(der.get(), der.get() + size);
}

// PKCS#8 of a P-256 key with nothing but this number in it.
Bytes with_scalar(ByteView scalar) {
  DerWriter w;
  w.sequence([&] {
    w.integer(std::uint64_t{0});
    w.sequence([&] {
      w.oid("1.2.840.10045.2.1");
      w.oid("1.2.840.10045.3.1.7");
    });
    w.nest(der::kOctetString, [&] {
      w.sequence([&] {
        w.integer(std::uint64_t{1});
        w.node(der::kOctetString, scalar);
      });
    });
  });
  return w.take();
}

// What is written of a key that OpenSSL made, against what OpenSSL writes of it.
void expect_openssls_octets(const PkeyPtr& theirs) {
  const Bytes pkcs8 = to_bytes(write_any_private_key(theirs.get()).view());
  const auto key = PrivateKey::from_der(pkcs8);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(to_bytes(key->der().view()), pkcs8);
  EXPECT_EQ(key->public_der(), written(i2d_PUBKEY, theirs.get()));
  EXPECT_EQ(to_bytes(key->traditional_der().view()), written(i2d_PrivateKey, theirs.get()));
}

TEST(EllipticKey, IsWrittenAsOpensslWritesIt) {
  for (const KeyKind kind :
       {KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521, KeyKind::ecdsa_secp256k1}) {
    const PkeyPtr key = generate_key(kind);
    expect_openssls_octets(key);
    ASSERT_EQ(EVP_PKEY_set_utf8_string_param(
                  key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"),
              1);
    expect_openssls_octets(key);
  }
}

TEST(EllipticKey, SmallNumbersKeepTheirWidth) {
  Bytes scalar(32);
  scalar.back() = 2;
  const auto key = PrivateKey::from_der(with_scalar(scalar));
  ASSERT_TRUE(key) << key.error().message;
  // 30 77 02 01 01 04 20: then the scalar.
  EXPECT_EQ(to_bytes(key->traditional_der().view().subspan(7, 32)), scalar);
}

TEST(EllipticKey, CompressedPointsStayAsTheyCame) {
  const Bytes whole = PrivateKey::generate(KeyKind::ecdsa_p256)->public_der();
  const ByteView point = ByteView(whole).last(65);
  Bytes compressed{static_cast<std::uint8_t>(2 + point.back() % 2)};
  append(compressed, point.subspan(1, 32));
  DerWriter w;
  w.sequence([&] {
    w.sequence([&] {
      w.oid("1.2.840.10045.2.1");
      w.oid("1.2.840.10045.3.1.7");
    });
    w.bit_string(compressed);
  });
  const auto key = PublicKey::from_der(w.octets());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->der(), w.octets());
}

}  // namespace
}  // namespace coffer::crypto
