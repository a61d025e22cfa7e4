// PlaceHints: under which id of the item table a row was last seen, by its place. Spares the search
// of the index by places, which for a large store costs as much as reading the row.
//
// A hint may be old, or another row's: whoever follows it asks for the id and the place together,
// and asks the index when there is no such row. So it decides nothing, and what was done to the
// file meanwhile is seen. Kept in memory alone, learnt from what was read and inserted; 2^21 of
// them, 16 MiB of which only what is used is touched, and older ones make room. Thread-safe without
// locks.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace coffer::store::sqlite {

class PlaceHints {
 public:
  static constexpr std::size_t kCapacity = std::size_t{1} << 21U;

  PlaceHints();

  [[nodiscard]] std::optional<std::int64_t> find(ByteView place) const;
  // Ids that do not fit (beyond 2^40, or negative) are not kept.
  void learn(ByteView place, std::int64_t id);

 private:
  static constexpr std::size_t kWays = 8;  // of a set: one cache line
  static constexpr std::size_t kSets = kCapacity / kWays;

  struct Free {
    void operator()(std::uint64_t* slots) const;
  };

  // A slot is a part of the place's hash (24 bits) before the id (40 bits); 0: empty.
  std::unique_ptr<std::uint64_t[], Free> slots_;
};

}  // namespace coffer::store::sqlite
