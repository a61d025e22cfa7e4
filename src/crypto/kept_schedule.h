// KeptSchedule: the expanded form of a key that is used again and again. Expanding a key and wiping
// it afterwards is most of what a short message costs. Included only by .cc files of crypto/.
//
// A schedule is about 1 KB of OpenSSL's memory, which OpenSSL wipes when the object goes. Safe for
// concurrent use, and nobody waits: while one thread works with the schedule, others are told so,
// and expand the key for themselves. Sizes are limited by the caller.
#pragma once

#include "crypto/block_cipher.h"

#include <mutex>
#include <optional>

namespace coffer::crypto {

class KeptSchedule {
 public:
  KeptSchedule(AuthCipher cipher, ByteView key) : cipher_(cipher, key) {}

  // False, and nothing is done: another thread works with it.
  [[nodiscard]] bool encrypt(ByteView nonce, ByteView aad, ByteView plaintext, MutableBytes out);
  // Whether the tag held; nothing, and nothing is done: another thread works with it.
  std::optional<bool> decrypt(ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out);

 private:
  std::mutex mutex_;
  KeptCipher cipher_;  // guarded by mutex_
};

}  // namespace coffer::crypto
