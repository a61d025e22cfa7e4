#include "domain/audit/store_filler.h"

#include <algorithm>
#include <iterator>

namespace coffer::domain {
namespace {

constexpr std::size_t kCommitItems = 1000;
constexpr std::size_t kCommitOctets = 8 << 20;

}  // namespace

Result<> StoreFiller::record(store::LogId log, const store::LogRecord& record) {
  octets_ += record.record.size();
  records_.emplace_back(log, record);
  return flush_if_full();
}

Result<> StoreFiller::row(const store::Put& row) {
  octets_ += row.blob.size();
  rows_.push_back(row);
  return flush_if_full();
}

Result<> StoreFiller::finish() {
  return flush();
}

Result<> StoreFiller::flush_if_full() {
  const bool full = rows_.size() + records_.size() >= kCommitItems || octets_ >= kCommitOctets;
  return full ? flush() : Result<>();
}

Result<> StoreFiller::flush() {
  COFFER_TRY(const auto batch, store_.begin());
  for (auto at = rows_.begin(); at != rows_.end();) {
    const auto size = std::min<std::ptrdiff_t>(store::kMaxUnitItems, rows_.end() - at);
    store::Unit unit;
    unit.puts.assign(std::move_iterator(at), std::move_iterator(at + size));
    COFFER_TRY(const store::Applied applied, batch->apply(unit));
    if (applied != store::Applied::yes) return fail(Code::conflict, "the store is not empty");
    at += size;
  }
  for (const auto& [log, record] : records_) {
    COFFER_CHECK(batch->append(log, ++last_[log], record.record));
  }
  COFFER_CHECK(batch->commit());
  rows_.clear();
  records_.clear();
  octets_ = 0;
  return {};
}

}  // namespace coffer::domain
