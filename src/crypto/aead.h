// Authenticated encryption with associated data.
//
//   XAES-256-GCM         c2sp.org/XAES-256-GCM: 32-octet key, 24-octet nonce; rows and backups
//   AES-256-GCM, -128    NIST SP 800-38D: 12-octet nonce
//   ChaCha20-Poly1305    RFC 8439: 32-octet key, 12-octet nonce
//
// Sealed form: nonce || ciphertext || tag of 16 octets. seal() draws the nonce itself from the
// Random given at construction, or makes it of the message; no caller chooses one. Random nonces of
// 12 octets limit a key to 2^32 messages, which whoever holds such a key counts; XAES needs no
// counting.
//
// An Aead copies its key into memory that is wiped (XAES: as the schedule of its subkeys, with the
// last of these). Expanded schedules do not outlive a call, but for that of an XAES message's own
// key, which the thread's next message replaces, and that of a lasting Aead, about 1 KB, which it
// keeps for as long as it lives. So whoever holds a lasting Aead asks whether its key may be used
// before each use, and drops it when the key is gone.
//
// open() fails with Code::corrupt, and gives out no plaintext, when anything differs. Limit:
// messages and associated data of kMaxMessage octets; seal() beyond it throws, as callers have
// smaller limits. Safe for concurrent use: no thread waits for another's message.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
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
inline constexpr std::size_t kMaxMessage = std::size_t{1} << 30;

class Aead {
 public:
  Aead() = default;
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;
  virtual ~Aead() = default;

  // Appends nonce || ciphertext || tag to `out`, which holds neither `aad` nor `plaintext`.
  virtual void seal(ByteView aad, ByteView plaintext, Bytes& out) const = 0;
  // The same under a nonce made of `aad` and `plaintext` with `nonce_key`: equal messages give
  // equal octets, and so tell that they are equal. For convergent encryption alone; the nonce is
  // the beginning of HMAC-SHA-256(nonce_key, u64 octets of aad | aad | plaintext).
  virtual void seal_convergent(const HmacKey& nonce_key,
                               ByteView aad,
                               ByteView plaintext,
                               Bytes& out) const = 0;
  [[nodiscard]] virtual Result<secure::SecureBytes> open(ByteView aad, ByteView sealed) const = 0;
  // Authenticates without giving out plaintext (the scratch is wiped).
  [[nodiscard]] virtual Result<> verify(ByteView aad, ByteView sealed) const = 0;
};

// `random` is borrowed and outlives the Aead. A key of the wrong size is invalid_argument.
Result<std::unique_ptr<Aead>> make_aead(AeadKind kind, ByteView key, Random& random);
// The same for a key that is used again and again: it stays expanded. XAES has a key for each
// message, of which none does.
Result<std::unique_ptr<Aead>> make_lasting_aead(AeadKind kind, ByteView key, Random& random);

// Seals under an explicit nonce: for test vectors alone. Wrong sizes are invalid_argument.
Result<Bytes> seal_with_nonce(
    AeadKind kind, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);

}  // namespace coffer::crypto
