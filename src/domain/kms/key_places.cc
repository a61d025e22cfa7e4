#include "domain/kms/key_places.h"

namespace coffer::domain {

std::optional<Bytes> KeyPlaces::find(ByteView uid) const {
  const std::scoped_lock lock(mutex_);
  const auto at = places_.find(to_bytes(uid));
  return at == places_.end() ? std::nullopt : std::optional(at->second);
}

void KeyPlaces::keep(ByteView uid, Bytes place) {
  const std::scoped_lock lock(mutex_);
  if (places_.size() >= kMaxPlaces) places_.clear();
  places_.insert_or_assign(to_bytes(uid), std::move(place));
}

}  // namespace coffer::domain
