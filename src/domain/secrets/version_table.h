// Arithmetic on the version table of a secret. Pure functions; see kv_rows.h for its order.
#pragma once

#include "domain/secrets/kv_rows.h"

#include <algorithm>

namespace coffer::domain {

inline constexpr std::uint32_t kDefaultVersions = 10;
inline constexpr std::uint32_t kDefaultMarkedVersions = 100;

// Null: no such version. Logarithmic.
inline const VersionState* find_version(const std::vector<VersionState>& versions,
                                        std::uint64_t number) {
  const auto at = std::ranges::lower_bound(versions, number, {}, &VersionState::number);
  return at != versions.end() && at->number == number ? &*at : nullptr;
}

inline VersionState* find_version(std::vector<VersionState>& versions, std::uint64_t number) {
  const auto at = std::ranges::lower_bound(versions, number, {}, &VersionState::number);
  return at != versions.end() && at->number == number ? &*at : nullptr;
}

// The slot of a version's row; 0: it has none. `at` is of the secret's versions.
inline std::uint64_t slot_of(const SecretRow& secret, const VersionState& at) {
  const auto index = static_cast<std::size_t>(&at - secret.versions->data());
  return index < secret.slots->size() ? (*secret.slots)[index] : at.destroyed ? 0 : at.number;
}

// A slot that the secret does not use.
inline std::uint64_t new_slot(const SecretRow& secret, Timestamp now) {
  std::uint64_t slot = std::max(static_cast<std::uint64_t>(now.ns), kFirstTimeSlot);
  for (const std::uint64_t used : *secret.slots) slot = std::max(slot, used + 1);
  return slot;
}

// Makes `slots` as long as the version table, in a row that is older than slots.
inline void complete_slots(SecretRow& secret) {
  for (std::size_t i = secret.slots->size(); i < secret.versions->size(); ++i) {
    secret.slots->push_back(slot_of(secret, (*secret.versions)[i]));
  }
}

// How many versions are kept: the secret's own number, else the mount's, else ten; a hundred where
// its versions have ids of their own, as whoever gave them may come back with one.
inline std::size_t versions_to_keep(const SecretRow& secret, const KvConfigRow& config) {
  if (*secret.max_versions != 0) return *secret.max_versions;
  if (*config.max_versions != 0) return *config.max_versions;
  return *secret.extra && !(*secret.extra)->marks.empty() ? kDefaultMarkedVersions
                                                          : kDefaultVersions;
}

// When a version made at `created` deletes itself: after the shorter of the two durations that are
// set, unless the mount switched it off. {}: never.
inline Timestamp deletion_time(Timestamp created,
                               const SecretRow& secret,
                               const KvConfigRow& config) {
  const Duration of_mount = *config.delete_version_after;
  const Duration own = *secret.delete_version_after;
  if (of_mount < Duration{}) return {};
  if (own == Duration{} && of_mount == Duration{}) return {};
  if (own == Duration{}) return created + of_mount;
  if (of_mount == Duration{}) return created + own;
  return created + std::min(own, of_mount);
}

}  // namespace coffer::domain
