#include "store/sqlite/faulty_vfs.h"

#include "store/sqlite/vfs_shim.h"

#include <cstdlib>
#include <utility>

namespace coffer::store::sqlite {

struct FaultyVfs::State {
  ShimState shim;  // first
  std::atomic<std::uint64_t> calls = 0;
  std::atomic<std::uint64_t> fail_at = 0;  // 0: healthy
  std::atomic<bool> lasting = false;
  std::atomic<bool> failed = false;
  std::atomic<int> code = SQLITE_IOERR;

  // Counts a call; SQLITE_OK, or what it fails with.
  int count(int io_error) {
    const std::uint64_t at = fail_at;
    const std::uint64_t call = ++calls;
    if (at == 0 || call < at || (call > at && !lasting)) return SQLITE_OK;
    failed = true;
    return code == SQLITE_FULL ? SQLITE_FULL : io_error;
  }
};

namespace {

using State = FaultyVfs::State;

struct File {
  ShimFile shim;  // first
  State* state;
};

File* file_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (const int code = file_of(file)->state->count(SQLITE_IOERR_WRITE); code != SQLITE_OK) {
    pass<&sqlite3_io_methods::xWrite>(file, data, size / 2, offset);
    return code;
  }
  return pass<&sqlite3_io_methods::xWrite>(file, data, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int code = file_of(file)->state->count(SQLITE_IOERR_TRUNCATE);
  return code != SQLITE_OK ? code : pass<&sqlite3_io_methods::xTruncate>(file, size);
}

int sync(sqlite3_file* file, int flags) {
  const int code = file_of(file)->state->count(SQLITE_IOERR_FSYNC);
  return code != SQLITE_OK ? code : pass<&sqlite3_io_methods::xSync>(file, flags);
}

constexpr sqlite3_io_methods kMethods = [] {
  sqlite3_io_methods methods = passing_methods();
  methods.xWrite = write;
  methods.xTruncate = truncate;
  methods.xSync = sync;
  return methods;
}();

State& state_of(sqlite3_vfs* vfs) {
  return reinterpret_cast<State&>(shim_of(vfs));
}

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* out, int flags, int* out_flags) {
  State& state = state_of(vfs);
  out->pMethods = nullptr;  // nothing to close
  if (const int code = state.count(SQLITE_CANTOPEN); code != SQLITE_OK) return code;
  File* const file = file_of(out);
  file->state = &state;
  const int code = open_real(vfs, name, &file->shim, sizeof(File), flags, out_flags);
  if (file->shim.real->pMethods != nullptr) out->pMethods = &kMethods;
  return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  const int code = state_of(vfs).count(SQLITE_IOERR_DELETE);
  return code != SQLITE_OK
             ? code
             : pass_vfs<&sqlite3_vfs::xDelete, const char*, int>(vfs, name, sync_directory);
}

}  // namespace

FaultyVfs::FaultyVfs(std::string name) : name_(std::move(name)), state_(std::make_unique<State>()) {
  sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  if (real == nullptr) std::abort();  // SQLite was built without an operating system
  ShimState& shim = state_->shim;
  pass_on(shim, real, name_.c_str(), sizeof(File));
  shim.vfs.xOpen = open;
  shim.vfs.xDelete = remove;
  sqlite3_vfs_register(&shim.vfs, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&state_->shim.vfs);
}

void FaultyVfs::fail_at(std::uint64_t n, Fault fault, Lasting lasting) {
  state_->code = fault == Fault::disk_full ? SQLITE_FULL : SQLITE_IOERR;
  state_->lasting = lasting == Lasting::from_then_on;
  state_->failed = false;
  state_->calls = 0;
  state_->fail_at = n;
}

void FaultyVfs::heal() {
  state_->fail_at = 0;
}

std::uint64_t FaultyVfs::calls() const {
  return state_->calls;
}

bool FaultyVfs::has_failed() const {
  return state_->failed;
}

}  // namespace coffer::store::sqlite
