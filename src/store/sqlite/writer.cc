#include "store/sqlite/writer.h"

#include "store/limits.h"
#include "store/sqlite/entries.h"
#include "store/sqlite/place.h"
#include "store/sqlite/schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace coffer::store::sqlite {
namespace {

Result<> run_once(Statement& statement) {
  return Run(statement).finish();
}

bool is_plain(const Unit& unit) {
  return unit.erases.empty() && std::ranges::all_of(unit.puts, [](const Put& put) {
           return (put.index.empty() || put.fresh) && !put.same_index;
         });
}

int note_frames(void* frames, sqlite3*, const char*, int count) {
  *static_cast<std::int64_t*>(frames) = count;
  return SQLITE_OK;
}

}  // namespace

RowWriter::RowWriter(Connection connection,
                     Statements statements,
                     std::shared_ptr<PlaceHints> hints)
    : connection_(std::move(connection)),
      statements_(std::move(statements)),
      hints_(std::move(hints)) {
  // Takes the place of the engine's own hook, which would checkpoint inside commit().
  sqlite3_wal_hook(connection_.raw(), &note_frames, &wal_frames_);
}

Result<std::unique_ptr<RowWriter>> RowWriter::open(const ConnectionOptions& options,
                                                   std::shared_ptr<PlaceHints> hints) {
  COFFER_TRY(Connection connection, Connection::open(options));
  COFFER_TRY(Statements statements, prepare(connection));
  return std::unique_ptr<RowWriter>(
      new RowWriter(std::move(connection), std::move(statements), std::move(hints)));
}

Result<RowWriter::Statements> RowWriter::prepare(Connection& connection) {
  COFFER_TRY(auto begin, connection.prepare("BEGIN IMMEDIATE"));
  COFFER_TRY(auto commit, connection.prepare("COMMIT"));
  COFFER_TRY(auto rollback, connection.prepare("ROLLBACK"));
  COFFER_TRY(auto savepoint, connection.prepare("SAVEPOINT unit"));
  COFFER_TRY(auto release, connection.prepare("RELEASE unit"));
  COFFER_TRY(auto rollback_to, connection.prepare("ROLLBACK TO unit"));
  COFFER_TRY(auto find,
             connection.prepare("SELECT id, revision, entries FROM item WHERE place = ?1"));
  COFFER_TRY(auto insert,
             connection.prepare(
                 "INSERT INTO item(place, revision, entries, blob) VALUES(?1, ?2, ?3, ?4)"));
  COFFER_TRY(
      auto update,
      connection.prepare("UPDATE item SET revision = ?2, entries = ?3, blob = ?4 WHERE id = ?1"));
  COFFER_TRY(auto erase, connection.prepare("DELETE FROM item WHERE id = ?1"));
  COFFER_TRY(auto insert_absent,
             connection.prepare("INSERT INTO item(place, revision, entries, blob) "
                                "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(place) DO NOTHING"));
  COFFER_TRY(auto update_plain,
             connection.prepare("UPDATE item SET revision = ?2, blob = ?4 "
                                "WHERE place = ?1 AND entries = ?3"));
  COFFER_TRY(auto update_plain_at,
             connection.prepare("UPDATE item SET revision = ?2, blob = ?4 "
                                "WHERE id = ?5 AND place = ?1 AND entries = ?3"));
  COFFER_TRY(auto update_blob,
             connection.prepare("UPDATE item SET revision = ?2, blob = ?3 WHERE place = ?1"));
  COFFER_TRY(auto erase_plain,
             connection.prepare("DELETE FROM item WHERE place = ?1 AND entries = ?2"));
  COFFER_TRY(auto add, connection.prepare("INSERT INTO entry(place, row_key) VALUES(?1, ?2)"));
  COFFER_TRY(auto remove,
             connection.prepare("DELETE FROM entry WHERE place = ?1 AND row_key = ?2"));
  COFFER_TRY(
      auto set_floor,
      connection.prepare("INSERT INTO log_floor(log, floor) VALUES(?1, ?2) "
                         "ON CONFLICT(log) DO UPDATE SET floor = max(floor, excluded.floor)"));
  return Statements{std::move(begin),
                    std::move(commit),
                    std::move(rollback),
                    std::move(savepoint),
                    std::move(release),
                    std::move(rollback_to),
                    std::move(find),
                    std::move(insert),
                    std::move(update),
                    std::move(erase),
                    std::move(insert_absent),
                    std::move(update_plain),
                    std::move(update_plain_at),
                    std::move(update_blob),
                    std::move(erase_plain),
                    std::move(add),
                    std::move(remove),
                    std::move(set_floor)};
}

Result<> RowWriter::begin() {
  rollback();  // if an earlier one failed, a transaction is still open
  broken_ = false;
  return run_once(statements_.begin);
}

Result<> RowWriter::check_transaction() {
  if (broken_ || sqlite3_get_autocommit(connection_.raw()) != 0) {
    return fail(Code::unavailable, "the batch was undone after a store error");
  }
  return {};
}

Result<Applied> RowWriter::apply(const Unit& unit) {
  COFFER_CHECK(check_transaction());
  COFFER_CHECK(check_unit(unit));
  for (const Check& check : unit.checks) {
    COFFER_TRY(const auto found, find(row_place(check.key.table, check.key.realm, check.key.key)));
    const auto revision = found ? std::optional(found->revision) : std::nullopt;
    if (revision != check.revision) return Applied::conflict;
  }
  if (unit.puts.empty() && unit.erases.empty()) return Applied::yes;
  COFFER_CHECK(is_plain(unit) ? write_plain(unit) : write_guarded(unit));
  return Applied::yes;
}

// A savepoint copies every page that is changed below it, which costs as much as the change. So
// rows without index entries, and new rows, go without: what fails then ends the batch, unless
// nothing was done yet.
Result<> RowWriter::write_plain(const Unit& unit) {
  const int before = sqlite3_total_changes(connection_.raw());
  Result<> written = write(unit);
  if (!written) broken_ = sqlite3_total_changes(connection_.raw()) != before;
  return written;
}

Result<> RowWriter::write_guarded(const Unit& unit) {
  COFFER_CHECK(run_once(statements_.savepoint));
  Result<> written = write(unit);
  if (written) written = run_once(statements_.release);
  if (!written) broken_ = !run_once(statements_.rollback_to) || !run_once(statements_.release);
  return written;
}

Result<> RowWriter::write(const Unit& unit) {
  for (const Put& item : unit.puts) COFFER_CHECK(put(item));
  for (const Key& key : unit.erases) COFFER_CHECK(erase(key));
  return {};
}

Result<std::optional<RowWriter::Found>> RowWriter::find(ByteView place) {
  Run run(statements_.find);
  run.bind(place);
  COFFER_TRY(const bool row, run.step());
  if (!row) return std::optional<Found>();
  COFFER_TRY(const auto id, run.number(0));
  COFFER_TRY(const auto revision, run.number(1));
  COFFER_TRY(const auto entries, run.bytes(2));
  return Found{id, std::bit_cast<std::uint64_t>(revision), to_bytes(entries)};
}

Result<bool> RowWriter::changed_one(Run& run) {
  COFFER_CHECK(run.finish());
  return sqlite3_changes(connection_.raw()) == 1;
}

// Most rows are new, or have the index entries that they had before, which is none: one statement
// is enough. False: it was another case, and nothing was done.
Result<bool> RowWriter::put_plainly(const Put& put, ByteView place, ByteView entries) {
  const auto revision = std::bit_cast<std::int64_t>(put.revision);
  if (const auto hint = put.fresh ? std::nullopt : hints_->find(place)) {
    Run run(statements_.update_plain_at);
    run.bind(place).bind(revision).bind(entries).bind(put.blob).bind(*hint);
    COFFER_TRY(const bool done, changed_one(run));
    if (done) return true;
  }
  Run run(put.fresh ? statements_.insert_absent : statements_.update_plain);
  run.bind(place).bind(revision).bind(entries).bind(put.blob);
  COFFER_TRY(const bool done, changed_one(run));
  if (done && put.fresh) {
    learn_inserted(place);
    COFFER_CHECK(change_entries(statements_.add_entry, put.key, entries));
  }
  return done;
}

void RowWriter::learn_inserted(ByteView place) {
  hints_->learn(place, sqlite3_last_insert_rowid(connection_.raw()));
}

Result<> RowWriter::put_same_index(const Put& put, ByteView place) {
  Run run(statements_.update_blob);
  run.bind(place).bind(std::bit_cast<std::int64_t>(put.revision)).bind(put.blob);
  COFFER_TRY(const bool done, changed_one(run));
  if (!done) return fail(Code::precondition_failed, "there is no row whose entries could stay");
  return {};
}

Result<> RowWriter::put(const Put& put) {
  const Bytes place = row_place(put.key.table, put.key.realm, put.key.key);
  if (put.same_index) return put_same_index(put, place);
  const Bytes entries = encode_entries(put.index);
  const auto revision = std::bit_cast<std::int64_t>(put.revision);
  COFFER_TRY(const bool done, put_plainly(put, place, entries));
  if (done) return {};
  COFFER_TRY(const auto former, find(place));
  if (former) {
    COFFER_CHECK(decode_entries(former->entries));  // before anything is changed
    Run run(statements_.update);
    run.bind(former->id).bind(revision).bind(entries).bind(put.blob);
    COFFER_CHECK(run.finish());
    return replace_entries(put.key, former->entries, entries);
  }
  Run run(statements_.insert);
  run.bind(place).bind(revision).bind(entries).bind(put.blob);
  COFFER_CHECK(run.finish());
  learn_inserted(place);
  return replace_entries(put.key, {}, entries);
}

Result<> RowWriter::erase(const Key& key) {
  const Bytes place = row_place(key.table, key.realm, key.key);
  {
    const Bytes none = encode_entries({});
    Run run(statements_.erase_plain);
    run.bind(place).bind(none);
    COFFER_TRY(const bool done, changed_one(run));
    if (done) return {};
  }
  COFFER_TRY(const auto former, find(place));
  if (!former) return {};
  Run run(statements_.erase);
  run.bind(former->id);
  COFFER_CHECK(run.finish());
  return replace_entries(key, former->entries, {});
}

Result<> RowWriter::replace_entries(const Key& key, ByteView former, ByteView now) {
  if (std::ranges::equal(former, now)) return {};
  COFFER_CHECK(change_entries(statements_.remove_entry, key, former));
  return change_entries(statements_.add_entry, key, now);
}

Result<> RowWriter::change_entries(Statement& statement, const Key& key, ByteView entries) {
  COFFER_TRY(const auto decoded, decode_entries(entries));
  for (const IndexEntry& entry : decoded) {
    const Bytes place = entry_place(entry.index, key.table, key.realm, entry.key);
    Run run(statement);
    run.bind(place).bind(key.key);
    COFFER_CHECK(run.finish());
  }
  return {};
}

Result<RowWriter::LogStatements*> RowWriter::log_statements(LogId log) {
  if (const auto found = logs_.find(log); found != logs_.end()) return &found->second;
  COFFER_TRY(const auto logs, list_logs(connection_));
  if (!std::ranges::binary_search(logs, log)) {
    made_table_ = true;
    COFFER_CHECK(connection_.execute(create_log_table(log)));
  }
  const std::string table = log_table(log);
  COFFER_TRY(auto insert,
             connection_.prepare("INSERT INTO " + table + "(sequence, record) VALUES(?1, ?2)"));
  COFFER_TRY(
      auto drop,
      connection_.prepare("DELETE FROM " + table + " WHERE sequence IN (SELECT sequence FROM " +
                          table + " WHERE sequence < ?1 ORDER BY sequence LIMIT ?2)"));
  LogStatements statements{std::move(insert), std::move(drop)};
  return &logs_.emplace(log, std::move(statements)).first->second;
}

Result<> RowWriter::append(LogId log, std::uint64_t sequence, ByteView record) {
  COFFER_CHECK(check_transaction());
  COFFER_TRY(LogStatements* const statements, log_statements(log));
  Run run(statements->insert);
  run.bind(static_cast<std::int64_t>(sequence)).bind(record);
  return run.finish();
}

Result<> RowWriter::set_log_floor(LogId log, std::uint64_t floor) {
  COFFER_CHECK(check_transaction());
  Run run(statements_.set_floor);
  run.bind(std::int64_t{log.value()}).bind(static_cast<std::int64_t>(floor));
  return run.finish();
}

Result<bool> RowWriter::drop_some(LogId log, std::uint64_t below) {
  COFFER_TRY(LogStatements* const statements, log_statements(log));
  Run run(statements->drop);
  run.bind(static_cast<std::int64_t>(below)).bind(kDropStep);
  COFFER_CHECK(run.finish());
  return sqlite3_changes(connection_.raw()) == kDropStep;
}

Result<> RowWriter::commit() {
  COFFER_CHECK(check_transaction());
  COFFER_CHECK(run_once(statements_.commit));
  made_table_ = false;
  return {};
}

void RowWriter::rollback() {
  if (made_table_) logs_.clear();  // statements of a table that will not be there
  made_table_ = false;
  if (sqlite3_get_autocommit(connection_.raw()) != 0) return;
  // A rollback that fails leaves the transaction open: begin() tries again, and fails if that
  // does, so nothing can slip into a later commit.
  [[maybe_unused]] const Result<> undone = run_once(statements_.rollback);
}

}  // namespace coffer::store::sqlite
