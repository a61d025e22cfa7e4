// Authenticated encryption with associated data.
//
//   XAES-256-GCM        C2SP xaes-256-gcm, 32-octet key, 24-octet nonce, 16-octet tag: rows,
//   backups AES-256-GCM / 128   NIST SP 800-38D, 12-octet nonce ChaCha20-Poly1305   RFC 8439,
//   12-octet nonce
//
// An Aead owns its key (locked memory for long-lived ones is the caller's choice: the key is copied
// into wiped memory and the expanded schedule lives in OpenSSL's context, which is cleansed on
// free). seal() draws the nonce itself from the Random given at construction; no caller chooses
// one. Sealed form: nonce || ciphertext || tag. open() fails with Code::corrupt and gives out no
// plaintext when anything differs. Safe for concurrent use (contexts are per thread or per call).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/random.h"
#include "secure/bytes.h"

#include <cstdint>
#include <memory>

namespace coffer::crypto {

enum class AeadKind : std::uint8_t {
  xaes256_gcm = 1,  // values are stored on disk
  aes256_gcm = 2,
  aes128_gcm = 3,
  chacha20_poly1305 = 4,
};

std::size_t key_size(AeadKind kind);
std::size_t nonce_size(AeadKind kind);
inline constexpr std::size_t kTagSize = 16;

class Aead {
 public:
  Aead() = default;
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  virtual ~Aead() = default;

  // Appends nonce || ciphertext || tag to `out`.
  virtual void seal(ByteView aad, ByteView plaintext, Bytes& out) const = 0;
  virtual Result<secure::SecureBytes> open(ByteView aad, ByteView sealed) const = 0;
  // Authenticates without giving out plaintext (the scratch is wiped).
  virtual Result<> verify(ByteView aad, ByteView sealed) const = 0;
};

// `random` is borrowed and outlives the Aead. A key of the wrong size is invalid_argument.
Result<std::unique_ptr<Aead>> make_aead(AeadKind kind, ByteView key, Random& random);

// For test vectors and for formats that carry a nonce elsewhere: not exported above this floor
// except to vector tests. Seals under an explicit nonce.
Result<Bytes> seal_with_nonce(
    AeadKind kind, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);

}  // namespace coffer::crypto
