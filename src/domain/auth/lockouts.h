// Lockouts: after kMaxFailures failed logins in a row a name is locked for kLockTime, right
// password or not. Names are canonical, so that spelling one differently gives no fresh attempts;
// names that do not exist are counted alike, so that a lock tells nothing.
//
// A failure must be counted although the request fails: record_failure() closes the view's gate
// part behind itself (View::enter_handler), so it is called before anything else is staged.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint32_t kMaxFailures = 5;
inline constexpr Duration kLockTime = std::chrono::minutes(15);
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
  Lockouts(work::View& view, Bytes mount_id) : view_(view), mount_id_(std::move(mount_id)) {}

  Result<bool> is_locked(std::string_view name);
  // True when this failure locked the name.
  Result<bool> record_failure(std::string_view name);
  Result<> reset(std::string_view name);
  // Names that are locked now, in order, among the first kMaxLocked that failures are counted for.
  Result<std::vector<std::string>> locked();

 private:
  Result<rows::RowPtr<LockoutRow>> current(std::string_view name);

  work::View& view_;
  Bytes mount_id_;
};

}  // namespace coffer::domain
