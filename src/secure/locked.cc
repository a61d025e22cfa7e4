#include "secure/locked.h"

#include "secure/bytes.h"

#include <algorithm>
#include <new>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace coffer::secure {
namespace {

std::size_t page_size() {
  return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

LockedKey::LockedKey() {
  void* page =
      mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  page_ = static_cast<std::uint8_t*>(page);
  locked_ = mlock(page, page_size()) == 0;
  (void)madvise(page, page_size(), MADV_DONTDUMP);
}

LockedKey::LockedKey(ByteView from) : LockedKey() {
  std::copy_n(from.begin(), std::min(from.size(), kSize), page_);
}

LockedKey::LockedKey(LockedKey&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)), locked_(other.locked_) {}

LockedKey& LockedKey::operator=(LockedKey&& other) noexcept {
  if (this == &other) return *this;
  release();
  page_ = std::exchange(other.page_, nullptr);
  locked_ = other.locked_;
  return *this;
}

LockedKey::~LockedKey() {
  release();
}

void LockedKey::release() {
  if (page_ == nullptr) return;
  wipe(page_, kSize);
  (void)munmap(page_, page_size());
  page_ = nullptr;
}

}  // namespace coffer::secure
