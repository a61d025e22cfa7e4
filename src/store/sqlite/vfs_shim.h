// What a SQLite VFS that stands before another one passes on to it.
//
// The shim's state begins with a ShimState, its files with a ShimFile; the engine allocates
// szOsFile octets for a file: the shim's, and the real one behind it. passing_methods() and
// pass_on() give tables that only pass on; the shim puts its own functions into them.
#pragma once

#include <sqlite3.h>

#include <cstddef>

namespace coffer::store::sqlite {

struct ShimState {
  sqlite3_vfs vfs = {};
  sqlite3_vfs* real = nullptr;
};

struct ShimFile {
  sqlite3_file base;
  sqlite3_file* real;
};

inline sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<ShimFile*>(file)->real;
}

inline ShimState& shim_of(sqlite3_vfs* vfs) {
  return *static_cast<ShimState*>(vfs->pAppData);
}

// A method that only passes its arguments on.
template <auto kMember, class... Args>
auto pass(sqlite3_file* file, Args... args) {
  sqlite3_file* const real = real_of(file);
  return (real->pMethods->*kMember)(real, args...);
}

// The real VFS keeps what it needs in its own struct: it is handed that one.
template <auto kMember, class... Args>
auto pass_vfs(sqlite3_vfs* vfs, Args... args) {
  sqlite3_vfs* const real = shim_of(vfs).real;
  return (real->*kMember)(real, args...);
}

constexpr sqlite3_io_methods passing_methods() {
  using Methods = sqlite3_io_methods;
  return {
      .iVersion = 3,
      .xClose = pass<&Methods::xClose>,
      .xRead = pass<&Methods::xRead, void*, int, sqlite3_int64>,
      .xWrite = pass<&Methods::xWrite, const void*, int, sqlite3_int64>,
      .xTruncate = pass<&Methods::xTruncate, sqlite3_int64>,
      .xSync = pass<&Methods::xSync, int>,
      .xFileSize = pass<&Methods::xFileSize, sqlite3_int64*>,
      .xLock = pass<&Methods::xLock, int>,
      .xUnlock = pass<&Methods::xUnlock, int>,
      .xCheckReservedLock = pass<&Methods::xCheckReservedLock, int*>,
      .xFileControl = pass<&Methods::xFileControl, int, void*>,
      .xSectorSize = pass<&Methods::xSectorSize>,
      .xDeviceCharacteristics = pass<&Methods::xDeviceCharacteristics>,
      .xShmMap = pass<&Methods::xShmMap, int, int, int, volatile void**>,
      .xShmLock = pass<&Methods::xShmLock, int, int, int>,
      .xShmBarrier = pass<&Methods::xShmBarrier>,
      .xShmUnmap = pass<&Methods::xShmUnmap, int>,
      .xFetch = pass<&Methods::xFetch, sqlite3_int64, int, void**>,
      .xUnfetch = pass<&Methods::xUnfetch, sqlite3_int64, void*>,
  };
}

// Opens the real file behind one of the shim's, which has `own` octets.
inline int open_real(sqlite3_vfs* vfs,
                     sqlite3_filename name,
                     ShimFile* file,
                     std::size_t own,
                     int flags,
                     int* out_flags) {
  sqlite3_vfs* const real = shim_of(vfs).real;
  file->real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + own);
  return real->xOpen(real, name, file->real, flags, out_flags);
}

// Fills `state`, the beginning of the shim's own, for files of `own` octets; `name` is borrowed.
inline void pass_on(ShimState& state, sqlite3_vfs* real, const char* name, std::size_t own) {
  state.real = real;
  state.vfs.iVersion = 2;
  state.vfs.szOsFile = static_cast<int>(own) + real->szOsFile;
  state.vfs.mxPathname = real->mxPathname;
  state.vfs.zName = name;
  state.vfs.pAppData = &state;
  state.vfs.xDelete = pass_vfs<&sqlite3_vfs::xDelete, const char*, int>;
  state.vfs.xAccess = pass_vfs<&sqlite3_vfs::xAccess, const char*, int, int*>;
  state.vfs.xFullPathname = pass_vfs<&sqlite3_vfs::xFullPathname, const char*, int, char*>;
  state.vfs.xRandomness = pass_vfs<&sqlite3_vfs::xRandomness, int, char*>;
  state.vfs.xSleep = pass_vfs<&sqlite3_vfs::xSleep, int>;
  state.vfs.xCurrentTime = pass_vfs<&sqlite3_vfs::xCurrentTime, double*>;
  state.vfs.xGetLastError = pass_vfs<&sqlite3_vfs::xGetLastError, int, char*>;
  state.vfs.xCurrentTimeInt64 = pass_vfs<&sqlite3_vfs::xCurrentTimeInt64, sqlite3_int64*>;
}

}  // namespace coffer::store::sqlite
