#include "store/sqlite/sqlite_store.h"

#include "store/sqlite/file_lock.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/writer.h"
#include "store/write_gate.h"

#include <optional>
#include <utility>

namespace coffer::store {
namespace {

using sqlite::Checkpointer;
using sqlite::Connection;
using sqlite::ConnectionOptions;
using sqlite::FileLock;
using sqlite::ReaderPool;
using sqlite::RowReader;
using sqlite::RowWriter;

class SqliteBatch final : public Batch {
 public:
  SqliteBatch(WriteGate::Pass pass,
              RowWriter& writer,
              ReaderPool& readers,
              Checkpointer& checkpointer)
      : pass_(std::move(pass)), writer_(writer), readers_(readers), checkpointer_(checkpointer) {}

  ~SqliteBatch() override {
    if (pass_) writer_.rollback();
  }

  Result<Applied> apply(const Unit& unit) override {
    COFFER_CHECK(check_open());
    return writer_.apply(unit);
  }

  Result<> append(LogId log, std::uint64_t sequence, ByteView record) override {
    COFFER_CHECK(check_open());
    return writer_.append(log, sequence, record);
  }

  Result<> commit() override {
    COFFER_CHECK(check_open());
    readers_.begin_commit();
    const Result<> committed = writer_.commit();
    if (!committed) writer_.rollback();
    readers_.end_commit();
    checkpointer_.note(writer_.wal_frames());
    pass_.reset();
    return committed;
  }

 private:
  [[nodiscard]] Result<> check_open() const {
    if (!pass_) return fail(Code::precondition_failed, "the batch has ended");
    return {};
  }

  std::optional<WriteGate::Pass> pass_;  // nullopt: the batch has ended
  RowWriter& writer_;
  ReaderPool& readers_;
  Checkpointer& checkpointer_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(FileLock lock,
              std::unique_ptr<RowWriter> writer,
              Connection checkpoint_connection,
              ConnectionOptions reading,
              const SqliteOptions& options)
      : lock_(std::move(lock)),
        reading_(reading),
        writer_(std::move(writer)),
        readers_(std::move(reading), options.max_readers),
        checkpointer_(std::move(checkpoint_connection), gate_, readers_, options.checkpoint) {}

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
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->read_log(log, from, limit);
  }

  Result<std::optional<LogRecord>> last_record(LogId log) const override {
    COFFER_TRY(const auto reader, readers_.lease());
    return reader->last_record(log);
  }

  Result<> drop_log(LogId log, std::uint64_t below) override {
    COFFER_TRY(const auto pass, gate_.enter());
    COFFER_CHECK(writer_->begin());
    Result<> dropped = writer_->drop_log(log, below);
    readers_.begin_commit();
    if (dropped) dropped = writer_->commit();
    if (!dropped) writer_->rollback();
    readers_.end_commit();
    checkpointer_.note(writer_->wal_frames());
    return dropped;
  }

  Result<std::unique_ptr<Batch>> begin() override {
    COFFER_TRY(auto pass, gate_.enter());
    COFFER_CHECK(writer_->begin());
    return std::make_unique<SqliteBatch>(std::move(pass), *writer_, readers_, checkpointer_);
  }

  Result<> visit(const Visitor& visitor) const override {
    COFFER_TRY(auto reader, RowReader::open(reading_));
    COFFER_CHECK(reader.freshen(0));
    return reader.visit(visitor);
  }

 private:
  FileLock lock_;  // first: let go when every connection is closed
  const ConnectionOptions reading_;
  WriteGate gate_;
  std::unique_ptr<RowWriter> writer_;
  mutable ReaderPool readers_;
  Checkpointer checkpointer_;  // last: its thread stops first
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
  COFFER_TRY(auto writer, RowWriter::open(writing));
  COFFER_TRY(auto checkpoint_connection, Connection::open(checkpointing));
  return std::make_unique<SqliteStore>(std::move(lock),
                                       std::move(writer),
                                       std::move(checkpoint_connection),
                                       std::move(reading),
                                       options);
}

}  // namespace coffer::store
