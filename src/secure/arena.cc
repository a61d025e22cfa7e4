#include "secure/arena.h"

#include "secure/bytes.h"

#include <algorithm>
#include <new>

namespace coffer::secure {
namespace {

constexpr std::size_t round_up(std::size_t value, std::size_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::byte* allocate_block(std::size_t size) {
  return static_cast<std::byte*>(::operator new(size));
}

}  // namespace

WipingArena::WipingArena(std::size_t first_block) {
  blocks_.push_back({allocate_block(first_block), first_block, 0});
}

WipingArena::~WipingArena() {
  for (const Block& block : blocks_) {
    wipe(block.data, block.used);
    ::operator delete(block.data);
  }
}

void WipingArena::reset() {
  while (blocks_.size() > 1) {
    wipe(blocks_.back().data, blocks_.back().used);
    ::operator delete(blocks_.back().data);
    blocks_.pop_back();
  }
  wipe(blocks_.front().data, blocks_.front().used);
  blocks_.front().used = 0;
}

void* WipingArena::do_allocate(std::size_t bytes, std::size_t alignment) {
  Block* last = &blocks_.back();
  std::size_t at = round_up(last->used, alignment);
  if (at + bytes > last->size) {
    const std::size_t size = std::max(round_up(bytes, 4096), last->size * 2);
    blocks_.push_back({allocate_block(size), size, 0});
    last = &blocks_.back();
    at = 0;
  }
  last->used = at + bytes;
  return last->data + at;
}

void WipingArena::do_deallocate(void* /*p*/, std::size_t /*bytes*/, std::size_t /*alignment*/) {}

bool WipingArena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace coffer::secure
