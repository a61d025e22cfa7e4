#include "store/sqlite/reader.h"

#include "store/limits.h"
#include "store/sqlite/entries.h"
#include "store/sqlite/place.h"
#include "store/sqlite/schema.h"

#include <bit>
#include <limits>
#include <utility>

namespace coffer::store::sqlite {
namespace {

constexpr std::string_view kGet = "SELECT revision, blob, id FROM item WHERE place = ?1";
constexpr std::string_view kGetAt = "SELECT revision, blob FROM item WHERE id = ?2 AND place = ?1";
constexpr std::string_view kScan =
    "SELECT place, revision, blob FROM item WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT "
    "?3";
constexpr std::string_view kKeys =
    "SELECT place FROM item WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3";
constexpr std::string_view kQuery =
    "SELECT place, row_key FROM entry WHERE place >= ?1 AND place < ?2 ORDER BY place, row_key "
    "LIMIT ?3";
constexpr std::string_view kAllRows =
    "SELECT place, revision, blob, entries FROM item ORDER BY place";

template <class T>
std::int64_t clamp(T value) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
}

// Revisions use all 64 bits; SQLite's integers are signed.
Result<std::uint64_t> revision_at(const Run& run, int column) {
  COFFER_TRY(const auto number, run.number(column));
  return std::bit_cast<std::uint64_t>(number);
}

Result<Key> key_at(const Run& run, int column) {
  COFFER_TRY(const auto place, run.bytes(column));
  Reader in(place);
  COFFER_TRY(const auto table, in.u16());
  COFFER_TRY(const auto realm, in.u32());
  return Key{TableId(table), RealmId(realm), to_bytes(place.subspan(kRowHead))};
}

// By a statement that gives revision and blob first.
Result<std::optional<Stored>> stored_at(Run& run) {
  COFFER_TRY(const bool row, run.step());
  if (!row) return std::optional<Stored>();
  COFFER_TRY(const auto revision, revision_at(run, 0));
  COFFER_TRY(const auto blob, run.bytes(1));
  return Stored{revision, to_bytes(blob)};
}

Result<StoredRow> row_at(const Run& run) {
  StoredRow row;
  COFFER_TRY(row.key, key_at(run, 0));
  COFFER_TRY(row.revision, revision_at(run, 1));
  COFFER_TRY(const auto blob, run.bytes(2));
  row.blob = to_bytes(blob);
  return row;
}

Result<Store::IndexHit> hit_at(const Run& run) {
  COFFER_TRY(const auto place, run.bytes(0));
  if (place.size() < kEntryHead) return fail(Code::corrupt, "an index entry has no head");
  COFFER_TRY(const auto row_key, run.bytes(1));
  return Store::IndexHit{to_bytes(place.subspan(kEntryHead)), to_bytes(row_key)};
}

Result<LogRecord> record_at(const Run& run) {
  COFFER_TRY(const auto sequence, run.number(0));
  COFFER_TRY(const auto record, run.bytes(1));
  return LogRecord{static_cast<std::uint64_t>(sequence), to_bytes(record)};
}

template <class T, class RowOf>
Result<std::vector<T>> collect(Run& run, RowOf row_of) {
  std::vector<T> out;
  while (true) {
    COFFER_TRY(const bool row, run.step());
    if (!row) return out;
    COFFER_TRY(T item, row_of(run));
    out.push_back(std::move(item));
  }
}

PlaceRange row_range(TableId table, RealmId realm, ByteView prefix, ByteView after) {
  return place_range(row_place(table, realm, prefix), row_place(table, realm, after), kRowHead);
}

}  // namespace

RowReader::RowReader(Connection connection,
                     Statements statements,
                     std::shared_ptr<PlaceHints> hints)
    : connection_(std::move(connection)),
      hints_(std::move(hints)),
      get_(std::move(statements.get)),
      get_at_(std::move(statements.get_at)),
      scan_(std::move(statements.scan)),
      keys_(std::move(statements.keys)),
      query_(std::move(statements.query)),
      begin_(std::move(statements.begin)),
      end_(std::move(statements.end)) {}

Result<RowReader> RowReader::open(const ConnectionOptions& options,
                                  std::shared_ptr<PlaceHints> hints) {
  COFFER_TRY(Connection connection, Connection::open(options));
  COFFER_CHECK(connection.execute("PRAGMA query_only=ON"));
  COFFER_TRY(Statement get, connection.prepare(kGet));
  COFFER_TRY(Statement get_at, connection.prepare(kGetAt));
  COFFER_TRY(Statement scan, connection.prepare(kScan));
  COFFER_TRY(Statement keys, connection.prepare(kKeys));
  COFFER_TRY(Statement query, connection.prepare(kQuery));
  COFFER_TRY(Statement begin, connection.prepare("BEGIN"));
  COFFER_TRY(Statement end, connection.prepare("COMMIT"));
  return RowReader(std::move(connection),
                   {std::move(get),
                    std::move(get_at),
                    std::move(scan),
                    std::move(keys),
                    std::move(query),
                    std::move(begin),
                    std::move(end)},
                   std::move(hints));
}

Result<> RowReader::freshen(std::uint64_t commits) {
  const bool settled = commits % 2 == 0;
  if (in_snapshot_ && settled && snapshot_of_ == commits) return {};
  end_snapshot();
  // Deferred: the snapshot is taken by the first read, so after `commits` was read.
  COFFER_CHECK(Run(begin_).finish());
  in_snapshot_ = true;
  snapshot_of_ = commits;
  return {};
}

Result<> RowReader::take_snapshot() {
  COFFER_TRY([[maybe_unused]] const auto objects,
             connection_.number("SELECT count(*) FROM sqlite_schema"));
  return {};
}

void RowReader::end_snapshot() {
  if (!in_snapshot_) return;
  // A read transaction has nothing to lose: whatever this answers, it is over.
  (void)Run(end_).finish();
  in_snapshot_ = false;
}

Result<std::optional<Stored>> RowReader::get(const Key& key) {
  COFFER_CHECK(check_key(key.key));
  const Bytes place = row_place(key.table, key.realm, key.key);
  if (const auto hint = hints_ ? hints_->find(place) : std::nullopt) {
    Run run(get_at_);
    run.bind(place).bind(*hint);
    COFFER_TRY(auto stored, stored_at(run));
    if (stored) return stored;
  }
  Run run(get_);
  run.bind(place);
  COFFER_TRY(auto stored, stored_at(run));
  if (stored && hints_) {
    COFFER_TRY(const auto id, run.number(2));
    hints_->learn(place, id);
  }
  return stored;
}

Result<std::vector<StoredRow>> RowReader::scan(
    TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit) {
  const PlaceRange range = row_range(table, realm, prefix, after);
  Run run(scan_);
  run.bind(range.low).bind(range.high).bind(clamp(limit));
  return collect<StoredRow>(run, row_at);
}

Result<std::vector<Bytes>> RowReader::scan_keys(
    TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit) {
  const PlaceRange range = row_range(table, realm, prefix, after);
  Run run(keys_);
  run.bind(range.low).bind(range.high).bind(clamp(limit));
  return collect<Bytes>(run, [](const Run& at) -> Result<Bytes> {
    COFFER_TRY(Key key, key_at(at, 0));
    return std::move(key.key);
  });
}

Result<std::vector<Store::IndexHit>> RowReader::query(IndexId index,
                                                      TableId table,
                                                      RealmId realm,
                                                      ByteView prefix,
                                                      ByteView after,
                                                      std::size_t limit) {
  const PlaceRange range = place_range(entry_place(index, table, realm, prefix),
                                       entry_place(index, table, realm, after),
                                       kEntryHead);
  Run run(query_);
  run.bind(range.low).bind(range.high).bind(clamp(limit));
  return collect<Store::IndexHit>(run, hit_at);
}

Result<std::vector<LogId>> RowReader::logs() {
  return list_logs(connection_);
}

Result<std::map<LogId, std::uint64_t>> RowReader::log_floors() {
  COFFER_TRY(auto statement, connection_.prepare("SELECT log, floor FROM log_floor"));
  Run run(statement);
  std::map<LogId, std::uint64_t> floors;
  while (true) {
    COFFER_TRY(const bool found, run.step());
    if (!found) return floors;
    COFFER_TRY(const auto log, run.number(0));
    COFFER_TRY(const auto floor, run.number(1));
    floors[LogId(static_cast<std::uint16_t>(log))] = static_cast<std::uint64_t>(floor);
  }
}

Result<RowReader::LogStatements*> RowReader::log_statements(LogId log) {
  if (const auto found = logs_.find(log); found != logs_.end()) return &found->second;
  COFFER_TRY(const auto logs, list_logs(connection_));
  if (!std::ranges::binary_search(logs, log)) return nullptr;
  const std::string columns = "SELECT sequence, record FROM " + log_table(log);
  COFFER_TRY(auto from,
             connection_.prepare(columns + " WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2"));
  COFFER_TRY(auto last, connection_.prepare(columns + " ORDER BY sequence DESC LIMIT 1"));
  return &logs_.emplace(log, LogStatements{std::move(from), std::move(last)}).first->second;
}

Result<std::vector<LogRecord>> RowReader::read_log(LogId log,
                                                   std::uint64_t from,
                                                   std::size_t limit) {
  COFFER_TRY(LogStatements* const statements, log_statements(log));
  if (statements == nullptr) return std::vector<LogRecord>();
  Run run(statements->from);
  run.bind(clamp(from)).bind(clamp(limit));
  return collect<LogRecord>(run, record_at);
}

Result<std::optional<LogRecord>> RowReader::last_record(LogId log) {
  COFFER_TRY(LogStatements* const statements, log_statements(log));
  if (statements == nullptr) return std::optional<LogRecord>();
  Run run(statements->last);
  COFFER_TRY(const bool row, run.step());
  if (!row) return std::optional<LogRecord>();
  return record_at(run);
}

Result<> RowReader::visit_rows(const std::function<Result<>(const Put&)>& visitor) {
  COFFER_TRY(auto statement, connection_.prepare(kAllRows));
  Run run(statement);
  while (true) {
    COFFER_TRY(const bool found, run.step());
    if (!found) return {};
    COFFER_TRY(StoredRow row, row_at(run));
    COFFER_TRY(const auto encoded, run.bytes(3));
    COFFER_TRY(auto entries, decode_entries(encoded));
    COFFER_CHECK(
        visitor(Put{std::move(row.key), row.revision, std::move(row.blob), std::move(entries)}));
  }
}

}  // namespace coffer::store::sqlite
