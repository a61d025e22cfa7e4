#include "domain/kms/opened_key.h"

#include "crypto/kdf.h"
#include "domain/kms/kms_world.h"

namespace coffer::domain {
namespace {

using crypto::HashKind;
using crypto::Padding;
using Key = std::shared_ptr<const OpenedKey>;

const std::unique_ptr<crypto::Random>& random_source() {
  static const auto random = crypto::seeded_random(5);
  return random;
}

Key open(const KeyTraits& traits, const KeyMaterial& material) {
  return *OpenedKey::make(traits, material, *random_source());
}

Key open(const KeyTraits& traits) {
  return open(traits, test_material(traits.type));
}

class EveryKeyType : public testing::TestWithParam<KeyType> {};

INSTANTIATE_TEST_SUITE_P(Types,
                         EveryKeyType,
                         testing::ValuesIn(kEveryKeyType),
                         [](const auto& type) {
                           std::string name(to_text(type.param));
                           std::erase(name, '-');
                           return name;
                         });

// Each type does what it says and refuses the rest, whatever the options are.
TEST_P(EveryKeyType, DoesWhatItsTypeSays) {
  const KeyType type = GetParam();
  const Key key = open({type});
  const Bytes text = to_bytes("a message");
  const auto sealed = key->encrypt({}, {}, text);
  EXPECT_EQ(sealed.has_value(), encrypts(type));
  if (sealed) {
    EXPECT_EQ(to_bytes(key->decrypt({}, {}, *sealed)->view()), text);
    EXPECT_NE(*key->encrypt({}, {}, text), *sealed);  // nonces and paddings are drawn anew
    const KeyType stranger = is_rsa(type) ? KeyType::rsa2048 : type;
    const KeyMaterial other = generate_material(stranger, 0, *random_source());
    EXPECT_FALSE(open({stranger}, other)->decrypt({}, {}, *sealed));
  }
  for (const HashKind hash :
       {HashKind::sha224, HashKind::sha256, HashKind::sha512, HashKind::sha3_256, HashKind::sha1}) {
    for (const Padding padding : {Padding::pss, Padding::pkcs1, Padding::none}) {
      for (const SignatureForm form : {SignatureForm::asn1, SignatureForm::jws}) {
        for (const bool prehashed : {false, true}) {
          const SignOptions options{hash, padding, crypto::kSaltAny, form, prehashed};
          const Bytes input = prehashed ? crypto::hash(hash, text) : text;
          const auto signature = key->sign({}, input, options);
          const bool fits =
              type == KeyType::ed25519 || (signs(type) && hash != HashKind::sha1 &&
                                           (!is_rsa(type) || padding != Padding::none));
          EXPECT_EQ(signature.has_value(), fits);
          if (!signature) continue;
          EXPECT_TRUE(*key->verify({}, input, *signature, options));
          Bytes other = input;
          other.front() ^= 1;
          EXPECT_FALSE(*key->verify({}, other, *signature, options));
        }
      }
    }
  }
  EXPECT_EQ(key->mac(HashKind::sha384, text).size(), 48U);
}

TEST_P(EveryKeyType, MacsUnderItsKeyForMacs) {
  const KeyMaterial material = test_material(GetParam());
  const Bytes text = to_bytes("a message");
  EXPECT_EQ(open({GetParam()}, material)->mac(HashKind::sha256, text),
            crypto::hmac(HashKind::sha256, material.mac.view(), text));
  EXPECT_EQ(material.mac == material.secret, GetParam() == KeyType::hmac);
}

TEST(OpenedKey, BindsAssociatedData) {
  for (const KeyType type :
       {KeyType::aes128_gcm96, KeyType::aes256_gcm96, KeyType::chacha20_poly1305}) {
    const Key key = open({type});
    const Bytes sealed = *key->encrypt({}, as_bytes("aad"), as_bytes("text"));
    EXPECT_TRUE(key->decrypt({}, as_bytes("aad"), sealed));
    EXPECT_FALSE(key->decrypt({}, as_bytes("aaD"), sealed));
    EXPECT_FALSE(key->decrypt({}, {}, sealed));
    EXPECT_EQ(key->decrypt({}, {}, ByteView(sealed).first(27)).error().message,
              "invalid ciphertext length");
  }
}

// What was encrypted here opens with the exported key and nothing but its standard.
TEST(OpenedKey, WritesTheStandardForm) {
  const KeyMaterial material = test_material(KeyType::aes256_gcm96);
  const Bytes sealed =
      *open({KeyType::aes256_gcm96}, material)->encrypt({}, as_bytes("aad"), as_bytes("text"));
  const auto aead =
      crypto::make_aead(crypto::AeadKind::aes256_gcm, material.secret.view(), *random_source());
  EXPECT_EQ(as_text((*aead)->open(as_bytes("aad"), sealed)->view()), "text");
}

TEST(OpenedKey, DerivedKeysNeedTheirContext) {
  const KeyTraits traits{KeyType::aes256_gcm96, true, false};
  const KeyMaterial material = test_material(KeyType::aes256_gcm96);
  const Key key = open(traits, material);
  EXPECT_TRUE(key->encrypt({}, {}, as_bytes("x")).error().message.starts_with("missing 'context'"));
  const Bytes sealed = *key->encrypt(as_bytes("ctx"), {}, as_bytes("x"));
  EXPECT_EQ(as_text(key->decrypt(as_bytes("ctx"), {}, sealed)->view()), "x");
  EXPECT_FALSE(key->decrypt(as_bytes("ctX"), {}, sealed));
  EXPECT_TRUE(key->decrypt({}, {}, sealed).error().message.starts_with("missing 'context'"));
  EXPECT_NE(*key->encrypt(as_bytes("ctx"), {}, as_bytes("x")), sealed);
  // As docs/formats/keys.md says.
  const auto derived = crypto::hkdf(
      HashKind::sha256, material.secret.view(), {}, as_bytes("coffer derived key v1|ctx"), 32);
  const auto aead =
      crypto::make_aead(crypto::AeadKind::aes256_gcm, derived->view(), *random_source());
  EXPECT_EQ(as_text((*aead)->open({}, sealed)->view()), "x");
}

TEST(OpenedKey, ConvergentKeysGiveEqualOctetsForEqualMessages) {
  const Key key = open({KeyType::chacha20_poly1305, true, true});
  const auto seal = [&](std::string_view context, std::string_view aad, std::string_view text) {
    return *key->encrypt(as_bytes(context), as_bytes(aad), as_bytes(text));
  };
  const Bytes sealed = seal("c", "a", "text");
  EXPECT_EQ(seal("c", "a", "text"), sealed);
  EXPECT_EQ(as_text(key->decrypt(as_bytes("c"), as_bytes("a"), sealed)->view()), "text");
  // No two messages that differ share a nonce under one key.
  const auto nonce = [](const Bytes& octets) { return Bytes(octets.begin(), octets.begin() + 12); };
  EXPECT_NE(nonce(seal("c", "a", "texT")), nonce(sealed));
  EXPECT_NE(nonce(seal("c", "b", "text")), nonce(sealed));
  EXPECT_NE(nonce(seal("c", "at", "ext")), nonce(sealed));
  EXPECT_NE(nonce(seal("d", "a", "text")), nonce(sealed));
}

TEST(OpenedKey, DerivedEd25519KeysSignPerContext) {
  const Key key = open({KeyType::ed25519, true, false});
  const Bytes signature = *key->sign(as_bytes("c"), as_bytes("m"), {});
  EXPECT_TRUE(*key->verify(as_bytes("c"), as_bytes("m"), signature, {}));
  EXPECT_FALSE(*key->verify(as_bytes("d"), as_bytes("m"), signature, {}));
  EXPECT_FALSE(key->sign({}, as_bytes("m"), {}));
  EXPECT_FALSE(key->verify({}, as_bytes("m"), signature, {}));
  EXPECT_EQ(key->derived_public(as_bytes("c"))->size(), 32U);
  EXPECT_NE(*key->derived_public(as_bytes("c")), *key->derived_public(as_bytes("d")));
  EXPECT_FALSE(open({KeyType::ed25519})->derived_public(as_bytes("c")));
}

TEST(OpenedKey, WritesEcdsaInBothForms) {
  const Key key = open({KeyType::ecdsa_p521});
  const SignOptions jws{.hash = HashKind::sha512, .form = SignatureForm::jws};
  const SignOptions asn1{.hash = HashKind::sha512};
  const Bytes raw = *key->sign({}, as_bytes("m"), jws);
  EXPECT_EQ(raw.size(), 132U);
  EXPECT_FALSE(*key->verify({}, as_bytes("m"), raw, asn1));
  const Bytes der = *key->sign({}, as_bytes("m"), asn1);
  EXPECT_FALSE(*key->verify({}, as_bytes("m"), der, jws));
}

// Clients send digests of P-384 without saying which hash made them.
TEST(OpenedKey, EcdsaTakesADigestByItsSize) {
  const Key key = open({KeyType::ecdsa_p384});
  const Bytes digest = crypto::hash(HashKind::sha384, as_bytes("m"));
  const Bytes signature = *key->sign({}, digest, {.hash = HashKind::sha256, .prehashed = true});
  EXPECT_TRUE(*key->verify({}, as_bytes("m"), signature, {.hash = HashKind::sha384}));
  EXPECT_FALSE(key->sign({}, ByteView(digest).first(31), {.prehashed = true}));
}

TEST(OpenedKey, PublicKeysAloneVerifyAndEncrypt) {
  KeyMaterial material = test_material(KeyType::rsa2048);
  const Key whole = open({KeyType::rsa2048}, material);
  material.secret = {};
  const Key half = open({KeyType::rsa2048}, material);
  EXPECT_TRUE(*half->verify({}, as_bytes("m"), *whole->sign({}, as_bytes("m"), {}), {}));
  const Bytes sealed = *half->encrypt({}, {}, as_bytes("x"));
  EXPECT_EQ(as_text(whole->decrypt({}, {}, sealed)->view()), "x");
  EXPECT_FALSE(half->decrypt({}, {}, sealed));
  EXPECT_FALSE(half->sign({}, as_bytes("m"), {}));
}

TEST(KeyMaterial, IsRefusedWhenItIsNotWhatItsTypeSays) {
  auto& random = *random_source();
  EXPECT_FALSE(material_of_secret(KeyType::aes256_gcm96, secure::SecureBytes(16), random));
  EXPECT_FALSE(material_of_secret(KeyType::aes128_gcm96, secure::SecureBytes(32), random));
  EXPECT_FALSE(material_of_secret(KeyType::hmac, secure::SecureBytes(31), random));
  EXPECT_TRUE(material_of_secret(KeyType::hmac, secure::SecureBytes(512), random));
  EXPECT_FALSE(material_of_secret(KeyType::hmac, secure::SecureBytes(513), random));
  const KeyMaterial p256 = test_material(KeyType::ecdsa_p256);
  EXPECT_FALSE(material_of_secret(KeyType::ecdsa_p384, p256.secret.clone(), random));
  EXPECT_FALSE(material_of_secret(KeyType::ecdsa_p256, secure::SecureBytes(40), random));
  EXPECT_TRUE(material_of_secret(KeyType::ecdsa_p256, p256.secret.clone(), random));
  const std::string pem = crypto::PublicKey::from_der(p256.public_key)->pem();
  EXPECT_TRUE(material_of_public(KeyType::ecdsa_p256, pem, random));
  EXPECT_FALSE(material_of_public(KeyType::ed25519, pem, random));
  EXPECT_FALSE(material_of_public(KeyType::aes256_gcm96, pem, random));
  EXPECT_FALSE(material_of_public(KeyType::ecdsa_p256, "no pem", random));
}

}  // namespace
}  // namespace coffer::domain
