// The embedded store: a SQLite file with a write-ahead log and synchronous=FULL, and segment files
// for the log records that come without rows (docs/formats/store-sqlite.md). Commits are durable
// when they return.
//
// The files (<path>, -wal, -shm, -log…, .lock) are made with mode 0600; a file open
// to others is refused (precondition_failed), a second process gets unavailable ("in use"), a later
// format unsupported, somebody else's database precondition_failed, a damaged one corrupt. The
// directory must exist; its permissions are the caller's concern.
//
// A reserve of the disk is given up when the engine finds no room.
//
// Disk: the write-ahead log is kept near `restart_frames` pages of 4 KiB (64 MiB), except while a
// visit() or another long read runs. Memory: at most `writer_cache_kib` and, a reader,
// `reader_cache_kib`, beside the memory map, 16 MiB of hints (place_hints.h), and 120 KiB of what
// is on its way to the log (gathering_vfs.h).
#pragma once

#include "store/disk_reserve.h"
#include "store/sqlite/checkpointer.h"
#include "store/store.h"

#include <memory>
#include <string>

namespace coffer::store {

struct SqliteOptions {
  std::string path;
  std::string vfs;  // a registered SQLite VFS; empty: the default. Tests inject faults with it.
  std::int64_t writer_cache_kib = 64 * 1024;
  std::int64_t reader_cache_kib = 4 * 1024;
  // 0 on purpose: SQLite unmaps the file each time a reader meets a new commit, and mapping it and
  // faulting its pages in again costs more than reading them (bench/store_bench.cc). A map pays
  // only where nothing is written.
  std::int64_t reader_mmap_octets = 0;
  std::size_t max_readers = 8;
  bool survey_places = false;  // place_survey.h; for a store that stays open
  std::int64_t busy_timeout_ms = 5000;
  sqlite::CheckpointOptions checkpoint = {};
  std::shared_ptr<DiskReserve> reserve = {};  // may be null
};

Result<std::unique_ptr<Store>> open_sqlite_store(SqliteOptions options);

}  // namespace coffer::store
