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
  return number_of(uid) % (kSlots / kWays);
}

// The half that set_of() does not use.
std::uint32_t DataKeys::part_of(ByteView uid) {
  return static_cast<std::uint32_t>(number_of(uid) >> 32U) | 1U;
}

bool DataKeys::was_offered(ByteView uid) {
  auto& offered = sets_[set_of(uid)].offered;
  const std::uint32_t part = part_of(uid);
  if (std::ranges::find(offered, part) != offered.end()) return true;
  offered[offered_turn_++ % kWays] = part;
  return false;
}

bool DataKeys::owned_by(const Slot& slot, ByteView mount, ByteView uid) {
  const ByteView owner(slot.owner);
  return slot.key != nullptr && owner.size() == mount.size() + uid.size() &&
         std::ranges::equal(owner.first(mount.size()), mount) &&
         std::ranges::equal(owner.last(uid.size()), uid);
}

std::optional<std::size_t> DataKeys::slot_of(ByteView mount, ByteView uid) const {
  const std::size_t set = set_of(uid);
  for (std::size_t way = 0; way < kWays; ++way) {
    const std::size_t at = set * kWays + way;
    if (sets_[set].kept[way] == part_of(uid) && owned_by(slots_[at], mount, uid)) return at;
  }
  return std::nullopt;
}

DataKeys::Opener DataKeys::find(ByteView mount, ByteView uid) const {
  const std::scoped_lock lock(mutex_);
  const auto at = slot_of(mount, uid);
  return at ? slots_[*at].key : nullptr;
}

void DataKeys::offer(ByteView mount, ByteView uid, Opener key) {
  Slot fresh;
  const std::scoped_lock lock(mutex_);
  if (!was_offered(uid)) return;
  fresh = {to_bytes(mount), std::move(key)};
  append(fresh.owner, uid);
  const std::size_t set = set_of(uid);
  const std::size_t at = slot_of(mount, uid).value_or(set * kWays + turn_++ % kWays);
  sets_[set].kept[at % kWays] = part_of(uid);
  // Swapped, so that the older key is wiped after the lock is free.
  std::swap(slots_[at], fresh);
}

void DataKeys::forget(ByteView mount, ByteView uid) {
  Slot gone;
  const std::scoped_lock lock(mutex_);
  if (const auto at = slot_of(mount, uid)) std::swap(slots_[*at], gone);
}

void DataKeys::forget_mount(ByteView mount) {
  const std::scoped_lock lock(mutex_);
  for (Slot& slot : slots_) {
    if (starts_with(slot.owner, mount)) slot = {};
  }
}

}  // namespace coffer::domain
