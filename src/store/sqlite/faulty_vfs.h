// FaultyVfs: a SQLite VFS whose disk fails on demand. For tests of every floor that has a store.
//
// It passes everything on to the default VFS, counts the calls that change or name files (open,
// write, sync, truncate, delete) and makes the n-th of them fail: once, or it and all that follow.
// Name it in SqliteOptions::vfs. A failed write may have written a part: half of the octets go
// through, as a torn write would.
//
// Registered while the object lives; stores that use it die first. Thread-safe: the checkpoint
// thread counts too, so the n-th call is not always the same one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace coffer::store::sqlite {

enum class Fault : std::uint8_t { io_error, disk_full };
enum class Lasting : std::uint8_t { once, from_then_on };

class FaultyVfs {
 public:
  explicit FaultyVfs(std::string name);
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  // The n-th call from now, counted from 1, fails.
  void fail_at(std::uint64_t n, Fault fault, Lasting lasting);
  void heal();

  // How many calls there were since fail_at() or the beginning.
  [[nodiscard]] std::uint64_t calls() const;

  // Whether a call has failed since fail_at().
  [[nodiscard]] bool has_failed() const;

  [[nodiscard]] const std::string& name() const { return name_; }

  struct State;

 private:
  const std::string name_;
  const std::unique_ptr<State> state_;
};

}  // namespace coffer::store::sqlite
