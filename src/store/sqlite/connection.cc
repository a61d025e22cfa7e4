#include "store/sqlite/connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace coffer::store::sqlite {
namespace {

constexpr std::string_view kDiskFull = "the disk of the store is full";

// The engine calls some of them I/O errors: the index of its log, a sync, a quota.
bool lacks_room(int code, int system_error) {
  if ((code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  return (code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT);
}

}  // namespace

bool is_disk_full(const Error& error) {
  return error.code == Code::unavailable && error.message == kDiskFull;
}

Error to_error(int code, int system_error) {
  if (lacks_room(code, system_error)) return {Code::unavailable, std::string(kDiskFull)};
  if (code == SQLITE_IOERR_CORRUPTFS) return {Code::corrupt, "the store file is damaged"};
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
      return {Code::corrupt, "the store file is damaged"};
    case SQLITE_IOERR:
      return {Code::unavailable, "the disk of the store reports an error"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {Code::unavailable, "the store file cannot be opened for writing"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {Code::unavailable, "the store file is busy"};
    case SQLITE_NOMEM:
      return {Code::unavailable, "the store is out of memory"};
    default:
      return {Code::internal, "the store engine refused a statement"};
  }
}

void Statement::finalize(sqlite3_stmt* raw) {
  sqlite3_finalize(raw);
}

Run::~Run() {
  sqlite3_reset(statement_);
}

Run& Run::bind(std::int64_t value) {
  status_ |= sqlite3_bind_int64(statement_, ++parameters_, value);
  return *this;
}

Run& Run::bind(ByteView value) {
  ++parameters_;
  // A null pointer would bind NULL, which is not the empty blob.
  status_ |=
      value.empty()
          ? sqlite3_bind_zeroblob(statement_, parameters_, 0)
          : sqlite3_bind_blob64(statement_, parameters_, value.data(), value.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Run::step() {
  if (status_ != SQLITE_OK) return fail(Code::internal, "the store engine refused a parameter");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* const handle = sqlite3_db_handle(statement_);
  return std::unexpected(to_error(sqlite3_extended_errcode(handle), sqlite3_system_errno(handle)));
}

Result<> Run::finish() {
  COFFER_TRY(const bool row, step());
  if (row) return fail(Code::internal, "a store statement answered a row");
  return {};
}

Result<std::int64_t> Run::number(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER) {
    return fail(Code::corrupt, "a stored column is not a number");
  }
  return sqlite3_column_int64(statement_, column);
}

Result<ByteView> Run::bytes(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_BLOB) {
    return fail(Code::corrupt, "a stored column is not a blob");
  }
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  if (data == nullptr && sqlite3_errcode(sqlite3_db_handle(statement_)) == SQLITE_NOMEM) {
    return std::unexpected(to_error(SQLITE_NOMEM));
  }
  return ByteView(data, data == nullptr ? 0 : size);
}

bool Run::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Connection::close(sqlite3* raw) {
  sqlite3_close_v2(raw);
}

Result<Connection> Connection::open(const ConnectionOptions& options) {
  sqlite3* raw = nullptr;
  // Never SQLITE_OPEN_CREATE: the store makes its file itself, with its own mode.
  const int code = sqlite3_open_v2(options.path.c_str(),
                                   &raw,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  Connection connection(raw);  // also a failed open leaves a handle to close
  if (code != SQLITE_OK) return std::unexpected(to_error(code));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, static_cast<int>(options.busy_timeout_ms));
  // The file is untrusted: its schema must not run code or be edited through this handle.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Commits and checkpoints reach the disk before they are acknowledged.
  COFFER_CHECK(connection.execute("PRAGMA synchronous=FULL"));
  COFFER_CHECK(connection.execute("PRAGMA cell_size_check=ON"));
  COFFER_CHECK(connection.execute("PRAGMA temp_store=MEMORY"));
  COFFER_CHECK(connection.execute("PRAGMA cache_size=-" + std::to_string(options.cache_kib)));
  COFFER_CHECK(connection.execute("PRAGMA mmap_size=" + std::to_string(options.mmap_octets)));
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(raw_.get(),
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &raw,
                                      nullptr);
  if (code != SQLITE_OK) return std::unexpected(to_error(code));
  return Statement(raw);
}

Result<> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(to_error(code));
  return {};
}

Result<std::int64_t> Connection::number(std::string_view sql) {
  COFFER_TRY(auto statement, prepare(sql));
  Run run(statement);
  COFFER_TRY(const bool row, run.step());
  if (!row) return fail(Code::internal, "a store statement answered no row");
  return run.number(0);
}

}  // namespace coffer::store::sqlite
