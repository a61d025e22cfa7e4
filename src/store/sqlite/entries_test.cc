#include "store/sqlite/entries.h"

#include <gtest/gtest.h>

namespace coffer::store::sqlite {
namespace {

IndexEntry at(std::uint16_t index, std::string_view text) {
  return {IndexId(index), to_bytes(text)};
}

TEST(Entries, EncodesInOrderWhateverTheOrderGiven) {
  const std::vector<IndexEntry> sorted = {at(1, "a"), at(1, "b"), at(2, "a")};
  const Bytes expected = {0, 1, 1, 'a', 0, 1, 1, 'b', 0, 2, 1, 'a'};
  EXPECT_EQ(encode_entries({sorted[2], sorted[0], sorted[1]}), expected);
  EXPECT_EQ(decode_entries(expected).value(), sorted);
  EXPECT_TRUE(encode_entries({}).empty());
  EXPECT_TRUE(decode_entries({}).value().empty());
}

TEST(Entries, RefusesEveryOtherSpelling) {
  Bytes too_many;
  for (std::uint8_t i = 0; i <= kMaxRowEntries; ++i) append(too_many, Bytes{0, i, 1, 'a'});
  Bytes too_long = {0, 1, 0x81, 0x08};
  too_long.resize(too_long.size() + kMaxKey + 1, 'k');
  const std::vector<Bytes> rejects = {
      {0},                           // half an index
      {0, 1},                        // no entry
      {0, 1, 0},                     // an empty one
      {0, 1, 2, 'a'},                // cut short
      {0, 1, 0x81, 0, 'a'},          // a size that is longer than need be
      {0, 2, 1, 'a', 0, 1, 1, 'a'},  // descending
      {0, 1, 1, 'a', 0, 1, 1, 'a'},  // twice the same
      {0, 1, 1, 'a', 0},             // something left over
      too_many,
      too_long,
  };
  for (const Bytes& encoded : rejects) {
    const auto decoded = decode_entries(encoded);
    ASSERT_FALSE(decoded) << encoded.size();
    EXPECT_EQ(decoded.error().code, Code::corrupt);
  }
  const Bytes most(too_many.begin(), too_many.end() - 4);
  EXPECT_EQ(decode_entries(most).value().size(), kMaxRowEntries);
}

}  // namespace
}  // namespace coffer::store::sqlite
