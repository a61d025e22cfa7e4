#include "crypto/signature.h"

#include "base/encoding.h"
#include "crypto/openssl_ptr.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

namespace coffer::crypto {
namespace {

struct Scheme {
  KeyKind kind;
  HashKind hash;
  Padding padding;
};

constexpr std::array kSchemes = {
    Scheme{KeyKind::ecdsa_p256, HashKind::sha256, Padding::none},
    Scheme{KeyKind::ecdsa_p384, HashKind::sha384, Padding::none},
    Scheme{KeyKind::ecdsa_p521, HashKind::sha512, Padding::none},
    Scheme{KeyKind::ecdsa_secp256k1, HashKind::sha3_256, Padding::none},
    Scheme{KeyKind::ed25519, HashKind::sha256, Padding::none},
    Scheme{KeyKind::rsa2048, HashKind::sha256, Padding::pss},
    Scheme{KeyKind::rsa2048, HashKind::sha512, Padding::pss},
    Scheme{KeyKind::rsa2048, HashKind::sha256, Padding::pkcs1},
};

// RSA generation takes a tenth of a second: one key for all tests.
const PrivateKey& rsa_key() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::rsa2048);
  return key;
}

// A PrivateKey of `kind` that is a copy, so that every test passes through the serialised form.
PrivateKey key_of(KeyKind kind) {
  if (kind == KeyKind::rsa2048) return *PrivateKey::from_der(rsa_key().der().view());
  return *PrivateKey::generate(kind);
}

Bytes der_of(EVP_PKEY* made) {
  const PkeyPtr key(made);
  unsigned char* raw = nullptr;
  const int size = i2d_PUBKEY(key.get(), &raw);
  const MemoryPtr der(raw);
  return {der.get(), der.get() + size};
}

class EveryScheme : public testing::TestWithParam<Scheme> {};

INSTANTIATE_TEST_SUITE_P(Schemes, EveryScheme, testing::ValuesIn(kSchemes));

TEST_P(EveryScheme, SignsWhatItsPublicKeyVerifies) {
  const auto [kind, hash, padding] = GetParam();
  const PrivateKey key = key_of(kind);
  const PublicKey anyone = key.public_key();
  const auto signature = key.sign(as_bytes("message"), hash, padding);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(anyone.verify(as_bytes("message"), *signature, hash, padding));
  EXPECT_FALSE(anyone.verify(as_bytes("messagE"), *signature, hash, padding));
  EXPECT_FALSE(anyone.verify({}, *signature, hash, padding));
  EXPECT_FALSE(anyone.verify(as_bytes("message"), {}, hash, padding));
  EXPECT_EQ(ERR_peek_error(), 0U);  // refusals leave nothing for TLS to find
}

TEST_P(EveryScheme, RefusesEveryFlippedBitAndTruncation) {
  const auto [kind, hash, padding] = GetParam();
  const PrivateKey key = key_of(kind);
  const PublicKey anyone = key.public_key();
  Bytes signature = *key.sign(as_bytes("message"), hash, padding);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const auto mask = static_cast<std::uint8_t>(1U << i % 8);
    signature[i] ^= mask;
    EXPECT_FALSE(anyone.verify(as_bytes("message"), signature, hash, padding)) << i;
    signature[i] ^= mask;
  }
  signature.push_back(0);
  EXPECT_FALSE(anyone.verify(as_bytes("message"), signature, hash, padding));
  signature.resize(signature.size() - 2);
  EXPECT_FALSE(anyone.verify(as_bytes("message"), signature, hash, padding));
}

TEST_P(EveryScheme, RefusesOtherKeyHashAndPadding) {
  const auto [kind, hash, padding] = GetParam();
  const PrivateKey key = key_of(kind);
  const Bytes signature = *key.sign(as_bytes("message"), hash, padding);
  const PublicKey anyone = key.public_key();
  if (kind != KeyKind::ed25519) {
    EXPECT_FALSE(anyone.verify(as_bytes("message"), signature, HashKind::sha224, padding));
  }
  for (const Padding other : {Padding::none, Padding::pss, Padding::pkcs1}) {
    if (other == padding) continue;
    EXPECT_FALSE(anyone.verify(as_bytes("message"), signature, hash, other));
  }
  const PublicKey stranger = PrivateKey::generate(KeyKind::ed25519)->public_key();
  EXPECT_FALSE(stranger.verify(as_bytes("message"), signature));
}

TEST_P(EveryScheme, RoundTripsItsSerialisedForms) {
  const PrivateKey key = key_of(GetParam().kind);
  EXPECT_EQ(key.kind(), GetParam().kind);
  const auto again = PrivateKey::from_der(key.der().view());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->der() == key.der());
  const auto from_pem = PrivateKey::from_pem(key.pem().text());
  ASSERT_TRUE(from_pem);
  EXPECT_TRUE(from_pem->der() == key.der());

  const PublicKey anyone = key.public_key();
  EXPECT_EQ(anyone.kind(), GetParam().kind);
  EXPECT_EQ(PublicKey::from_der(anyone.der())->der(), anyone.der());
  EXPECT_EQ(PublicKey::from_pem(anyone.pem())->der(), anyone.der());
  EXPECT_TRUE(anyone.pem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
  // Neither form passes for the other.
  EXPECT_FALSE(PublicKey::from_pem(key.pem().text()));
  EXPECT_FALSE(PrivateKey::from_pem(anyone.pem()));
  EXPECT_FALSE(PublicKey::from_der(key.der().view()));
}

TEST_P(EveryScheme, RefusesTruncatedAndExtendedDer) {
  const PrivateKey key = key_of(GetParam().kind);
  const Bytes spki = key.public_key().der();
  for (std::size_t size = 0; size < spki.size(); ++size) {
    ASSERT_FALSE(PublicKey::from_der(ByteView(spki).first(size))) << size;
  }
  Bytes longer = spki;
  longer.push_back(0);
  EXPECT_EQ(PublicKey::from_der(longer).error().code, Code::invalid_argument);
  secure::SecureBytes pkcs8 = key.der();
  EXPECT_FALSE(PrivateKey::from_der(pkcs8.view().first(pkcs8.size() - 1)));
  pkcs8.push_back(0);
  EXPECT_FALSE(PrivateKey::from_der(pkcs8.view()));
}

TEST(PrivateKey, RefusesPaddingOfAnotherKind) {
  const auto curve = PrivateKey::generate(KeyKind::ecdsa_p256);
  EXPECT_EQ(curve->sign({}, HashKind::sha256, Padding::pss).error().code, Code::invalid_argument);
  EXPECT_EQ(rsa_key().sign({}).error().code, Code::invalid_argument);
}

struct Ed25519Case {
  std::string_view seed, public_key, message, signature;  // hexadecimal
};

// RFC 8032 §7.1, tests 1 and 3.
constexpr std::array kEd25519Cases = {
    Ed25519Case{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    Ed25519Case{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, KnownAnswers) {
  for (const auto& c : kEd25519Cases) {
    // RFC 8410: the fixed headers of PKCS#8 and SubjectPublicKeyInfo, then the octets.
    const auto key =
        PrivateKey::from_der(*hex_decode("302e020100300506032b657004220420" + std::string(c.seed)));
    ASSERT_TRUE(key);
    EXPECT_EQ(hex_encode(key->public_key().der()),
              "302a300506032b6570032100" + std::string(c.public_key));
    EXPECT_EQ(hex_encode(*key->sign(*hex_decode(c.message))), c.signature);
  }
}

TEST(Ed25519, SeedsAreTheOctetsOfPkcs8) {
  const Bytes seed(32, 7);
  const auto key = PrivateKey::ed25519(seed);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_bytes(key->der().view().last(32)), seed);
  EXPECT_EQ(PrivateKey::ed25519(Bytes(31)).error().code, Code::invalid_argument);
}

TEST_P(EveryScheme, SignsDigestsAsMessages) {
  const auto [kind, hash_kind, padding] = GetParam();
  const PrivateKey key = key_of(kind);
  const Bytes digest = hash(hash_kind, as_bytes("message"));
  const SignatureScheme scheme{.hash = hash_kind, .padding = padding};
  const auto signature = key.sign_digest(digest, scheme);
  ASSERT_EQ(signature.has_value(), kind != KeyKind::ed25519);
  if (!signature) return;
  const PublicKey anyone = key.public_key();
  EXPECT_TRUE(anyone.verify(as_bytes("message"), *signature, hash_kind, padding));
  EXPECT_TRUE(anyone.verify_digest(digest, *signature, scheme));
  Bytes other = digest;
  other.front() ^= 1;
  EXPECT_FALSE(anyone.verify_digest(other, *signature, scheme));
  EXPECT_FALSE(anyone.verify_digest(ByteView(digest).first(20), *signature, scheme));
  EXPECT_FALSE(key.sign_digest(ByteView(digest).first(20), scheme));
  EXPECT_FALSE(key.sign_digest(Bytes(20), {.hash = HashKind::sha1, .padding = padding}));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(RsaPss, SaltsAreAsLongAsAskedFor) {
  const PublicKey anyone = rsa_key().public_key();
  const Bytes digest = hash(HashKind::sha256, as_bytes("message"));
  const auto scheme = [](int salt) {
    return SignatureScheme{.hash = HashKind::sha256, .padding = Padding::pss, .salt = salt};
  };
  const auto signs = [&](int salt) { return rsa_key().sign_digest(digest, scheme(salt)); };
  constexpr int kLongest = 256 - 32 - 2;
  for (const int salt : {0, 1, 32, kLongest}) {
    const auto signature = signs(salt);
    ASSERT_TRUE(signature) << salt;
    EXPECT_TRUE(anyone.verify_digest(digest, *signature, scheme(salt))) << salt;
    EXPECT_TRUE(anyone.verify_digest(digest, *signature, scheme(kSaltAny))) << salt;
    EXPECT_EQ(anyone.verify_digest(digest, *signature, scheme(kSaltLikeHash)), salt == 32) << salt;
    EXPECT_FALSE(anyone.verify_digest(digest, *signature, scheme(salt + 1))) << salt;
  }
  EXPECT_TRUE(anyone.verify_digest(digest, *signs(kSaltAny), scheme(kLongest)));
  EXPECT_EQ(signs(kLongest + 1).error().code, Code::invalid_argument);
  EXPECT_FALSE(signs(-3));
}

TEST(PublicKey, RefusesKindsItDoesNotKnow) {
  EVP_PKEY* explicit_curve = EVP_EC_gen("P-256");
  EVP_PKEY_set_utf8_string_param(explicit_curve, "encoding", "explicit");
  const std::vector<Bytes> rejects = {
      der_of(EVP_EC_gen("P-224")),
      der_of(EVP_EC_gen("brainpoolP256r1")),
      der_of(EVP_RSA_gen(1024)),
      der_of(EVP_RSA_gen(2056)),
      der_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")),
      der_of(explicit_curve),
  };
  for (const auto& der : rejects) {
    const auto key = PublicKey::from_der(der);
    ASSERT_FALSE(key) << hex_encode(der);
    EXPECT_EQ(key.error().code, Code::unsupported) << hex_encode(der);
  }
}

TEST(PublicKey, RefusesPointOffTheCurveAndForeignText) {
  Bytes der = PrivateKey::generate(KeyKind::ecdsa_p256)->public_key().der();
  der.back() ^= 1;
  EXPECT_EQ(PublicKey::from_der(der).error().code, Code::invalid_argument);
  EXPECT_FALSE(PublicKey::from_der(Bytes(kMaxKeyText + 1, 0x30)));
  EXPECT_FALSE(PublicKey::from_pem("no pem"));
  EXPECT_FALSE(PublicKey::from_pem(std::string(kMaxKeyText + 1, '\n')));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

// The public key of one inside the PKCS#8 of another: signing with such a key can leak it.
TEST(PrivateKey, RefusesHalvesThatDoNotBelongTogether) {
  secure::SecureBytes der = PrivateKey::generate(KeyKind::ecdsa_p256)->der();
  const Bytes other = PrivateKey::generate(KeyKind::ecdsa_p256)->public_key().der();
  std::ranges::copy(ByteView(other).last(65), der.mutable_view().last(65).begin());
  EXPECT_EQ(PrivateKey::from_der(der.view()).error().code, Code::invalid_argument);
  secure::SecureBytes rsa = rsa_key().der();
  rsa.mutable_view()[100] ^= 1;  // inside the modulus
  EXPECT_EQ(PrivateKey::from_der(rsa.view()).error().code, Code::invalid_argument);
}

TEST(RsaOaep, RoundTripsUpToTheLongestPlaintext) {
  const PublicKey anyone = rsa_key().public_key();
  for (const std::size_t size : {0U, 1U, 32U, 190U}) {  // 256 - 2 * 32 - 2 = 190
    const Bytes plaintext(size, 0x61);
    const auto ciphertext = anyone.encrypt_oaep(plaintext, HashKind::sha256);
    ASSERT_TRUE(ciphertext) << size;
    const auto opened = rsa_key().decrypt_oaep(*ciphertext, HashKind::sha256);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(to_bytes(opened->view()), plaintext);
    EXPECT_FALSE(rsa_key().decrypt_oaep(*ciphertext, HashKind::sha512));
  }
  EXPECT_EQ(anyone.encrypt_oaep(Bytes(191), HashKind::sha256).error().code, Code::invalid_argument);
}

TEST(RsaOaep, RefusesFlippedBitsAndOtherKinds) {
  Bytes ciphertext = *rsa_key().public_key().encrypt_oaep(as_bytes("text"), HashKind::sha256);
  ciphertext[100] ^= 1;
  EXPECT_EQ(rsa_key().decrypt_oaep(ciphertext, HashKind::sha256).error().code,
            Code::invalid_argument);
  EXPECT_FALSE(rsa_key().decrypt_oaep(ByteView(ciphertext).first(255), HashKind::sha256));
  const auto curve = PrivateKey::generate(KeyKind::ecdsa_p256);
  EXPECT_EQ(curve->decrypt_oaep({}, HashKind::sha256).error().code, Code::unsupported);
  EXPECT_EQ(curve->public_key().encrypt_oaep({}, HashKind::sha256).error().code, Code::unsupported);
}

TEST(EcdsaRaw, ConvertsBothWays) {
  constexpr std::array kWidths{std::pair{KeyKind::ecdsa_p256, 32U},
                               std::pair{KeyKind::ecdsa_p384, 48U},
                               std::pair{KeyKind::ecdsa_p521, 66U},
                               std::pair{KeyKind::ecdsa_secp256k1, 32U}};
  for (const auto& [kind, width] : kWidths) {
    const auto key = PrivateKey::generate(kind);
    for (int i = 0; i < 50; ++i) {  // some r or s start with zeros
      const Bytes der = *key->sign(as_bytes("message"));
      const auto raw = ecdsa_to_raw(kind, der);
      ASSERT_TRUE(raw);
      EXPECT_EQ(raw->size(), 2 * width);
      EXPECT_EQ(*ecdsa_from_raw(kind, *raw), der);
    }
  }
}

TEST(EcdsaRaw, RefusesWrongSizesAndSecondSpellings) {
  EXPECT_FALSE(ecdsa_from_raw(KeyKind::ecdsa_p256, Bytes(63)));
  EXPECT_FALSE(ecdsa_from_raw(KeyKind::ecdsa_p256, Bytes(96)));
  EXPECT_FALSE(ecdsa_from_raw(KeyKind::ed25519, Bytes(64)));
  for (const std::string_view der : {"",
                                     "30",
                                     "300602010102010100",   // a trailing octet
                                     "308106020101020101",   // a length in long form
                                     "300702020001020101",   // a leading zero
                                     "30060201ff020101"}) {  // a negative number
    EXPECT_FALSE(ecdsa_to_raw(KeyKind::ecdsa_p256, *hex_decode(der))) << der;
  }
  EXPECT_TRUE(ecdsa_to_raw(KeyKind::ecdsa_p256, *hex_decode("3006020101020101")));
}

TEST(Signature, ManyThreadsSignWithOneKey) {
  const auto key = *PrivateKey::generate(KeyKind::ecdsa_p256);
  const PublicKey anyone = key.public_key();
  std::atomic<int> good = 0;
  std::barrier begin(4);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        begin.arrive_and_wait();
        for (int i = 0; i < 6000; ++i) {
          const HashKind kind = (i + thread) % 3 == 0 ? HashKind::sha384 : HashKind::sha256;
          const Bytes digest = hash(kind, as_bytes(std::to_string(i)));
          const auto signature = key.sign_digest(digest, {.hash = kind});
          const bool checked =
              i % 20 != 0 || anyone.verify_digest(digest, *signature, {.hash = kind});
          if (signature && checked) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 24000);
}

TEST(Signature, AgreesWithAKeyOfTheSameCurveAlone) {
  for (const KeyKind kind :
       {KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521, KeyKind::ecdsa_secp256k1}) {
    const auto mine = *PrivateKey::generate(kind);
    const auto theirs = *PrivateKey::generate(kind);
    const auto secret = mine.agree(theirs.public_key().der());
    ASSERT_TRUE(secret);
    EXPECT_EQ(*secret, *theirs.agree(mine.public_key().der()));
    EXPECT_GE(secret->size(), 32U);
    EXPECT_NE(*secret, *mine.agree(mine.public_key().der()));
  }
  const auto p256 = *PrivateKey::generate(KeyKind::ecdsa_p256);
  const auto p384 = *PrivateKey::generate(KeyKind::ecdsa_p384);
  const auto edwards = *PrivateKey::generate(KeyKind::ed25519);
  for (const Bytes& peer : {p384.public_key().der(),
                            edwards.public_key().der(),
                            rsa_key().public_key().der(),
                            Bytes{},
                            Bytes(91, 4)}) {
    EXPECT_EQ(p256.agree(peer).error().code, Code::invalid_argument);
  }
  EXPECT_FALSE(edwards.agree(edwards.public_key().der()));
  EXPECT_FALSE(rsa_key().agree(rsa_key().public_key().der()));
}

}  // namespace
}  // namespace coffer::crypto
