// KeyIndex: which numbers of a list have a key with a given hash.
//
// Open addressing in one array, eight octets a place: whether a key is absent is told by one cache
// line, where a table of nodes would follow two or three pointers into memory that nobody touched
// lately. The keys stay with their owner, who says of each number with the right hash whether it is
// the one. A number is in it at most once. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace coffer::rows {

class KeyIndex {
 public:
  // The number with this hash that `is_it(number)` holds for.
  template <class IsIt>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, IsIt is_it) const {
    if (places_.empty()) return std::nullopt;
    for (std::size_t at = home(hash); places_[at].taken(); at = after(at)) {
      if (places_[at].hash == hash && is_it(places_[at].number())) return places_[at].number();
    }
    return std::nullopt;
  }

  // `number` is below 2^32 - 1 and not in it yet.
  void insert(std::uint32_t hash, std::uint32_t number);
  // Nothing when it is not there.
  void erase(std::uint32_t hash, std::uint32_t number);
  void clear();

 private:
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t number_plus_one = 0;  // 0: free

    [[nodiscard]] bool taken() const { return number_plus_one != 0; }

    [[nodiscard]] std::uint32_t number() const { return number_plus_one - 1; }
  };

  [[nodiscard]] std::size_t home(std::uint32_t hash) const { return hash & (places_.size() - 1); }

  [[nodiscard]] std::size_t after(std::size_t at) const { return (at + 1) & (places_.size() - 1); }

  void grow();
  void place(Place fresh);

  std::vector<Place> places_;  // a power of two, or none; at most three quarters are taken
  std::size_t taken_ = 0;
};

}  // namespace coffer::rows
