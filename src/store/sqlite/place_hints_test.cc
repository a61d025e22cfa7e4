#include "store/sqlite/place_hints.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::store::sqlite {
namespace {

Bytes place(std::size_t number) {
  return to_bytes("place " + std::to_string(number));
}

TEST(PlaceHints, KnowsWhatItLearntLast) {
  PlaceHints hints;
  EXPECT_FALSE(hints.find(place(1)));
  hints.learn(place(1), 7);
  hints.learn(place(2), 8);
  EXPECT_EQ(hints.find(place(1)), 7);
  hints.learn(place(1), 9);
  EXPECT_EQ(hints.find(place(1)), 9);
  EXPECT_EQ(hints.find(place(2)), 8);
  EXPECT_FALSE(hints.find(place(3)));
}

TEST(PlaceHints, KeepsNoIdThatDoesNotFit) {
  PlaceHints hints;
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40U}) {
    hints.learn(place(1), id);
    EXPECT_FALSE(hints.find(place(1)));
  }
  hints.learn(place(1), (std::int64_t{1} << 40U) - 1);
  EXPECT_EQ(hints.find(place(1)), (std::int64_t{1} << 40U) - 1);
}

TEST(PlaceHints, KnowsMostOfAMillion) {
  constexpr std::size_t kPlaces = 1'000'000;
  PlaceHints hints;
  for (std::size_t i = 1; i <= kPlaces; ++i) hints.learn(place(i), static_cast<std::int64_t>(i));
  std::size_t right = 0;
  for (std::size_t i = 1; i <= kPlaces; ++i) {
    right += hints.find(place(i)) == static_cast<std::int64_t>(i) ? 1U : 0U;
  }
  EXPECT_GT(right, kPlaces * 95 / 100);
}

}  // namespace
}  // namespace coffer::store::sqlite
