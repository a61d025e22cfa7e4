#include "domain/secrets/data_keys.h"

#include <algorithm>
#include <span>
#include <utility>

namespace coffer::domain {

// A uid is random, so its octets choose evenly.
std::uint64_t DataKeys::number_of(ByteView uid) {
  std::uint64_t number = 0;
  for (const std::uint8_t octet : uid) number = (number << 8U | number >> 56U) ^ octet;
  return number;
}

std::size_t DataKeys::set_of(ByteView uid) {
  return number_of(uid) % (kSlots / kWays) * kWays;
}

bool DataKeys::was_offered(ByteView uid) {
  // The half that set_of() does not use.
  const auto part = static_cast<std::uint32_t>(number_of(uid) >> 32U) | 1U;
  const auto set = std::span(offered_).subspan(set_of(uid), kWays);
  if (std::ranges::find(set, part) != set.end()) return true;
  set[offered_turn_++ % kWays] = part;
  return false;
}

bool DataKeys::owned_by(const Slot& slot, ByteView mount, ByteView uid) {
  const ByteView owner(slot.owner);
  return slot.key != nullptr && owner.size() == mount.size() + uid.size() &&
         std::ranges::equal(owner.first(mount.size()), mount) &&
         std::ranges::equal(owner.last(uid.size()), uid);
}

DataKeys::Slot* DataKeys::slot_of(ByteView mount, ByteView uid) const {
  Slot* const set = &slots_[set_of(uid)];
  for (std::size_t way = 0; way < kWays; ++way) {
    if (owned_by(set[way], mount, uid)) return &set[way];
  }
  return nullptr;
}

DataKeys::Opener DataKeys::find(ByteView mount, ByteView uid) const {
  const std::scoped_lock lock(mutex_);
  const Slot* slot = slot_of(mount, uid);
  return slot == nullptr ? nullptr : slot->key;
}

void DataKeys::offer(ByteView mount, ByteView uid, Opener key) {
  Slot fresh;
  const std::scoped_lock lock(mutex_);
  if (!was_offered(uid)) return;
  fresh = {to_bytes(mount), std::move(key)};
  append(fresh.owner, uid);
  Slot* slot = slot_of(mount, uid);
  if (slot == nullptr) slot = &slots_[set_of(uid) + turn_++ % kWays];
  // Swapped, so that the older key is wiped after the lock is free.
  std::swap(*slot, fresh);
}

void DataKeys::forget(ByteView mount, ByteView uid) {
  Slot gone;
  const std::scoped_lock lock(mutex_);
  if (Slot* slot = slot_of(mount, uid)) std::swap(*slot, gone);
}

void DataKeys::forget_mount(ByteView mount) {
  const std::scoped_lock lock(mutex_);
  for (Slot& slot : slots_) {
    if (starts_with(slot.owner, mount)) slot = {};
  }
}

}  // namespace coffer::domain
