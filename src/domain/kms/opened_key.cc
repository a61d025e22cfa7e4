#include "domain/kms/opened_key.h"

#include "crypto/kdf.h"

#include <string>

namespace coffer::domain {
namespace {

constexpr std::string_view kDerivedKey = "coffer derived key v1|";
constexpr std::string_view kConvergentNonce = "coffer convergent nonce v1|";
constexpr std::size_t kSeed = 32;
constexpr std::size_t kRawPublic = 32;  // the end of an Ed25519 SubjectPublicKeyInfo

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

// An ECDSA signature does not say which hash made its digest: a digest of another size than the
// hash that was named is one of the SHA-2 of its own size.
crypto::HashKind hash_of_digest(const SignOptions& options, std::size_t size) {
  using crypto::HashKind;
  if (crypto::digest_size(options.hash) == size) return options.hash;
  for (const HashKind kind :
       {HashKind::sha224, HashKind::sha256, HashKind::sha384, HashKind::sha512}) {
    if (crypto::digest_size(kind) == size) return kind;
  }
  return options.hash;
}

struct Digested {
  Bytes digest;
  crypto::SignatureScheme scheme;
};

Digested digest_for(KeyType type, ByteView input, const SignOptions& options) {
  Digested out;
  out.digest = options.prehashed ? to_bytes(input) : crypto::hash(options.hash, input);
  out.scheme = {.hash = options.hash,
                .padding = is_rsa(type) ? options.padding : crypto::Padding::none,
                .salt = options.salt};
  if (!is_rsa(type)) out.scheme.hash = hash_of_digest(options, out.digest.size());
  return out;
}

bool is_raw(KeyType type, const SignOptions& options) {
  return options.form == SignatureForm::jws && !is_rsa(type) && type != KeyType::ed25519;
}

}  // namespace

Result<std::shared_ptr<const OpenedKey>> OpenedKey::make(const KeyTraits& traits,
                                                         const KeyMaterial& material,
                                                         crypto::Random& random) {
  std::shared_ptr<OpenedKey> key(new OpenedKey(traits, random));
  COFFER_CHECK(key->load(material));
  return std::shared_ptr<const OpenedKey>(std::move(key));
}

Result<> OpenedKey::load(const KeyMaterial& material) {
  mac_ = material.mac.clone();
  if (traits_.derived) {
    if (!derives(traits_.type)) return fail(Code::corrupt, "a key of this type is not derived");
    secret_ = material.secret.clone();
    return {};
  }
  if (const auto aead = aead_of(traits_.type)) {
    COFFER_TRY(aead_, crypto::make_lasting_aead(*aead, material.secret.view(), random_));
    return {};
  }
  const auto pair = pair_of(traits_.type);
  if (!pair) return {};  // hmac: mac_ is all
  COFFER_TRY(public_, crypto::PublicKey::from_der(material.public_key));
  if (!material.secret.empty()) {
    COFFER_TRY(private_, crypto::PrivateKey::from_der(material.secret.view()));
  }
  if (public_->kind() != *pair) return fail(Code::corrupt, "key material of another type");
  return {};
}

Result<secure::SecureBytes> OpenedKey::derive(std::string_view label,
                                              ByteView context,
                                              std::size_t size) const {
  if (context.empty()) {
    return refuse(
        "missing 'context' for key derivation; the key was created using a derived key, which "
        "means additional, per-request information must be included in order to perform "
        "operations with the key");
  }
  Bytes info = to_bytes(label);
  append(info, context);
  return crypto::hkdf(crypto::HashKind::sha256, secret_.view(), {}, info, size);
}

Result<std::unique_ptr<crypto::Aead>> OpenedKey::derived_aead(ByteView context) const {
  const auto kind = *aead_of(traits_.type);
  COFFER_TRY(const auto key, derive(kDerivedKey, context, crypto::key_size(kind)));
  return crypto::make_aead(kind, key.view(), random_);
}

Result<crypto::PrivateKey> OpenedKey::derived_pair(ByteView context) const {
  COFFER_TRY(const auto seed, derive(kDerivedKey, context, kSeed));
  return crypto::PrivateKey::ed25519(seed.view());
}

Result<Bytes> OpenedKey::encrypt(ByteView context, ByteView aad, ByteView plaintext) const {
  if (is_rsa(traits_.type)) {
    auto sealed = public_->encrypt_oaep(plaintext, crypto::HashKind::sha256);
    if (!sealed) return refuse("failed to RSA encrypt the plaintext: message too long");
    return sealed;
  }
  if (!aead_of(traits_.type)) return fail(Code::corrupt, "a key of this type does not encrypt");
  Bytes out;
  out.reserve(plaintext.size() + 64);
  if (!traits_.derived) {
    aead_->seal(aad, plaintext, out);
    return out;
  }
  COFFER_TRY(const auto aead, derived_aead(context));
  if (traits_.convergent) {
    COFFER_TRY(const auto nonce_key, derive(kConvergentNonce, context, kSeed));
    aead->seal_convergent(crypto::HmacKey(nonce_key.view()), aad, plaintext, out);
  } else {
    aead->seal(aad, plaintext, out);
  }
  return out;
}

Result<secure::SecureBytes> OpenedKey::decrypt(ByteView context,
                                               ByteView aad,
                                               ByteView sealed) const {
  if (is_rsa(traits_.type)) {
    if (!private_) {
      return refuse("cannot decrypt ciphertext, key version does not have a private counterpart");
    }
    auto opened = private_->decrypt_oaep(sealed, crypto::HashKind::sha256);
    if (!opened) return refuse("failed to RSA decrypt the ciphertext: decryption error");
    return opened;
  }
  const auto kind = aead_of(traits_.type);
  if (!kind) return fail(Code::corrupt, "a key of this type does not decrypt");
  if (sealed.size() < crypto::nonce_size(*kind) + crypto::kTagSize) {
    return refuse("invalid ciphertext length");
  }
  std::unique_ptr<crypto::Aead> derived;
  if (traits_.derived) {
    COFFER_TRY(derived, derived_aead(context));
  }
  auto opened = (derived ? *derived : *aead_).open(aad, sealed);
  if (!opened) return refuse("cipher: message authentication failed");
  return opened;
}

Result<Bytes> OpenedKey::encrypt_oaep(crypto::HashKind hash, ByteView plaintext) const {
  if (!public_) return fail(Code::corrupt, "a key of this type does not encrypt so");
  return public_->encrypt_oaep(plaintext, hash);
}

Result<secure::SecureBytes> OpenedKey::decrypt_oaep(crypto::HashKind hash, ByteView sealed) const {
  if (!private_) return refuse("the key version does not have a private counterpart");
  return private_->decrypt_oaep(sealed, hash);
}

Result<secure::SecureBytes> OpenedKey::agree(ByteView peer) const {
  if (!private_) return refuse("the key version does not have a private counterpart");
  return private_->agree(peer);
}

Result<Bytes> OpenedKey::sign(ByteView context, ByteView input, const SignOptions& options) const {
  if (traits_.derived) {
    COFFER_TRY(const auto key, derived_pair(context));
    return key.sign(input);
  }
  if (!private_) return refuse("requested version for signing does not contain a private part");
  if (traits_.type == KeyType::ed25519) return private_->sign(input);
  const Digested what = digest_for(traits_.type, input, options);
  COFFER_TRY(Bytes signature, private_->sign_digest(what.digest, what.scheme));
  if (!is_raw(traits_.type, options)) return signature;
  return crypto::ecdsa_to_raw(private_->kind(), signature);
}

Result<bool> OpenedKey::verify(ByteView context,
                               ByteView input,
                               ByteView signature,
                               const SignOptions& options) const {
  if (traits_.derived) {
    COFFER_TRY(const auto key, derived_pair(context));
    return key.public_key().verify(input, signature);
  }
  if (!public_) return fail(Code::corrupt, "a key of this type does not verify");
  if (traits_.type == KeyType::ed25519) return public_->verify(input, signature);
  const Digested what = digest_for(traits_.type, input, options);
  if (!is_raw(traits_.type, options)) {
    return public_->verify_digest(what.digest, signature, what.scheme);
  }
  const auto der = crypto::ecdsa_from_raw(public_->kind(), signature);
  return der && public_->verify_digest(what.digest, *der, what.scheme);
}

Bytes OpenedKey::mac(crypto::HashKind hash, ByteView input) const {
  return crypto::hmac(hash, mac_.view(), input);
}

Result<Bytes> OpenedKey::derived_public(ByteView context) const {
  if (!traits_.derived || traits_.type != KeyType::ed25519) {
    return refuse("only derived ed25519 keys have a public key for each context");
  }
  COFFER_TRY(const auto key, derived_pair(context));
  return to_bytes(ByteView(key.public_key().der()).last(kRawPublic));
}

}  // namespace coffer::domain
