#include "domain/audit/log_retention.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "domain/audit/audit_reader.h"
#include "domain/audit/ledger_log.h"
#include "proof/batch.h"
#include "proof/export_file.h"
#include "work/job.h"
#include "work/system_event.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {
namespace {

using Start = std::optional<proof::SignedHead>;

constexpr std::string_view kJob = "audit log";
constexpr Duration kClaim = std::chrono::minutes(5);
constexpr std::size_t kPage = 16;  // batch records at a time

std::unexpected<Error> corrupt(std::string what) {
  return fail(Code::corrupt, std::move(what));
}

// Record `number` of the audit log.
Result<Bytes> record_at(const store::Store& store, std::uint64_t number) {
  COFFER_TRY(auto records, store.read_log(rows::kAuditLog, number, 1));
  if (records.empty() || records.front().sequence != number) {
    return corrupt("the audit log has a gap");
  }
  return std::move(records.front().record);
}

Result<std::string> month_at(const store::Store& store, std::uint64_t number) {
  COFFER_TRY(const Bytes record, record_at(store, number));
  COFFER_TRY(const proof::SignedHead head, proof::batch_head(record));
  return utc_month(head.head.time);
}

Result<std::uint64_t> first_event(ByteView record) {
  COFFER_TRY(const proof::BatchReader batch, proof::BatchReader::open(record));
  return batch.first();
}

Result<std::uint64_t> oldest_event(const store::Store& store) {
  COFFER_TRY(const auto records, store.read_log(rows::kAuditLog, 0, 1));
  if (records.empty()) return corrupt("the audit log is missing");
  return first_event(records.front().record);
}

// The number of the record that begins with this event.
Result<std::uint64_t> record_beginning_with(const store::Store& store, std::uint64_t event) {
  COFFER_TRY(const std::uint64_t number, AuditReader(store).record_of(event));
  COFFER_TRY(const Bytes record, record_at(store, number));
  COFFER_TRY(const std::uint64_t first, first_event(record));
  if (first != event) {
    return corrupt("no record of the audit log begins with event " + std::to_string(event));
  }
  return number;
}

// The signed head before partition `at`.
Result<Start> start_of(const std::vector<PartitionRow>& all, std::size_t at) {
  if (at == 0) return Start();
  COFFER_TRY(auto head, proof::parse_head(*all[at - 1].head));
  return Start(std::move(head));
}

crypto::Digest digest_of(const Bytes& octets) {
  crypto::Digest digest{};
  std::ranges::copy_n(octets.begin(),
                      static_cast<std::ptrdiff_t>(std::min(octets.size(), digest.size())),
                      digest.begin());
  return digest;
}

// Rows follow each other without a gap; one that was hidden in the store is missed here.
Result<> check_run(const std::vector<PartitionRow>& all) {
  std::uint64_t next = 1;
  for (const PartitionRow& row : all) {
    if (*row.first != next || *row.last < *row.first) {
      return corrupt("the partitions of the audit log have a gap before event " +
                     std::to_string(*row.first));
    }
    next = *row.last + 1;
  }
  return {};
}

std::vector<proof::Fact> place_facts(const PartitionRow& row) {
  return {{"month", *row.month},
          {"first", std::to_string(*row.first)},
          {"last", std::to_string(*row.last)}};
}

}  // namespace

Result<bool> LogRetention::round() {
  work::View view(rows_, rows::kRootRealm, clock_.now(), random_);
  COFFER_TRY(const Partitions all, list_partitions(view));
  COFFER_CHECK(check_run(all));
  using Step = Result<bool> (LogRetention::*)(const Partitions&);
  std::optional<Error> first;
  // What frees room comes first. A step that did something changed what the others go by.
  for (const Step step : {&LogRetention::finish_drop,
                          &LogRetention::drop,
                          &LogRetention::close,
                          &LogRetention::archive}) {
    const auto done = (this->*step)(all);
    if (done && *done) return true;
    if (done || first || done.error().code == Code::precondition_failed) continue;
    first = done.error();
  }
  if (first) return std::unexpected(*std::move(first));
  return false;
}

// Long work ends with the seal, and with the server.
Result<> LogRetention::proceed() const {
  if (committer_.closed() || (plan_.stopping && plan_.stopping()))
    return fail(Code::sealed, "Vault is sealed");
  return {};
}

Result<> LogRetention::commit(PartitionRow row,
                              proof::EventType type,
                              std::vector<proof::Fact> facts) {
  work::View view(rows_, rows::kRootRealm, clock_.now(), random_);
  COFFER_TRY(const work::Claim claim, work::claim_job(view, kJob, holder_, kClaim));
  COFFER_CHECK(view.put(std::move(row)));
  proof::Event event = work::system_event(clock_.now(), random_, type);
  event.facts = std::move(facts);
  std::vector<proof::Event> events;
  events.push_back(std::move(event));
  return committer_.commit(view, std::move(events));
}

// Close.

Result<bool> LogRetention::close(const Partitions& all) {
  const Timestamp now = clock_.now();
  const std::uint64_t first = all.empty() ? 1 : *all.back().last + 1;
  COFFER_TRY(const auto newest, store_.last_record(rows::kAuditLog));
  if (!newest) return false;
  COFFER_TRY(const auto reached, proof::batch_head(newest->record));
  if (reached.head.sequence < first) return false;
  COFFER_TRY(const std::uint64_t begin, record_beginning_with(store_, first));
  COFFER_TRY(const auto end, find_end(begin, utc_month(now)));
  if (!end) return false;
  COFFER_TRY(const Bytes record, record_at(store_, *end));
  COFFER_TRY(const proof::SignedHead head, proof::batch_head(record));
  if (!proof::verify_head(head, rows_.keyring()->audit_key().public_key())) {
    return corrupt("event " + std::to_string(head.head.sequence) +
                   " of the audit log ends in a head that this server did not sign");
  }
  PartitionRow row;
  row.first = first;
  row.last = head.head.sequence;
  COFFER_TRY(row.month, month_at(store_, begin));
  row.head = proof::head_text(head);
  row.state = PartitionState::closed;
  row.ended = head.head.time;
  row.closed = now;
  auto facts = place_facts(row);
  facts.push_back({"head", *row.head});
  COFFER_CHECK(
      commit(std::move(row), proof::EventType::system_audit_partition_closed, std::move(facts)));
  return true;
}

// The last record of the month that record `begin` is of; nothing: it is not over. Where clocks
// were set there may be several: each has a record of the month, and one of another behind it.
Result<std::optional<std::uint64_t>> LogRetention::find_end(std::uint64_t begin,
                                                            const std::string& month_now) const {
  COFFER_TRY(const std::string month, month_at(store_, begin));
  COFFER_TRY(const auto newest, store_.last_record(rows::kAuditLog));
  if (!newest) return std::nullopt;
  std::uint64_t low = begin;
  std::uint64_t high = newest->sequence;
  COFFER_TRY(const std::string newest_month, month_at(store_, high));
  if (newest_month == month) {
    if (month_now == month) return std::nullopt;
    return std::optional(high);
  }
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    COFFER_TRY(const std::string other, month_at(store_, middle));
    (other == month ? low : high) = middle;
  }
  return std::optional(low);
}

// Archive.

std::string LogRetention::file_name(const PartitionRow& row) const {
  constexpr std::size_t kIdOctets = 4;
  return "audit-" + hex_encode(ByteView(rows_.keyring()->log_id()).first(kIdOctets)) + "-" +
         *row.month + "-" + std::to_string(*row.first) + "-" + std::to_string(*row.last) +
         ".export";
}

Result<bool> LogRetention::archive(const Partitions& all) {
  if (plan_.archive == nullptr) return false;
  const auto found = std::ranges::find_if(
      all, [](const PartitionRow& row) { return *row.state == PartitionState::closed; });
  if (found == all.end()) return false;
  COFFER_TRY(const Start start, start_of(all, static_cast<std::size_t>(found - all.begin())));
  PartitionRow row = *found;
  row.file = file_name(row);
  Checked checked;
  const auto check = [&](const proof::ExportSource& source) -> Result<> {
    COFFER_TRY(checked, check_file(source, row, start, nullptr));
    return {};
  };
  // It may lie there already, when a process ended before it could say so.
  Result<> there = plan_.archive->read(*row.file, check);
  if (!there && there.error().code == Code::not_found) {
    there = plan_.archive->add(
        *row.file,
        [&](const proof::ExportSink& sink) { return write_partition(sink, row, start); },
        check);
  }
  COFFER_CHECK(there);
  row.state = PartitionState::archived;
  row.archived = clock_.now();
  row.sha256 = to_bytes(checked.sha256);
  row.octets = checked.octets;
  auto facts = place_facts(row);
  facts.push_back({"file", *row.file});
  facts.push_back({"sha256", hex_encode(*row.sha256)});
  COFFER_CHECK(commit(std::move(row), proof::EventType::system_audit_archived, std::move(facts)));
  return true;
}

Result<> LogRetention::write_partition(const proof::ExportSink& sink,
                                       const PartitionRow& row,
                                       const Start& start) const {
  COFFER_TRY(proof::ExportWriter writer, proof::ExportWriter::begin(sink, start));
  COFFER_TRY(std::uint64_t next, record_beginning_with(store_, *row.first));
  while (true) {
    COFFER_CHECK(proceed());
    COFFER_TRY(const auto records, store_.read_log(rows::kAuditLog, next, kPage));
    for (const store::LogRecord& record : records) {
      COFFER_TRY(const auto head, proof::batch_head(record.record));
      if (head.head.sequence > *row.last) break;
      COFFER_CHECK(writer.add(record.record));
      if (head.head.sequence == *row.last) return {};
      next = record.sequence + 1;
    }
    if (records.empty() || next <= records.back().sequence) {
      return corrupt("no record of the audit log ends with event " + std::to_string(*row.last));
    }
  }
}

// Reads the file to its end: it is the export of the partition, from the head before it to its own.
Result<LogRetention::Checked> LogRetention::check_file(const proof::ExportSource& source,
                                                       const PartitionRow& row,
                                                       const Start& start,
                                                       proof::RowLedger* fold_into) const {
  Checked checked;
  crypto::RunningSha256 hash;
  const auto hashed = [&](MutableBytes out) -> Result<std::size_t> {
    COFFER_CHECK(proceed());
    COFFER_TRY(const std::size_t got, source(out));
    hash.update(out.first(got));
    checked.octets += got;
    return got;
  };
  const auto wrong = [&row](const std::string& what) {
    return corrupt("the archive's file " + *row.file + ": " + what);
  };
  COFFER_TRY(const proof::SignedHead end, proof::parse_head(*row.head));
  auto reader = proof::ExportReader::open(hashed);
  if (!reader) {
    return reader.error().code == Code::corrupt ? wrong(reader.error().message)
                                                : std::unexpected(reader.error());
  }
  if (reader->start() != start) return wrong("it begins elsewhere");
  proof::Verifier verifier(rows_.keyring()->audit_key().public_key(), end, start);
  const auto reached =
      proof::verify_export(*reader, verifier, [&](const proof::Event& event) -> Result<> {
        if (fold_into != nullptr) fold_into->apply(event);
        return {};
      });
  if (!reached) {
    return reached.error().code == Code::corrupt ? wrong(reached.error().message)
                                                 : std::unexpected(reached.error());
  }
  if (reached->sequence != *row.last) return wrong("it ends elsewhere");
  checked.sha256 = hash.finish();
  return checked;
}

// The same of a file that was archived, which must be the one that it was.
Result<LogRetention::Checked> LogRetention::check_archived(const PartitionRow& row,
                                                           const Start& start,
                                                           proof::RowLedger* fold_into) const {
  Checked checked;
  const Result<> read =
      plan_.archive->read(*row.file, [&](const proof::ExportSource& source) -> Result<> {
        COFFER_TRY(checked, check_file(source, row, start, fold_into));
        return {};
      });
  if (!read && read.error().code == Code::not_found) {
    return corrupt("the archive's file " + *row.file + " is missing; nothing is dropped");
  }
  COFFER_CHECK(read);
  if (to_bytes(checked.sha256) != *row.sha256) {
    return corrupt("the archive's file " + *row.file +
                   " is not the one that was written; nothing is dropped");
  }
  return checked;
}

// Drop.

Result<proof::RowLedger> LogRetention::ledger_before(const Partitions& all, std::size_t at) const {
  if (at == 0) return proof::RowLedger();
  COFFER_TRY(const Start start, start_of(all, at));
  COFFER_TRY(auto ledger, read_ledger(store_, *start, digest_of(*all[at - 1].ledger)));
  return ledger.take();
}

// Says that the oldest month that is there is dropped, with the ledger that makes up for it. The
// next round removes the records.
Result<bool> LogRetention::drop(const Partitions& all) {
  if (plan_.archive == nullptr || !plan_.keep) return false;
  Timestamp aged_from{INT64_MIN};
  std::size_t at = 0;
  for (; at < all.size(); ++at) {
    aged_from = std::max(aged_from, all[at].aged_from());
    if (*all[at].state != PartitionState::dropped) break;
  }
  if (at == all.size() || *all[at].state != PartitionState::archived) return false;
  if (clock_.now() - aged_from < *plan_.keep) return false;
  PartitionRow row = all[at];
  COFFER_TRY(const std::uint64_t oldest, oldest_event(store_));
  if (oldest != *row.first) return false;  // what was dropped before is still there
  COFFER_TRY(const Start start, start_of(all, at));
  COFFER_TRY(const proof::SignedHead head, proof::parse_head(*row.head));
  COFFER_TRY(proof::RowLedger ledger, ledger_before(all, at));
  COFFER_TRY(const Checked checked, check_archived(row, start, &ledger));
  COFFER_TRY(const crypto::Digest digest,
             append_ledger(store_, ledger, head, [this] { return proceed(); }));
  row.state = PartitionState::dropped;
  row.dropped = clock_.now();
  row.ledger = to_bytes(digest);
  row.ledger_rows = ledger.size();
  auto facts = proof::drop_facts({.month = *row.month,
                                  .first = *row.first,
                                  .last = *row.last,
                                  .head = head,
                                  .archive = checked.sha256,
                                  .ledger = digest,
                                  .rows = ledger.size()});
  COFFER_CHECK(
      commit(std::move(row), proof::EventType::system_audit_partition_dropped, std::move(facts)));
  return true;
}

// Removes what the log says is dropped, if it is still there.
Result<bool> LogRetention::finish_drop(const Partitions& all) {
  std::size_t dropped = 0;
  while (dropped < all.size() && *all[dropped].state == PartitionState::dropped) ++dropped;
  if (dropped == 0) return false;
  const PartitionRow& row = all[dropped - 1];
  COFFER_TRY(const proof::SignedHead head, proof::parse_head(*row.head));
  COFFER_TRY(const std::uint64_t first, oldest_event(store_));
  const bool there = first <= *row.last;  // not removed yet
  if (there) {
    if (plan_.archive == nullptr) return false;
    COFFER_TRY(const Start start, start_of(all, dropped - 1));
    if (const auto file = check_archived(row, start, nullptr); !file) {
      return std::unexpected(file.error());
    }
    COFFER_TRY(
        const auto ledger,
        read_ledger(store_, head, digest_of(*row.ledger), proof::StoredLedger::Keep::nothing));
    COFFER_TRY(const std::uint64_t below, record_beginning_with(store_, *row.last + 1));
    COFFER_CHECK(store_.drop_log(rows::kAuditLog, below));
  }
  COFFER_TRY(const bool older, drop_ledgers_before(store_, head));
  return there || older;
}

}  // namespace coffer::domain
