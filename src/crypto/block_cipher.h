// The ciphers that Aead is made of, as OpenSSL runs them. Included only by .cc files of crypto/.
//
// auth_encrypt() and auth_decrypt() key one of the calling thread's contexts, work, and overwrite
// the key schedule with that of a zero key, so that no key outlives the call; a key that serves one
// message only stays until the thread's next message. Safe for concurrent use unless said. Sizes
// are limited by the caller (OpenSSL counts in int).
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <memory>

namespace coffer::crypto {

enum class AuthCipher : std::uint8_t { aes256_gcm, aes128_gcm, chacha20_poly1305 };

// One authenticated message: a key of the cipher's size and a nonce of 12 octets.
struct AuthMessage {
  ByteView key;
  ByteView nonce;
  ByteView aad;
  bool key_serves_once = false;
};

// Writes ciphertext || tag: `out` is kTagSize longer than `plaintext`.
void auth_encrypt(AuthCipher cipher,
                  const AuthMessage& message,
                  ByteView plaintext,
                  MutableBytes out);

// Writes the plaintext of ciphertext || tag. False when the tag does not hold: what is in `out`
// then is unauthenticated and must be dropped.
[[nodiscard]] bool auth_decrypt(AuthCipher cipher,
                                const AuthMessage& message,
                                ByteView sealed,
                                MutableBytes out);

// The same cipher under a key that is used again: its schedule is expanded once, lives as long as
// the object or until the next key, and is wiped with it. Not thread-safe.
class KeptCipher {
 public:
  KeptCipher(AuthCipher cipher, ByteView key);
  KeptCipher(const KeptCipher&) = delete;
  KeptCipher& operator=(const KeptCipher&) = delete;
  ~KeptCipher();

  void encrypt(ByteView nonce, ByteView aad, ByteView plaintext, MutableBytes out);
  [[nodiscard]] bool decrypt(ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out);

 private:
  struct Schedule;
  std::unique_ptr<Schedule> schedule_;
};

// AES-256 (FIPS 197) of whole blocks, each by itself, under a key that is expanded once. The
// schedule lives as long as the object and is wiped with it. Safe for concurrent use. Not for
// static storage: its context goes to the thread that destroys it, for that thread's next key.
class BlockKey {
 public:
  explicit BlockKey(ByteView key);  // of 32 octets
  BlockKey(const BlockKey&) = delete;
  BlockKey& operator=(const BlockKey&) = delete;
  ~BlockKey();

  // `out` is as long as `in` and may be the same.
  void encrypt(ByteView in, MutableBytes out) const;

 private:
  struct Schedule;

  static std::unique_ptr<Schedule>& spare_of_this_thread();

  std::unique_ptr<Schedule> schedule_;
};

}  // namespace coffer::crypto
