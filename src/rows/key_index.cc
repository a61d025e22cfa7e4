#include "rows/key_index.h"

#include <algorithm>
#include <utility>

namespace coffer::rows {
namespace {

constexpr std::size_t kSmallest = 16;

}  // namespace

void KeyIndex::insert(std::uint32_t hash, std::uint32_t number) {
  if ((taken_ + 1) * 4 > places_.size() * 3) grow();
  place({hash, number + 1});
  ++taken_;
}

void KeyIndex::place(Place fresh) {
  std::size_t at = home(fresh.hash);
  while (places_[at].taken()) at = after(at);
  places_[at] = fresh;
}

void KeyIndex::grow() {
  const std::vector<Place> before =
      std::exchange(places_, std::vector<Place>(std::max(kSmallest, places_.size() * 2)));
  for (const Place& old : before) {
    if (old.taken()) place(old);
  }
}

// What follows moves back, so that no search meets a free place before what it looks for.
void KeyIndex::erase(std::uint32_t hash, std::uint32_t number) {
  if (places_.empty()) return;
  std::size_t hole = home(hash);
  while (places_[hole].taken() && places_[hole].number() != number) hole = after(hole);
  if (!places_[hole].taken()) return;
  for (std::size_t at = after(hole); places_[at].taken(); at = after(at)) {
    const std::size_t distance = (at - home(places_[at].hash)) & (places_.size() - 1);
    if (distance < ((at - hole) & (places_.size() - 1))) continue;  // its home lies behind the hole
    places_[hole] = places_[at];
    hole = at;
  }
  places_[hole] = {};
  --taken_;
}

void KeyIndex::clear() {
  places_.clear();
  taken_ = 0;
}

}  // namespace coffer::rows
