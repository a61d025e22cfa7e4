// OpenedKey: one version of a master key, ready to work.
//
//   encrypt   aes*, chacha20: AEAD with a nonce drawn for the message, or made of it (convergent):
//             nonce || ciphertext || tag, the caller's associated data bound as it is
//             rsa: OAEP with SHA-256, the empty label, no associated data
//   sign      ecdsa, rsa: over the digest; ed25519: over the message
//   mac       HMAC under the version's own key for MACs
//
// A derived key works with HKDF-SHA-256(secret, info = label | context), and refuses without a
// context; a key that is not derived takes none into account. Immutable and safe for concurrent
// use; its secrets are wiped with it. Errors are invalid_argument with Vault's texts, and corrupt
// when the material is not what its type says.
#pragma once

#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "domain/kms/key_material.h"

#include <memory>
#include <optional>

namespace coffer::domain {

enum class SignatureForm : std::uint8_t { asn1, jws };  // of ECDSA: DER, or r || s

struct SignOptions {
  crypto::HashKind hash = crypto::HashKind::sha256;
  crypto::Padding padding = crypto::Padding::pss;  // RSA
  int salt = crypto::kSaltAny;                     // RSA-PSS
  SignatureForm form = SignatureForm::asn1;
  bool prehashed = false;  // the input is the digest
};

struct KeyTraits {
  KeyType type{};
  bool derived = false;
  bool convergent = false;
};

class OpenedKey {
 public:
  // `random` outlives the key.
  static Result<std::shared_ptr<const OpenedKey>> make(const KeyTraits& traits,
                                                       const KeyMaterial& material,
                                                       crypto::Random& random);

  // Whether what needs the secret half takes milliseconds: too long for a loop thread in numbers.
  [[nodiscard]] bool slow() const { return is_rsa(traits_.type); }

  [[nodiscard]] Result<Bytes> encrypt(ByteView context, ByteView aad, ByteView plaintext) const;
  [[nodiscard]] Result<secure::SecureBytes> decrypt(ByteView context,
                                                    ByteView aad,
                                                    ByteView sealed) const;
  // RSA-OAEP with a hash of the caller's; what does not fit is invalid_argument.
  [[nodiscard]] Result<Bytes> encrypt_oaep(crypto::HashKind hash, ByteView plaintext) const;
  [[nodiscard]] Result<secure::SecureBytes> decrypt_oaep(crypto::HashKind hash,
                                                         ByteView sealed) const;
  // The secret shared with the owner of a public key on the same curve (PrivateKey::agree).
  [[nodiscard]] Result<secure::SecureBytes> agree(ByteView peer) const;
  [[nodiscard]] Result<Bytes> sign(ByteView context,
                                   ByteView input,
                                   const SignOptions& options) const;
  [[nodiscard]] Result<bool> verify(ByteView context,
                                    ByteView input,
                                    ByteView signature,
                                    const SignOptions& options) const;
  [[nodiscard]] Bytes mac(crypto::HashKind hash, ByteView input) const;
  // The public half of the key that is derived with `context`: 32 octets; ed25519 only.
  [[nodiscard]] Result<Bytes> derived_public(ByteView context) const;

 private:
  OpenedKey(const KeyTraits& traits, crypto::Random& random) : traits_(traits), random_(random) {}

  Result<> load(const KeyMaterial& material);
  [[nodiscard]] Result<secure::SecureBytes> derive(std::string_view label,
                                                   ByteView context,
                                                   std::size_t size) const;
  [[nodiscard]] Result<std::unique_ptr<crypto::Aead>> derived_aead(ByteView context) const;
  [[nodiscard]] Result<crypto::PrivateKey> derived_pair(ByteView context) const;

  KeyTraits traits_;
  crypto::Random& random_;
  std::unique_ptr<crypto::Aead> aead_;         // symmetric and not derived
  std::optional<crypto::PrivateKey> private_;  // asymmetric, with a secret, not derived
  std::optional<crypto::PublicKey> public_;    // asymmetric and not derived
  secure::SecureBytes secret_;                 // derived
  secure::SecureBytes mac_;
};

}  // namespace coffer::domain
