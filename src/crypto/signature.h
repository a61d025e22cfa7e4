// Signatures: ECDSA P-256 and P-384, Ed25519, RSA-PSS and RSA PKCS#1 v1.5 (FIPS 186-5, RFC 8032,
// RFC 8017).
//
// A PrivateKey is opaque and never prints. Serialised forms are PKCS#8 DER (private, in wiped
// memory) and SubjectPublicKeyInfo DER (public). ECDSA signatures are DER. Safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "secure/bytes.h"

#include <cstdint>
#include <memory>
#include <string>

namespace coffer::crypto {

enum class KeyKind : std::uint8_t {
  ecdsa_p256 = 1,  // values are stored on disk
  ecdsa_p384 = 2,
  ed25519 = 3,
  rsa2048 = 4,
  rsa3072 = 5,
  rsa4096 = 6,
};

enum class Padding : std::uint8_t { none, pss, pkcs1 };  // RSA only; none for the others

class PublicKey {
 public:
  static Result<PublicKey> from_der(ByteView spki);
  static Result<PublicKey> from_pem(std::string_view pem);
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string pem() const;
  // Whether `signature` over `message` holds: ECDSA and RSA hash with `hash`, Ed25519 ignores it.
  [[nodiscard]] bool verify(ByteView message,
                            ByteView signature,
                            HashKind hash = HashKind::sha256,
                            Padding padding = Padding::none) const;
  // RSA-OAEP encryption with the given hash for label and MGF1.
  Result<Bytes> encrypt_oaep(ByteView plaintext, HashKind hash) const;

 private:
  friend class PrivateKey;
  struct Impl;
  explicit PublicKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class PrivateKey {
 public:
  // RSA generation takes seconds: never on a loop thread.
  static Result<PrivateKey> generate(KeyKind kind);
  static Result<PrivateKey> from_der(ByteView pkcs8);
  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  [[nodiscard]] secure::SecureBytes der() const;
  [[nodiscard]] secure::SecureText pem() const;
  [[nodiscard]] PublicKey public_key() const;
  Result<Bytes> sign(ByteView message,
                     HashKind hash = HashKind::sha256,
                     Padding padding = Padding::none) const;
  Result<secure::SecureBytes> decrypt_oaep(ByteView ciphertext, HashKind hash) const;

 private:
  struct Impl;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::crypto
