#include "domain/auth/lockouts.h"

#include "domain/auth/token_row.h"

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

// Null when there is none, or when it is over.
Result<rows::RowPtr<LockoutRow>> Lockouts::current(std::string_view name) {
  COFFER_TRY(auto row, view_.find<LockoutRow>(key_of(mount_id_, name)));
  if (row && *row->row.until <= view_.now()) row.reset();
  return row;
}

Result<bool> Lockouts::is_locked(std::string_view name) {
  COFFER_TRY(const auto row, current(name));
  return row && *row->row.failures >= kMaxFailures;
}

Result<bool> Lockouts::record_failure(std::string_view name) {
  COFFER_TRY(const auto row, current(name));
  LockoutRow next;
  next.mount_id = mount_id_;
  next.name = std::string(name);
  next.failures = (row ? *row->row.failures : 0) + 1;
  next.until = view_.now() + kLockTime;
  const bool locked = *next.failures >= kMaxFailures;
  COFFER_CHECK(view_.put(std::move(next)));
  view_.enter_handler();
  return locked;
}

Result<std::vector<std::string>> Lockouts::locked() {
  COFFER_TRY(const auto keys, view_.keys<LockoutRow>(mount_id_, {}, kMaxLocked));
  std::vector<std::string> names;
  for (const Bytes& key : keys) {
    std::string name(as_text(key).substr(mount_id_.size()));
    COFFER_TRY(const bool locked, is_locked(name));
    if (locked) names.push_back(std::move(name));
  }
  return names;
}

Result<> Lockouts::reset(std::string_view name) {
  return view_.erase<LockoutRow>(key_of(mount_id_, name));
}

}  // namespace coffer::domain
