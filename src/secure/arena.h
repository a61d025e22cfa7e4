// WipingArena: the memory of one request. A std::pmr::memory_resource that hands out memory by
// moving a pointer, returns it all at once, and wipes all that it handed out when reset or
// destroyed.
//
// Deallocation of single objects does nothing. reset() keeps the first block for the next request.
// Not thread-safe: an arena belongs to one request at a time.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

namespace coffer::secure {

class WipingArena final : public std::pmr::memory_resource {
 public:
  explicit WipingArena(std::size_t first_block = 4096);
  WipingArena(const WipingArena&) = delete;
  WipingArena& operator=(const WipingArena&) = delete;
  ~WipingArena() override;

  void reset();

 private:
  struct Block {
    std::byte* data;
    std::size_t size;
    std::size_t used;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  std::vector<Block> blocks_;
};

}  // namespace coffer::secure
