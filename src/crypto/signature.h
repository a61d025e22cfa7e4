// Signatures: ECDSA on P-256, P-384, P-521 and secp256k1, Ed25519, RSA-PSS and RSA PKCS#1 v1.5
// (FIPS 186-5, SEC 2, RFC 8032, RFC 8017).
//
// A PrivateKey is opaque and never prints. Serialised forms are PKCS#8 DER (private, in wiped
// memory) and SubjectPublicKeyInfo DER (public), and their PEM. ECDSA signatures are DER (see
// ecdsa_from_raw for the fixed-width form of JOSE). RSA-PSS uses the message's hash for MGF1 and a
// salt as long as the hash.
//
// Only the kinds of KeyKind are read, with named curves and RSA exponents as FIPS 186-5 allows them
// (odd, above 2^16; here also below 2^64): the rest is Code::unsupported. Malformed input, trailing
// octets and keys that fail their arithmetic checks are invalid_argument. Limit of either form:
// kMaxKeyText octets. Values may be moved between threads; const members are safe for concurrent
// use. A moved-from key may only be assigned to or destroyed.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "secure/bytes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::crypto {

enum class KeyKind : std::uint8_t {
  ecdsa_p256 = 1,  // values are stored on disk
  ecdsa_p384 = 2,
  ed25519 = 3,
  rsa2048 = 4,
  rsa3072 = 5,
  rsa4096 = 6,
  ecdsa_p521 = 7,
  ecdsa_secp256k1 = 8,
};

inline constexpr std::size_t kMaxKeyText = 16 * 1024;

enum class Padding : std::uint8_t { none, pss, pkcs1 };  // RSA only; none for the others

// Salts of RSA-PSS, beside a number of octets.
inline constexpr int kSaltLikeHash = -1;
inline constexpr int kSaltAny = -2;  // signing: as long as fits; verifying: of any length

// How the digest of a message is signed. SHA-1 signs nothing.
struct SignatureScheme {
  HashKind hash = HashKind::sha256;  // that made the digest
  Padding padding = Padding::none;
  int salt = kSaltLikeHash;
};

class PublicKey {
 public:
  static Result<PublicKey> from_der(ByteView spki);
  static Result<PublicKey> from_pem(std::string_view pem);
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  [[nodiscard]] KeyKind kind() const;
  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string pem() const;
  // Whether `signature` over `message` holds: ECDSA and RSA hash with `hash`, Ed25519 ignores it.
  // A padding that does not fit the kind of key holds for nothing.
  [[nodiscard]] bool verify(ByteView message,
                            ByteView signature,
                            HashKind hash = HashKind::sha256,
                            Padding padding = Padding::none) const;
  // The same over the message's digest: ECDSA and RSA. Whatever does not fit holds for nothing.
  [[nodiscard]] bool verify_digest(ByteView digest,
                                   ByteView signature,
                                   const SignatureScheme& scheme) const;
  // RSA-OAEP encryption with the given hash for MGF1 and for the empty label. A key that is not RSA
  // is unsupported, a plaintext longer than fits is invalid_argument.
  Result<Bytes> encrypt_oaep(ByteView plaintext, HashKind hash) const;

 private:
  struct Impl;
  explicit PublicKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class PrivateKey {
 public:
  // RSA generation takes seconds: never on a loop thread.
  static Result<PrivateKey> generate(KeyKind kind);
  // The Ed25519 key of a seed of 32 octets (RFC 8032 §5.1.5).
  static Result<PrivateKey> ed25519(ByteView seed);
  static Result<PrivateKey> from_der(ByteView pkcs8);
  static Result<PrivateKey> from_pem(std::string_view pem);
  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  [[nodiscard]] KeyKind kind() const;
  [[nodiscard]] secure::SecureBytes der() const;
  [[nodiscard]] secure::SecureText pem() const;
  // The form before PKCS#8: RSAPrivateKey (RFC 8017), ECPrivateKey (RFC 5915). Ed25519 has none:
  // that is a bug of the caller.
  [[nodiscard]] secure::SecureBytes traditional_der() const;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Bytes public_der() const;  // public_key().der(), in a fiftieth of the time
  // A padding that does not fit the kind of key is invalid_argument.
  Result<Bytes> sign(ByteView message,
                     HashKind hash = HashKind::sha256,
                     Padding padding = Padding::none) const;
  // The same over the message's digest: ECDSA and RSA. A digest, padding or salt that does not fit
  // is invalid_argument.
  Result<Bytes> sign_digest(ByteView digest, const SignatureScheme& scheme) const;
  // One error, invalid_argument, for whatever is wrong with the ciphertext.
  Result<secure::SecureBytes> decrypt_oaep(ByteView ciphertext, HashKind hash) const;
  // Elliptic curve Diffie-Hellman with cofactor 1 (SP 800-56A §5.7.1.2): the x coordinate, as wide
  // as the field. `peer` is a SubjectPublicKeyInfo; one that is on another curve or is no public
  // key, and a kind without agreement, are invalid_argument.
  Result<secure::SecureBytes> agree(ByteView peer) const;

 private:
  struct Impl;
  [[nodiscard]] Bytes sign_elliptic(ByteView digest, HashKind hash) const;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// ECDSA signatures in two spellings: DER, and r || s of the field's width each (IEEE P1363, JOSE).
// `kind` is one of the curves; what is not such a signature is invalid_argument.
Result<Bytes> ecdsa_from_raw(KeyKind kind, ByteView raw);
Result<Bytes> ecdsa_to_raw(KeyKind kind, ByteView der);

}  // namespace coffer::crypto
