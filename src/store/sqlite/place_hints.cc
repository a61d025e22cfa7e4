#include "store/sqlite/place_hints.h"

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <string_view>

namespace coffer::store::sqlite {
namespace {

constexpr unsigned kIdBits = 40;
constexpr std::uint64_t kIdMask = (std::uint64_t{1} << kIdBits) - 1;

struct Hash {
  explicit Hash(ByteView place) : all(std::hash<std::string_view>{}(as_text(place))) {}

  // Never 0, so that no slot in use looks empty.
  [[nodiscard]] std::uint64_t tag() const { return (all >> kIdBits | 1U) << kIdBits; }

  std::uint64_t all;
};

// Slots are read and written whole; nothing else hangs on them, so no order is needed.
std::uint64_t load(std::uint64_t& slot) {
  return std::atomic_ref(slot).load(std::memory_order_relaxed);
}

void store(std::uint64_t& slot, std::uint64_t value) {
  std::atomic_ref(slot).store(value, std::memory_order_relaxed);
}

}  // namespace

// Zeroed pages of the system, which take memory when they are first written to.
PlaceHints::PlaceHints()
    : slots_(static_cast<std::uint64_t*>(std::calloc(kSets * kWays, sizeof(std::uint64_t)))) {
  if (!slots_) throw std::bad_alloc();
}

void PlaceHints::Free::operator()(std::uint64_t* slots) const {
  std::free(slots);
}

std::optional<std::int64_t> PlaceHints::find(ByteView place) const {
  const Hash hash(place);
  std::uint64_t* const set = &slots_[hash.all % kSets * kWays];
  for (std::size_t way = 0; way < kWays; ++way) {
    const std::uint64_t slot = load(set[way]);
    if ((slot & ~kIdMask) == hash.tag()) return static_cast<std::int64_t>(slot & kIdMask);
  }
  return std::nullopt;
}

void PlaceHints::learn(ByteView place, std::int64_t id) {
  if (id <= 0 || static_cast<std::uint64_t>(id) > kIdMask) return;
  const Hash hash(place);
  std::uint64_t* const set = &slots_[hash.all % kSets * kWays];
  // The id chooses who makes room where nobody has left any.
  std::size_t chosen = static_cast<std::uint64_t>(id) % kWays;
  for (std::size_t way = 0; way < kWays; ++way) {
    const std::uint64_t slot = load(set[way]);
    if (slot != 0 && (slot & ~kIdMask) != hash.tag()) continue;
    chosen = way;
    break;
  }
  store(set[chosen], hash.tag() | static_cast<std::uint64_t>(id));
}

}  // namespace coffer::store::sqlite
