#include "domain/kms/opened_keys.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {

// A uid is random, so its octets choose evenly.
std::size_t OpenedKeys::set_of(ByteView uid) {
  std::size_t number = 0;
  for (const std::uint8_t octet : uid.first(std::min<std::size_t>(uid.size(), 8))) {
    number = number << 8U | octet;
  }
  return number % (kSlots / kWays) * kWays;
}

OpenedKeys::Slot* OpenedKeys::slot_of(ByteView uid) const {
  Slot* const set = &slots_[set_of(uid)];
  for (std::size_t way = 0; way < kWays; ++way) {
    if (set[way].key != nullptr && std::ranges::equal(set[way].uid, uid)) return &set[way];
  }
  return nullptr;
}

OpenedKeys::Kept OpenedKeys::find(ByteView uid) const {
  const std::scoped_lock lock(mutex_);
  const Slot* slot = slot_of(uid);
  return slot == nullptr ? nullptr : slot->key;
}

void OpenedKeys::keep(ByteView uid, Kept key) {
  Slot fresh{to_bytes(uid), std::move(key)};
  const std::scoped_lock lock(mutex_);
  Slot* slot = slot_of(uid);
  if (slot == nullptr) slot = &slots_[set_of(uid) + turn_++ % kWays];
  // Swapped, so that the older key is wiped after the lock is free.
  std::swap(*slot, fresh);
}

void OpenedKeys::forget(ByteView uid) {
  Slot gone;
  const std::scoped_lock lock(mutex_);
  if (Slot* slot = slot_of(uid)) std::swap(*slot, gone);
}

}  // namespace coffer::domain
