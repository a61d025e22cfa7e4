// KeptSchedule: the expanded form of a key that is used again and again. Expanding a key and wiping
// it afterwards is most of what a short message costs. Included only by .cc files of crypto/.
//
// Each schedule is about 1 KB of OpenSSL's memory, which OpenSSL wipes when the object goes or the
// key changes. Safe for concurrent use, and nobody waits: while one thread works with the schedule,
// others are told so, and expand the key for themselves. Sizes are limited by the caller.
#pragma once

#include "crypto/block_cipher.h"
#include "crypto/xaes.h"

#include <array>
#include <mutex>
#include <optional>

namespace coffer::crypto {

// Of one key.
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

// Of an XAES message's own key, for values that are read again. It is expanded when the same
// message comes for the second time in a row, so that those that come once neither pay for it nor
// drive it out.
class KeptXaesSchedule {
 public:
  // Of `key`; `nonce` has 24 octets. Nothing, and nothing is done: the message has no schedule
  // here, or another thread works with it.
  std::optional<bool> decrypt(
      const XaesKey& key, ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out);

 private:
  using Head = std::array<std::uint8_t, XaesKey::kDerivedFrom>;

  // Whether cipher_ has the key of messages with this nonce now. Under the mutex.
  bool is_ready_for(const XaesKey& key, ByteView nonce);

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<KeptCipher> cipher_;
  Head expanded_{};  // for this part of a nonce, when there is a cipher_
  Head last_{};
};

}  // namespace coffer::crypto
