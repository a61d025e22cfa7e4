// RowLedger: which rows must exist, at which revision, according to the audit log.
//
// Folds the changes of every event of a verified log, in order; then a scan of the store checks
// each row against it, and missing() names those that the scan did not meet. Together they find
// what a look at one row cannot: an old row put back whole, a row deleted or hidden, one added.
// The log must hold every change since the store was empty, or since what put() was told: where the
// log's beginning was dropped, the stored ledger (stored_ledger.h) says what was there then.
//
// Memory: about 110 octets and the key for each live row; erased rows cost nothing, therefore a row
// that comes back after its erasure is reported as unknown. Errors are Code::corrupt and name
// table, realm and key (in hexadecimal). Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "proof/event.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace coffer::proof {

using SealTag = std::array<std::uint8_t, 16>;

struct RowKey {
  std::uint16_t table = 0;
  std::uint32_t realm = 0;
  Bytes key;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// "table 3 realm 1 key 6b6579"
std::string to_text(const RowKey& row);

class RowLedger {
 public:
  void apply(const Event& event);
  // The row was there, in this state, when the events that apply() is given begin.
  void put(const RowKey& row, std::uint64_t revision, const SealTag& seal);

  // A row that the scan met. Wrong when the log has no such row (unknown, or erased), ends with
  // another revision (older: replayed; newer: not in the log), or with another seal (edited).
  Result<> check(const RowKey& row, std::uint64_t revision, const SealTag& seal);
  // The same, as what is wrong without the row's name; nothing when all is well.
  std::optional<std::string> defect(const RowKey& row, std::uint64_t revision, const SealTag& seal);

  // Rows of the log that check() was not called for, in key order.
  [[nodiscard]] std::vector<RowKey> missing() const;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  using Visit =
      std::function<Result<>(const RowKey& row, std::uint64_t revision, const SealTag& seal)>;
  // Every row, in key order; an error stops it. Eight octets more a row meanwhile.
  Result<> visit(const Visit& visit) const;

 private:
  struct Expected {
    std::uint64_t revision = 0;
    SealTag seal{};
    bool met = false;
  };

  // By (table, realm, key) in one string: short keys need no allocation of their own.
  std::unordered_map<std::string, Expected> rows_;
};

}  // namespace coffer::proof
