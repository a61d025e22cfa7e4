// LockedKey: a long-lived 32-octet key in a page of its own that is kept out of swap and core
// dumps.
//
// The page is mapped for this key alone, mlock()ed and MADV_DONTDUMP; it is wiped and unmapped on
// destruction. Where the lock is refused (RLIMIT_MEMLOCK) the key still works and locked() says so:
// the server warns at start. Moves transfer the mapping, never copy the octets. view() may be read
// from several threads as long as the object lives.
#pragma once

#include "base/bytes.h"

#include <cstddef>

namespace coffer::secure {

class LockedKey {
 public:
  static constexpr std::size_t kSize = 32;

  LockedKey();  // all zero
  explicit LockedKey(ByteView from);
  LockedKey(LockedKey&& other) noexcept;
  LockedKey& operator=(LockedKey&& other) noexcept;
  LockedKey(const LockedKey&) = delete;
  LockedKey& operator=(const LockedKey&) = delete;
  ~LockedKey();

  [[nodiscard]] ByteView view() const { return {page_, kSize}; }

  [[nodiscard]] MutableBytes mutable_view() { return {page_, kSize}; }

  [[nodiscard]] bool locked() const { return locked_; }

  [[nodiscard]] LockedKey clone() const { return LockedKey(view()); }

 private:
  void release();

  std::uint8_t* page_ = nullptr;
  bool locked_ = false;
};

}  // namespace coffer::secure
