#include "crypto/kept_schedule.h"

#include "secure/bytes.h"

#include <algorithm>

namespace coffer::crypto {

bool KeptSchedule::encrypt(ByteView nonce, ByteView aad, ByteView plaintext, MutableBytes out) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return false;
  cipher_.encrypt(nonce, aad, plaintext, out);
  return true;
}

std::optional<bool> KeptSchedule::decrypt(ByteView nonce,
                                          ByteView aad,
                                          ByteView sealed,
                                          MutableBytes out) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return std::nullopt;
  return cipher_.decrypt(nonce, aad, sealed, out);
}

std::optional<bool> KeptXaesSchedule::decrypt(
    const XaesKey& key, ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !is_ready_for(key, nonce)) return std::nullopt;
  return cipher_->decrypt(nonce.subspan(XaesKey::kDerivedFrom), aad, sealed, out);
}

bool KeptXaesSchedule::is_ready_for(const XaesKey& key, ByteView nonce) {
  Head head{};
  std::ranges::copy(nonce.first(head.size()), head.begin());
  const bool again = head == last_;
  last_ = head;
  if (cipher_ && head == expanded_) return true;
  if (!again) return false;
  std::array<std::uint8_t, 32> subkey{};
  key.derive(head, subkey);
  if (cipher_) {
    cipher_->change_key(subkey);
  } else {
    cipher_.emplace(AuthCipher::aes256_gcm, subkey);
  }
  secure::wipe(subkey.data(), subkey.size());
  expanded_ = head;
  return true;
}

}  // namespace coffer::crypto
