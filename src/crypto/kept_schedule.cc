#include "crypto/kept_schedule.h"

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

}  // namespace coffer::crypto
