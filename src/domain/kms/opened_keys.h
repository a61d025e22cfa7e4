// OpenedKeys: versions of master keys that were used lately, ready to work.
//
// A version is kept by its uid, under which its material was written once and never changes.
// Whoever asks has found the master key's row, which is guarded and names the uid: a version that
// was trimmed or whose key is gone is asked for by nobody, even while it is still here. Bounded:
// kSlots versions, in sets of kWays; a newer one takes the place of one in its set in turn.
// forget() takes a version from here that is destroyed, or whose key may not be used for now; it is
// wiped when its last user lets go.
// Thread-safe.
#pragma once

#include "base/bytes.h"
#include "domain/kms/opened_key.h"

#include <memory>
#include <mutex>
#include <vector>

namespace coffer::domain {

class OpenedKeys {
 public:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSlots = 4096;  // 2 KB each, RSA 4 KB

  using Kept = std::shared_ptr<const OpenedKey>;

  OpenedKeys() : slots_(kSlots) {}

  // Null when the version is not at hand.
  [[nodiscard]] Kept find(ByteView uid) const;
  void keep(ByteView uid, Kept key);
  void forget(ByteView uid);

 private:
  struct Slot {
    Bytes uid;
    Kept key;  // null: free
  };

  [[nodiscard]] static std::size_t set_of(ByteView uid);  // its first slot
  // Null: it is not here. Under the mutex.
  [[nodiscard]] Slot* slot_of(ByteView uid) const;

  mutable std::mutex mutex_;
  mutable std::vector<Slot> slots_;
  std::size_t turn_ = 0;  // which of a set gives way next
};

}  // namespace coffer::domain
