#include "store/sqlite/faulty_vfs.h"

#include <sqlite3.h>

#include <cstdlib>
#include <utility>

namespace coffer::store::sqlite {

struct FaultyVfs::State {
  sqlite3_vfs vfs = {};
  sqlite3_vfs* real = nullptr;
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

// The engine allocates szOsFile octets: this, and the real file behind it.
struct File {
  sqlite3_file base;
  State* state;
  sqlite3_file* real;
};

File* file_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}

const sqlite3_io_methods* methods_of(sqlite3_file* file) {
  return file_of(file)->real->pMethods;
}

// A method that only passes its arguments on.
template <auto kMember, class... Args>
auto pass(sqlite3_file* file, Args... args) {
  return (methods_of(file)->*kMember)(file_of(file)->real, args...);
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

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 3,
    .xClose = pass<&sqlite3_io_methods::xClose>,
    .xRead = pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = pass<&sqlite3_io_methods::xLock, int>,
    .xUnlock = pass<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = pass<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = pass<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = pass<&sqlite3_io_methods::xShmMap, int, int, int, volatile void**>,
    .xShmLock = pass<&sqlite3_io_methods::xShmLock, int, int, int>,
    .xShmBarrier = pass<&sqlite3_io_methods::xShmBarrier>,
    .xShmUnmap = pass<&sqlite3_io_methods::xShmUnmap, int>,
    .xFetch = pass<&sqlite3_io_methods::xFetch, sqlite3_int64, int, void**>,
    .xUnfetch = pass<&sqlite3_io_methods::xUnfetch, sqlite3_int64, void*>,
};

State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* out, int flags, int* out_flags) {
  State& state = state_of(vfs);
  out->pMethods = nullptr;  // nothing to close
  if (const int code = state.count(SQLITE_CANTOPEN); code != SQLITE_OK) return code;
  File* const file = file_of(out);
  file->state = &state;
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  const int code = state.real->xOpen(state.real, name, file->real, flags, out_flags);
  if (file->real->pMethods != nullptr) out->pMethods = &kMethods;
  return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  State& state = state_of(vfs);
  const int code = state.count(SQLITE_IOERR_DELETE);
  return code != SQLITE_OK ? code : state.real->xDelete(state.real, name, sync_directory);
}

// The real VFS keeps what it needs in its own struct: hand it that one.
template <auto kMember, class... Args>
auto pass_vfs(sqlite3_vfs* vfs, Args... args) {
  sqlite3_vfs* const real = state_of(vfs).real;
  return (real->*kMember)(real, args...);
}

}  // namespace

FaultyVfs::FaultyVfs(std::string name) : name_(std::move(name)), state_(std::make_unique<State>()) {
  State& state = *state_;
  state.real = sqlite3_vfs_find(nullptr);
  if (state.real == nullptr) std::abort();  // SQLite was built without an operating system
  state.vfs.iVersion = 2;
  state.vfs.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
  state.vfs.mxPathname = state.real->mxPathname;
  state.vfs.zName = name_.c_str();
  state.vfs.pAppData = &state;
  state.vfs.xOpen = open;
  state.vfs.xDelete = remove;
  state.vfs.xAccess = pass_vfs<&sqlite3_vfs::xAccess, const char*, int, int*>;
  state.vfs.xFullPathname = pass_vfs<&sqlite3_vfs::xFullPathname, const char*, int, char*>;
  state.vfs.xRandomness = pass_vfs<&sqlite3_vfs::xRandomness, int, char*>;
  state.vfs.xSleep = pass_vfs<&sqlite3_vfs::xSleep, int>;
  state.vfs.xCurrentTime = pass_vfs<&sqlite3_vfs::xCurrentTime, double*>;
  state.vfs.xGetLastError = pass_vfs<&sqlite3_vfs::xGetLastError, int, char*>;
  state.vfs.xCurrentTimeInt64 = pass_vfs<&sqlite3_vfs::xCurrentTimeInt64, sqlite3_int64*>;
  sqlite3_vfs_register(&state.vfs, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
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

bool FaultyVfs::has_failed() const {
  return state_->failed;
}

}  // namespace coffer::store::sqlite
