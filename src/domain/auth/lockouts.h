// Lockouts: after kMaxFailures failed logins in a row a name is locked for kLockTime, right
// password or not. Names are canonical, so that spelling one differently gives no fresh attempts;
// names that do not exist are counted alike, so that a lock tells nothing.
//
// A failure is counted in memory first (failed_logins.h), then in a row, which outlives the
// process. The row must be stored although the request fails: record_failure() closes the view's
// gate part behind itself (View::enter_handler), so it is called before anything else is staged.
// The gate may leave the row out when too much is failing (gate::Call::gate_part_optional).
#pragma once

#include "domain/auth/failed_logins.h"
#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxLocked = 1000;

struct LockoutRow {
  static constexpr rows::TableSpec kTable = rows::tables::kLockouts;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount_id;
  rows::Clear<std::string> name;
  rows::Clear<std::uint32_t> failures;
  rows::Clear<Timestamp> until;  // when the row means nothing any more
  static constexpr auto kMembers = std::tuple{
      &LockoutRow::mount_id, &LockoutRow::name, &LockoutRow::failures, &LockoutRow::until};

  [[nodiscard]] Bytes key() const;  // mount id, name
  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

inline constexpr store::IndexId kLockoutExpiry{201};  // stored on disk; entry: time_entry()

class Lockouts {
 public:
  // Borrows the view and the memory.
  Lockouts(work::View& view, Bytes mount_id, FailedLogins& memory)
      : view_(view), mount_id_(std::move(mount_id)), memory_(memory) {}

  Result<bool> is_locked(std::string_view name);
  // Counts an attempt as failed, ahead of its outcome. False: the name is locked; nothing is to be
  // compared.
  Result<bool> begin_attempt(std::string_view name);
  // After begin_attempt(), when it did fail: stages the row. True when this failure locked the
  // name.
  Result<bool> record_failure(std::string_view name);
  Result<> reset(std::string_view name);
  // Names that are locked now, in order: kMaxLocked of those in memory, and those among the first
  // kMaxLocked that have a row.
  Result<std::vector<std::string>> locked();

 private:
  Result<std::uint32_t> stored_failures(std::string_view name);

  work::View& view_;
  Bytes mount_id_;
  FailedLogins& memory_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::LockoutRow>;
