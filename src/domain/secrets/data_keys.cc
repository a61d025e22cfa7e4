#include "domain/secrets/data_keys.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {

// A uid is random, so its octets choose evenly.
std::size_t DataKeys::slot_of(ByteView uid) {
  std::size_t number = 0;
  for (const std::uint8_t octet : uid) number = (number << 8U | number >> 56U) ^ octet;
  return number % kSlots;
}

bool DataKeys::owned_by(const Slot& slot, ByteView mount, ByteView uid) {
  const ByteView owner(slot.owner);
  return slot.key != nullptr && owner.size() == mount.size() + uid.size() &&
         std::ranges::equal(owner.first(mount.size()), mount) &&
         std::ranges::equal(owner.last(uid.size()), uid);
}

DataKeys::Opener DataKeys::find(ByteView mount, ByteView uid) const {
  const std::scoped_lock lock(mutex_);
  const Slot& slot = slots_[slot_of(uid)];
  return owned_by(slot, mount, uid) ? slot.key : nullptr;
}

void DataKeys::keep(ByteView mount, ByteView uid, Opener key) {
  Slot fresh{to_bytes(mount), std::move(key)};
  append(fresh.owner, uid);
  const std::scoped_lock lock(mutex_);
  // Swapped, so that the older key is wiped after the lock is free.
  std::swap(slots_[slot_of(uid)], fresh);
}

void DataKeys::forget(ByteView mount, ByteView uid) {
  Slot gone;
  const std::scoped_lock lock(mutex_);
  Slot& slot = slots_[slot_of(uid)];
  if (owned_by(slot, mount, uid)) std::swap(slot, gone);
}

}  // namespace coffer::domain
