#include "store/sqlite/gathering_vfs.h"

#include "base/bytes.h"
#include "store/sqlite/vfs_shim.h"

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace coffer::store::sqlite {

struct GatheringVfs::State {
  ShimState shim;  // first
};

namespace {

// The default VFS takes less than 128 KiB a call.
constexpr std::size_t kMostOctets = 120U << 10U;

// What was written and has not gone out.
struct Gathered {
  Bytes octets;
  sqlite3_int64 offset = 0;

  [[nodiscard]] sqlite3_int64 end() const {
    return offset + static_cast<sqlite3_int64>(octets.size());
  }
};

struct File {
  ShimFile shim;       // first
  Gathered* gathered;  // owned; null: no write-ahead log
};

Gathered* gathered_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->gathered;
}

int send(sqlite3_file* file) {
  Gathered& gathered = *gathered_of(file);
  if (gathered.octets.empty()) return SQLITE_OK;
  const int code = pass<&sqlite3_io_methods::xWrite, const void*>(
      file, gathered.octets.data(), static_cast<int>(gathered.octets.size()), gathered.offset);
  gathered.octets.clear();
  return code;
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Gathered& gathered = *gathered_of(file);
  const ByteView octets(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  if (offset != gathered.end() || gathered.octets.size() + octets.size() > kMostOctets) {
    if (const int code = send(file); code != SQLITE_OK) return code;
    gathered.offset = offset;
  }
  append(gathered.octets, octets);
  return SQLITE_OK;
}

// A method of the file behind, once all has gone there.
template <auto kMember, class... Args>
int send_and_pass(sqlite3_file* file, Args... args) {
  const int code = send(file);
  return code != SQLITE_OK ? code : pass<kMember>(file, args...);
}

int close(sqlite3_file* file) {
  const int sent = send(file);
  delete std::exchange(reinterpret_cast<File*>(file)->gathered, nullptr);
  const int closed = pass<&sqlite3_io_methods::xClose>(file);
  return sent != SQLITE_OK ? sent : closed;
}

constexpr sqlite3_io_methods kPassing = passing_methods();

constexpr sqlite3_io_methods kGathering = [] {
  using Methods = sqlite3_io_methods;
  sqlite3_io_methods methods = passing_methods();
  methods.xClose = close;
  methods.xRead = send_and_pass<&Methods::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = write;
  methods.xTruncate = send_and_pass<&Methods::xTruncate, sqlite3_int64>;
  methods.xSync = send_and_pass<&Methods::xSync, int>;
  methods.xFileSize = send_and_pass<&Methods::xFileSize, sqlite3_int64*>;
  return methods;
}();

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* out, int flags, int* out_flags) {
  File* const file = reinterpret_cast<File*>(out);
  out->pMethods = nullptr;  // nothing to close
  file->gathered = nullptr;
  const int code = open_real(vfs, name, &file->shim, sizeof(File), flags, out_flags);
  if (file->shim.real->pMethods == nullptr) return code;
  out->pMethods = &kPassing;
  if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
  file->gathered = new Gathered;
  file->gathered->octets.reserve(kMostOctets);
  out->pMethods = &kGathering;
  return code;
}

}  // namespace

GatheringVfs::GatheringVfs(const std::string& behind)
    : state_(std::make_unique<State>()),
      name_("gathering-" + std::to_string(reinterpret_cast<std::uintptr_t>(state_.get()))) {
  sqlite3_vfs* const real = sqlite3_vfs_find(behind.empty() ? nullptr : behind.c_str());
  if (real == nullptr) throw std::logic_error("there is no such VFS");
  pass_on(state_->shim, real, name_.c_str(), sizeof(File));
  state_->shim.vfs.xOpen = open;
  sqlite3_vfs_register(&state_->shim.vfs, 0);
}

GatheringVfs::~GatheringVfs() {
  sqlite3_vfs_unregister(&state_->shim.vfs);
}

}  // namespace coffer::store::sqlite
