// DiskReserve: room on the store's disk that is kept for the day on which it is full.
//
// A file of fixed size, really allocated, lies beside the store. When the store finds no room it
// gives the file up; what is free then is for whoever cleans up (gate/gate.h says who may), until
// the disk has room for the reserve twice and take() allocates it again. Twice, so that the room
// that was just given up is not taken for room.
//
// Limits: what shares the file system may take what was given up; a file system that compresses or
// copies on write may not keep its word. Size 0: there is no reserve and never a shortage.
// Thread-safe; give_up() and short_of_room() do not wait for take().
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace coffer::store {

class DiskReserve {
 public:
  // The file is `path`, mode 0600. Nothing is done before take().
  DiskReserve(std::string path, std::uint64_t octets) : path_(std::move(path)), octets_(octets) {}

  // Allocates what is missing of the file, where there is room for that and the whole once more.
  // Errors: unavailable, for another reason than a lack of room; then there is no reserve either.
  Result<> take();

  // Frees the room at once. Whether it was there.
  bool give_up();

  // Since give_up(), or a take() without success, until the next one.
  [[nodiscard]] bool short_of_room() const { return octets_ > 0 && !held_; }

 private:
  Result<bool> allocate();

  const std::string path_;
  const std::uint64_t octets_;
  std::mutex taking_;
  std::atomic<bool> held_ = false;
};

}  // namespace coffer::store
