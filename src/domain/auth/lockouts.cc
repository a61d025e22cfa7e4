#include "domain/auth/lockouts.h"

#include "domain/auth/token_row.h"

#include <algorithm>

namespace coffer::domain {
namespace {

Bytes key_of(const Bytes& mount_id, std::string_view name) {
  Bytes key = mount_id;
  append(key, as_bytes(name));
  return key;
}

}  // namespace

Bytes LockoutRow::key() const {
  return key_of(*mount_id, *name);
}

std::vector<store::IndexEntry> LockoutRow::index() const {
  return {{kLockoutExpiry, time_entry(*until)}};
}

// 0 when there is no row, or when it is over.
Result<std::uint32_t> Lockouts::stored_failures(std::string_view name) {
  COFFER_TRY(const auto row, view_.find<LockoutRow>(key_of(mount_id_, name)));
  return row && *row->row.until > view_.now() ? *row->row.failures : 0;
}

Result<bool> Lockouts::is_locked(std::string_view name) {
  COFFER_TRY(const std::uint32_t stored, stored_failures(name));
  return std::max(stored, memory_.count(mount_id_, name, view_.now())) >= kMaxFailures;
}

Result<bool> Lockouts::begin_attempt(std::string_view name) {
  COFFER_TRY(const std::uint32_t stored, stored_failures(name));
  return memory_.attempt(mount_id_, name, stored, view_.now());
}

Result<bool> Lockouts::record_failure(std::string_view name) {
  COFFER_TRY(const std::uint32_t stored, stored_failures(name));
  LockoutRow next;
  next.mount_id = mount_id_;
  next.name = std::string(name);
  next.failures = std::max(stored, memory_.count(mount_id_, name, view_.now()));
  next.until = view_.now() + kLockTime;
  const bool locked = *next.failures >= kMaxFailures;
  // None: somebody succeeded meanwhile, and the row of failures in a row begins anew.
  if (*next.failures > 0) COFFER_CHECK(view_.put(std::move(next)));
  view_.enter_handler();
  return locked;
}

Result<std::vector<std::string>> Lockouts::locked() {
  std::vector<std::string> names = memory_.locked(mount_id_, view_.now(), kMaxLocked);
  COFFER_TRY(const auto keys, view_.keys<LockoutRow>(mount_id_, {}, kMaxLocked));
  for (const Bytes& key : keys) {
    std::string name(as_text(key).substr(mount_id_.size()));
    COFFER_TRY(const bool locked, is_locked(name));
    if (locked) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Result<> Lockouts::reset(std::string_view name) {
  view_.on_commit([&memory = memory_, mount = mount_id_, name = std::string(name)] {
    memory.forget(mount, name);
  });
  return view_.erase<LockoutRow>(key_of(mount_id_, name));
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::LockoutRow>;
