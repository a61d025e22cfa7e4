#include "domain/kms/ciphertext_blob.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

CiphertextBlob sample() {
  return {Bytes(16, 0xab), 7, Bytes(28, 0x11)};
}

// The octets of format 1, for good.
constexpr std::string_view kGolden =
    "01abababababababababababababababab0000000701"
    "11111111111111111111111111111111111111111111111111111111";

TEST(CiphertextBlob, IsWrittenAsItAlwaysWas) {
  EXPECT_EQ(hex_encode(write_blob(sample())), kGolden);
  const auto read = read_blob(*hex_decode(kGolden));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->uid, sample().uid);
  EXPECT_EQ(read->version, 7U);
  EXPECT_EQ(read->sealed, sample().sealed);
}

TEST(CiphertextBlob, RefusesWhateverIsNone) {
  const Bytes good = write_blob(sample());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_blob(ByteView(good).first(size))) << size;
  }
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 2}, {20, 0}, {21, 2}}) {
    Bytes bad = good;
    bad[at] = value;
    EXPECT_FALSE(read_blob(bad)) << at;
  }
  Bytes long_one = good;
  long_one.resize(kMaxCiphertext);
  EXPECT_TRUE(read_blob(long_one));
  long_one.push_back(0);
  EXPECT_FALSE(read_blob(long_one));
}

TEST(CiphertextBlob, BindsItsHeadAndTheContextInOneSpelling) {
  const CiphertextBlob blob = sample();
  EXPECT_EQ(hex_encode(blob_associated_data(blob, {{"b", "2"}, {"a", "1"}})),
            hex_encode(as_bytes("coffer ciphertext v1|")) + std::string(kGolden.substr(0, 44)) +
                "02"
                "0161"
                "0131"
                "0162"
                "0132");
  CiphertextBlob other = blob;
  other.version = 8;
  EXPECT_NE(blob_associated_data(blob, {}), blob_associated_data(other, {}));
  other = blob;
  other.uid[3] ^= 1U;
  EXPECT_NE(blob_associated_data(blob, {}), blob_associated_data(other, {}));
  // Pairs do not run into each other.
  EXPECT_NE(blob_associated_data(blob, {{"a", "bc"}}), blob_associated_data(blob, {{"ab", "c"}}));
  EXPECT_NE(blob_associated_data(blob, {{"a", ""}}), blob_associated_data(blob, {}));
}

}  // namespace
}  // namespace coffer::domain
