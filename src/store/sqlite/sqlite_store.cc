#include "store/sqlite/sqlite_store.h"

#include "store/limits.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/gathering_vfs.h"
#include "store/sqlite/logs.h"
#include "store/sqlite/place_survey.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/writer.h"
#include "store/write_gate.h"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>
#include <utility>

namespace coffer::store {
namespace {

using sqlite::Checkpointer;
using sqlite::Connection;
using sqlite::ConnectionOptions;
using sqlite::FileLock;
using sqlite::GatheringVfs;
using sqlite::Logs;
using sqlite::ReaderPool;
using sqlite::RowReader;
using sqlite::RowWriter;

using ReservePtr = std::shared_ptr<DiskReserve>;

// The result, after the reserve was given up if it says that there is no room.
template <class T>
Result<T> with_reserve(const ReservePtr& reserve, Result<T> result) {
  if (reserve && !result && sqlite::is_disk_full(result.error())) reserve->give_up();
  return result;
}

// What batches change; of the holder of the write gate.
struct Writing {
  RowWriter& writer;
  Logs& logs;
  ReaderPool& readers;
  Checkpointer& checkpointer;
  // A commit of the database failed and its frames may lie in the write-ahead log all the same,
  // whole, for a recovery to find. The next frames are written over them; what is committed beside
  // the database meanwhile would not, so nothing is.
  bool database_in_doubt = false;

  // `tips`: what the transaction appended.
  Result<> commit_database(const Logs::Tips& tips) {
    readers.begin_commit();
    Result<> committed = logs.settle();
    if (committed) {
      committed = writer.commit();
      database_in_doubt = !committed;
    }
    if (!committed) writer.rollback();
    if (committed) publish(tips);
    readers.end_commit();
    checkpointer.note(writer.wal_frames());
    return committed;
  }

  void publish(const Logs::Tips& tips) {
    for (const auto& [log, sequence] : tips) logs.publish(log, sequence);
  }
};

// A record that comes alone is kept here until commit(), and goes to its log's segments; with the
// first other thing the batch becomes a transaction of the database.
class SqliteBatch final : public Batch {
 public:
  SqliteBatch(WriteGate::Pass pass, Writing& writing, ReservePtr reserve)
      : pass_(std::move(pass)),
        writing_(writing),
        writer_(writing.writer),
        logs_(writing.logs),
        reserve_(std::move(reserve)) {}

  ~SqliteBatch() override {
    if (pass_ && in_database_) writer_.rollback();
  }

  Result<Applied> apply(const Unit& unit) override {
    COFFER_CHECK(check_open());
    COFFER_CHECK(enter_database());
    return with_reserve(reserve_, writer_.apply(unit));
  }

  Result<> append(LogId log, std::uint64_t sequence, ByteView record) override {
    COFFER_CHECK(check_open());
    COFFER_CHECK(check_record(record));
    const auto appended = tips_.find(log);
    COFFER_CHECK(
        check_follows(sequence, appended == tips_.end() ? logs_.last(log) : appended->second));
    if (!in_database_ && !lone_ && !writing_.database_in_doubt) {
      lone_ = Lone{log, {sequence, to_bytes(record)}};
    } else {
      COFFER_CHECK(enter_database());
      COFFER_CHECK(with_reserve(reserve_, writer_.append(log, sequence, record)));
    }
    tips_[log] = sequence;
    return {};
  }

  Result<> commit() override {
    COFFER_CHECK(check_open());
    const Result<> committed = in_database_ ? writing_.commit_database(tips_) : commit_lone();
    pass_.reset();
    return with_reserve(reserve_, committed);
  }

 private:
  struct Lone {
    LogId log;
    LogRecord record;
  };

  [[nodiscard]] Result<> check_open() const {
    if (!pass_) return fail(Code::precondition_failed, "the batch has ended");
    return {};
  }

  Result<> enter_database() {
    if (in_database_) return {};
    COFFER_CHECK(with_reserve(reserve_, writer_.begin()));
    in_database_ = true;
    if (!lone_) return {};
    const Lone lone = *std::exchange(lone_, std::nullopt);
    return with_reserve(reserve_,
                        writer_.append(lone.log, lone.record.sequence, lone.record.record));
  }

  Result<> commit_lone() {
    if (!lone_) return {};
    COFFER_CHECK(logs_.append(lone_->log, lone_->record.sequence, lone_->record.record));
    writing_.publish(tips_);
    return {};
  }

  std::optional<WriteGate::Pass> pass_;  // nullopt: the batch has ended
  Writing& writing_;
  RowWriter& writer_;
  Logs& logs_;
  const ReservePtr reserve_;
  bool in_database_ = false;
  std::optional<Lone> lone_;
  Logs::Tips tips_;  // of the logs appended to
};

class SqliteStore final : public Store {
 public:
  SqliteStore(FileLock lock,
              std::unique_ptr<GatheringVfs> gathering,
              std::unique_ptr<RowWriter> writer,
              std::unique_ptr<Logs> logs,
              Connection checkpoint_connection,
              std::unique_ptr<sqlite::PlaceSurvey> survey,
              ConnectionOptions reading,
              std::shared_ptr<sqlite::PlaceHints> hints,
              const SqliteOptions& options)
      : lock_(std::move(lock)),
        gathering_(std::move(gathering)),
        reading_(reading),
        writer_(std::move(writer)),
        logs_(std::move(logs)),
        reserve_(options.reserve),
        readers_(std::move(reading), std::move(hints), options.max_readers),
        checkpointer_(std::move(checkpoint_connection), gate_, readers_, options.checkpoint),
        survey_(std::move(survey)) {}

  Result<std::optional<Stored>> get(const Key& key) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->get(key);
  }

  Result<std::vector<StoredRow>> scan(TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->scan(table, realm, prefix, after, limit);
  }

  Result<std::vector<Bytes>> scan_keys(TableId table,
                                       RealmId realm,
                                       ByteView prefix,
                                       ByteView after,
                                       std::size_t limit) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->scan_keys(table, realm, prefix, after, limit);
  }

  Result<std::vector<IndexHit>> query(IndexId index,
                                      TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->query(index, table, realm, prefix, after, limit);
  }

  Result<std::vector<LogRecord>> read_log(LogId log,
                                          std::uint64_t from,
                                          std::size_t limit) const override {
    const std::uint64_t tip = logs_->last(log);
    COFFER_TRY(const auto reader, readers_.lease());
    return logs_->read(*reader, log, tip, from, limit);
  }

  Result<std::optional<LogRecord>> last_record(LogId log) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return logs_->read_last(*reader, log);
  }

  Result<> drop_log(LogId log, std::uint64_t below) override {
    // The floor hides the records at once; they go by and by, so that commits hardly wait.
    bool more = false;
    {
      const std::unique_lock lock(visiting_);
      COFFER_TRY(more, drop_step(log, below, true));
    }
    while (more) {
      COFFER_TRY(more, drop_step(log, below, false));
    }
    return {};
  }

  Result<std::unique_ptr<Batch>> begin() override {
    COFFER_TRY(auto pass, gate_.enter());
    return std::make_unique<SqliteBatch>(std::move(pass), writing_, reserve_);
  }

  Result<> visit(const Visitor& visitor) const override {
    const std::shared_lock lock(visiting_);
    COFFER_TRY(auto reader, RowReader::open(reading_));
    COFFER_TRY(const Logs::Tips tips, freeze(reader));
    for (const auto& [log, tip] : tips) COFFER_CHECK(visit_log(reader, log, tip, visitor));
    return reader.visit_rows(visitor.row);
  }

 private:
  Result<bool> drop_step(LogId log, std::uint64_t below, bool first) {
    COFFER_TRY(const auto pass, gate_.enter());
    COFFER_CHECK(check_drop(below, logs_->last(log)));
    COFFER_CHECK(writer_->begin());
    Result<> dropped = first ? writer_->set_log_floor(log, below) : Result<>();
    Result<bool> more = false;
    if (dropped) more = writer_->drop_some(log, below);
    if (dropped && !more) dropped = std::unexpected(more.error());
    if (dropped) {
      dropped = writing_.commit_database({});
    } else {
      writer_->rollback();
    }
    if (dropped && first) dropped = logs_->drop(log, below);
    COFFER_CHECK(with_reserve(reserve_, dropped));
    return more;
  }

  // Gives the reader a snapshot, and the ends of the logs that belong to it.
  Result<Logs::Tips> freeze(RowReader& reader) const {
    constexpr int kTries = 10'000;
    for (int i = 0; i < kTries; ++i) {
      const std::uint64_t before = readers_.commits();
      Logs::Tips tips = logs_->tips();
      COFFER_CHECK(reader.freshen(before));
      COFFER_CHECK(reader.take_snapshot());
      if (before % 2 == 0 && readers_.commits() == before) return tips;
      reader.end_snapshot();
      std::this_thread::yield();
    }
    return fail(Code::unavailable, "the store is too busy for a consistent copy");
  }

  Result<> visit_log(RowReader& reader,
                     LogId log,
                     std::uint64_t tip,
                     const Visitor& visitor) const {
    constexpr std::size_t kPage = 64;
    for (std::uint64_t from = 0; from <= tip;) {
      COFFER_TRY(const auto records, logs_->read(reader, log, tip, from, kPage));
      if (records.empty()) return {};
      for (const LogRecord& record : records) COFFER_CHECK(visitor.record(log, record));
      from = records.back().sequence + 1;
    }
    return {};
  }

  FileLock lock_;                            // first: let go when every connection is closed
  std::unique_ptr<GatheringVfs> gathering_;  // of the writer
  const ConnectionOptions reading_;
  mutable std::shared_mutex visiting_;  // what is visited is not dropped meanwhile
  WriteGate gate_;
  std::unique_ptr<RowWriter> writer_;
  std::unique_ptr<Logs> logs_;
  const ReservePtr reserve_;
  mutable ReaderPool readers_;
  // Last: their threads stop first.
  Checkpointer checkpointer_;
  Writing writing_{*writer_, *logs_, readers_, checkpointer_};
  std::unique_ptr<sqlite::PlaceSurvey> survey_;  // may be null
};

// Makes the file ready: the only place that changes its journal mode or schema.
Result<> prepare_file(const ConnectionOptions& options) {
  COFFER_TRY(auto connection, Connection::open(options));
  COFFER_CHECK(connection.execute("PRAGMA journal_mode=WAL"));
  return prepare_schema(connection);
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(SqliteOptions options) {
  COFFER_TRY(FileLock lock, FileLock::take(options.path));
  COFFER_CHECK(sqlite::ensure_private_file(options.path));
  const ConnectionOptions writing{.path = options.path,
                                  .vfs = options.vfs,
                                  .cache_kib = options.writer_cache_kib,
                                  .mmap_octets = 0,
                                  .busy_timeout_ms = options.busy_timeout_ms};
  ConnectionOptions reading = writing;
  reading.cache_kib = options.reader_cache_kib;
  reading.mmap_octets = options.reader_mmap_octets;
  ConnectionOptions checkpointing = writing;
  checkpointing.cache_kib = 256;
  // A busy restart gives up soon: it holds the gate while it waits for readers.
  checkpointing.busy_timeout_ms = 20;
  COFFER_CHECK(prepare_file(writing));
  auto gathering = std::make_unique<GatheringVfs>(options.vfs);
  ConnectionOptions gathered = writing;
  gathered.vfs = gathering->name();
  const auto hints = std::make_shared<sqlite::PlaceHints>();
  COFFER_TRY(auto writer, RowWriter::open(gathered, hints));
  COFFER_TRY(auto database, RowReader::open(reading));
  COFFER_TRY(auto logs, Logs::open(options.vfs, options.path, database));
  COFFER_TRY(auto checkpoint_connection, Connection::open(checkpointing));
  std::unique_ptr<sqlite::PlaceSurvey> survey;
  if (options.survey_places) {
    COFFER_TRY(auto connection, Connection::open(checkpointing));
    survey = std::make_unique<sqlite::PlaceSurvey>(std::move(connection), hints);
  }
  return std::make_unique<SqliteStore>(std::move(lock),
                                       std::move(gathering),
                                       std::move(writer),
                                       std::move(logs),
                                       std::move(checkpoint_connection),
                                       std::move(survey),
                                       std::move(reading),
                                       hints,
                                       options);
}

}  // namespace coffer::store
