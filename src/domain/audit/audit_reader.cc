#include "domain/audit/audit_reader.h"

#include "proof/batch.h"
#include "rows/table.h"

#include <algorithm>
#include <limits>

namespace coffer::domain {
namespace {

constexpr std::size_t kPage = 64;  // batch records at a time

Result<std::uint64_t> last_sequence(const store::LogRecord& record) {
  COFFER_TRY(const proof::SignedHead head, proof::batch_head(record.record));
  return head.head.sequence;
}

}  // namespace

Result<LogExtent> log_extent(const store::Store& store) {
  COFFER_TRY(const auto last, store.last_record(rows::kAuditLog));
  COFFER_TRY(const auto first, store.read_log(rows::kAuditLog, 0, 1));
  if (!last || first.empty()) return LogExtent{};
  COFFER_TRY(const proof::BatchReader batch, proof::BatchReader::open(first.front().record));
  COFFER_TRY(const proof::SignedHead head, proof::batch_head(first.front().record));
  return LogExtent{.first = batch.first(),
                   .records = last->sequence + 1 - first.front().sequence,
                   .begins = head.head.time};
}

Result<std::uint64_t> AuditReader::record_of(std::uint64_t sequence) const {
  COFFER_TRY(const auto last, store_.last_record(rows::kAuditLog));
  COFFER_TRY(const auto first, store_.read_log(rows::kAuditLog, 1, 1));
  if (!last || first.empty()) return std::uint64_t{1};
  std::uint64_t low = first.front().sequence;
  std::uint64_t high = last->sequence + 1;
  // The first record whose last event is not before `sequence`.
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    COFFER_TRY(const auto records, store_.read_log(rows::kAuditLog, middle, 1));
    if (records.empty()) return fail(Code::corrupt, "the audit log has a gap");
    COFFER_TRY(const std::uint64_t ends, last_sequence(records.front()));
    if (ends < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<AuditPage> AuditReader::search(const proof::EventFilter& filter,
                                      std::uint64_t after,
                                      std::size_t limit) const {
  AuditPage page{.events = {}, .next = after};
  if (after == std::numeric_limits<std::uint64_t>::max()) return page;
  COFFER_TRY(std::uint64_t from, record_of(after + 1));
  for (std::size_t looked_at = 0;;) {
    COFFER_TRY(const auto records, store_.read_log(rows::kAuditLog, from, kPage));
    if (records.empty()) return page;
    for (const store::LogRecord& record : records) {
      COFFER_TRY(std::vector<proof::Event> events, proof::decode_batch(record.record));
      for (proof::Event& event : events) {
        if (event.sequence <= after) continue;
        page.more = page.events.size() >= limit || looked_at >= looked_at_;
        if (page.more) return page;
        ++looked_at;
        page.next = event.sequence;
        if (filter.matches(event)) page.events.push_back(std::move(event));
      }
    }
    from = records.back().sequence + 1;
  }
}

Result<AuditPage> AuditReader::tail(const proof::EventFilter& filter, std::size_t limit) const {
  AuditPage page;
  COFFER_TRY(const auto last, store_.last_record(rows::kAuditLog));
  if (!last) return page;
  COFFER_TRY(const auto first, store_.read_log(rows::kAuditLog, 1, 1));
  if (first.empty()) return page;
  COFFER_TRY(page.next, last_sequence(*last));
  const std::uint64_t begin = first.front().sequence;  // later than 1 where the log was cut
  std::uint64_t below = last->sequence + 1;
  std::size_t looked_at = 0;
  while (page.events.size() < limit && below > begin && looked_at < looked_at_) {
    const std::uint64_t from = below - std::min<std::uint64_t>(kPage, below - begin);
    COFFER_TRY(const auto records, store_.read_log(rows::kAuditLog, from, below - from));
    if (records.empty()) break;
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      COFFER_TRY(std::vector<proof::Event> events, proof::decode_batch(record->record));
      looked_at += events.size();
      for (auto event = events.rbegin(); event != events.rend() && page.events.size() < limit;
           ++event) {
        if (filter.matches(*event)) page.events.push_back(std::move(*event));
      }
    }
    below = from;
  }
  std::ranges::reverse(page.events);
  return page;
}

}  // namespace coffer::domain
