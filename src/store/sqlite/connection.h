// Connection, Statement, Run: the few things of SQLite that the store uses, as owners and Results.
//
// A Connection is one database handle, opened without a mutex of its own: it and everything made
// from it belong to one thread at a time. Statements die before their Connection. A Run is one
// execution of a Statement; its death resets the statement, which ends the read transaction of a
// lone SELECT. Bound views must live until the Run dies.
//
// Errors: corrupt (the engine says so, or a column has the wrong type), unavailable (disk full,
// I/O, busy, out of memory), internal (a bug in the SQL). Messages never hold stored octets.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace coffer::store::sqlite {

// The Result of a primary or extended result code that is not OK, ROW or DONE. `system_error`: the
// errno behind an I/O error; 0: unknown.
[[nodiscard]] Error to_error(int code, int system_error = 0);

// Whether it says that the disk, or what the server may use of it, is full.
[[nodiscard]] bool is_disk_full(const Error& error);

struct ConnectionOptions {
  std::string path;
  std::string vfs;                // empty: the default
  std::int64_t cache_kib = 2048;  // page cache
  std::int64_t mmap_octets = 0;   // 0: no memory map
  std::int64_t busy_timeout_ms = 0;
};

class Statement {
 public:
  explicit Statement(sqlite3_stmt* raw) : raw_(raw, &finalize) {}

  [[nodiscard]] sqlite3_stmt* raw() { return raw_.get(); }

 private:
  static void finalize(sqlite3_stmt* raw);

  std::unique_ptr<sqlite3_stmt, void (*)(sqlite3_stmt*)> raw_;
};

class Run {
 public:
  explicit Run(Statement& statement) : statement_(statement.raw()) {}

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  // Parameters and columns are given in order: the first bind() is ?1.
  Run& bind(std::int64_t value);
  Run& bind(ByteView value);

  Result<bool> step();  // true: a row
  Result<> finish();    // steps to the end; a row is a bug

  // Columns of the current row, from 0. The view lives until the next step().
  [[nodiscard]] Result<std::int64_t> number(int column) const;
  [[nodiscard]] Result<ByteView> bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
  int parameters_ = 0;
  int status_ = 0;  // of the binds
};

class Connection {
 public:
  static Result<Connection> open(const ConnectionOptions& options);

  [[nodiscard]] sqlite3* raw() { return raw_.get(); }

  Result<Statement> prepare(std::string_view sql);
  Result<> execute(const std::string& sql);
  Result<std::int64_t> number(std::string_view sql);  // first column of the only row

 private:
  explicit Connection(sqlite3* raw) : raw_(raw, &close) {}

  static void close(sqlite3* raw);

  std::unique_ptr<sqlite3, void (*)(sqlite3*)> raw_;
};

}  // namespace coffer::store::sqlite
