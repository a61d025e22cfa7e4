#include "crypto/traditional_key.h"

#include "crypto/openssl_ptr.h"
#include "crypto/signature.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

TEST(TraditionalKey, IsReadByOpensslUnderItsOwnLabel) {
  constexpr std::array kKinds{std::pair{KeyKind::rsa2048, "RSA PRIVATE KEY"},
                              std::pair{KeyKind::ecdsa_p256, "EC PRIVATE KEY"},
                              std::pair{KeyKind::ecdsa_secp256k1, "EC PRIVATE KEY"},
                              std::pair{KeyKind::ed25519, "PRIVATE KEY"}};
  for (const auto& [kind, label] : kKinds) {
    const auto key = *PrivateKey::generate(kind);
    const auto pem = traditional_pem(key.der().view());
    ASSERT_TRUE(pem);
    EXPECT_TRUE(pem->text().starts_with("-----BEGIN " + std::string(label) + "-----\n"));
    const BioPtr in(BIO_new_mem_buf(pem->text().data(), static_cast<int>(pem->size())));
    const PkeyPtr read(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    ASSERT_NE(read, nullptr) << label;
    const auto anyone = key.public_key().der();
    unsigned char* raw = nullptr;
    const int size = i2d_PUBKEY(read.get(), &raw);
    const MemoryPtr der(raw);
    EXPECT_EQ(Bytes(der.get(), der.get() + size), anyone) << label;
  }
  EXPECT_FALSE(traditional_pem(Bytes(10)));
}

}  // namespace
}  // namespace coffer::crypto
