// Segments of logs, as octets: what is whole is found, what is torn is not, what is damaged is
// named.
#include "store/sqlite/log_segment.h"

#include <gtest/gtest.h>

#include <string_view>

namespace coffer::store::sqlite {
namespace {

constexpr std::size_t kLength = 1 << 16;  // zeros ahead, as on disk
constexpr SegmentHead kHead{LogId(1), 7, 0x1234};

Bytes segment_of(std::initializer_list<std::string_view> records, const SegmentHead& head = kHead) {
  Bytes out = encode_head(head);
  Bytes frame;
  std::uint64_t sequence = head.first;
  for (const std::string_view record : records) {
    encode_frame(frame, head.salt, sequence, as_bytes(record));
    append(out, frame);
    sequence += 2;  // those between are elsewhere
  }
  out.resize(kLength);
  return out;
}

TEST(LogSegment, HeadComesBack) {
  const SegmentHead head{LogId(513), 1ULL << 63U, 0xfedcba9876543210};
  const SegmentHead back = decode_head(encode_head(head)).value();
  EXPECT_EQ(back.log, head.log);
  EXPECT_EQ(back.first, head.first);
  EXPECT_EQ(back.salt, head.salt);
}

TEST(LogSegment, HeadWithAnyOctetChangedIsRefused) {
  const Bytes good = encode_head(kHead);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1U;
    EXPECT_EQ(decode_head(bad).error().code, Code::corrupt) << i;
  }
  EXPECT_FALSE(decode_head(ByteView(good).first(good.size() - 1)));
}

TEST(LogSegment, ScanFindsTheLastWholeFrame) {
  const Bytes segment = segment_of({"one", std::string(200, 'x'), "three"});
  const SegmentScan scan = scan_segment(segment, kHead).value();
  EXPECT_EQ(scan.last, 11U);
  EXPECT_EQ(scan.end, kSegmentHead + frame_size(3) + frame_size(200) + frame_size(5));
  const SegmentScan empty = scan_segment(segment_of({}), kHead).value();
  EXPECT_EQ(empty.last, 0U);
  EXPECT_EQ(empty.end, kSegmentHead);
}

TEST(LogSegment, FrameTornAnywhereIsNotThere) {
  const Bytes whole = segment_of({"one", std::string(200, 'x')});
  const std::size_t begin = kSegmentHead + frame_size(3);
  for (std::size_t cut = begin; cut < begin + kFrameHead + 200; ++cut) {
    Bytes torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(cut), torn.end(), 0);
    const auto scan = scan_segment(torn, kHead);
    ASSERT_TRUE(scan) << cut;
    EXPECT_EQ(scan->last, 7U) << cut;
    EXPECT_EQ(scan->end, begin) << cut;
  }
}

TEST(LogSegment, BrokenHeadBeforeAWholeFrameIsCorrupt) {
  const Bytes whole = segment_of({"one", "two", "three"});
  for (std::size_t i = kSegmentHead; i < kSegmentHead + kFrameHead; ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 1U;
    const auto scan = scan_segment(damaged, kHead);
    ASSERT_FALSE(scan) << i;
    EXPECT_EQ(scan.error(), (Error{Code::corrupt, "a log segment is damaged before record 9"}));
  }
}

// Whoever reads the log names it by its event; the store has no say.
TEST(LogSegment, ChangedRecordBeforeAWholeFrameStaysARecord) {
  Bytes changed = segment_of({"one", "two", "three"});
  changed[kSegmentHead + kFrameHead] ^= 1U;
  EXPECT_EQ(scan_segment(changed, kHead).value().last, 11U);
  Bytes torn = segment_of({"one", "two", "three"});
  torn[kSegmentHead + frame_size(3) + frame_size(3) + kFrameHead] ^= 1U;
  EXPECT_EQ(scan_segment(torn, kHead).value().last, 9U) << "the last one may be torn";
}

TEST(LogSegment, FrameOfAnotherSaltOrOutOfOrderIsNone) {
  SegmentHead other = kHead;
  other.salt ^= 1U;
  EXPECT_EQ(scan_segment(segment_of({"one"}, other), kHead).value().last, 0U);
  SegmentHead earlier = kHead;
  earlier.first = 3;
  EXPECT_EQ(scan_segment(segment_of({"one"}, earlier), kHead).value().last, 0U);
}

// Who chooses a record's octets does not know the salt, so he can make no frame inside of it.
TEST(LogSegment, RecordThatLooksLikeAFrameIsNone) {
  Bytes inner;
  encode_frame(inner, 0, 100, as_bytes("forged"));
  std::string record(kFrameAlign - kFrameHead, 'x');  // so that it lies where frames begin
  record += as_text(inner);
  Bytes torn = segment_of({"one", record});
  torn[kSegmentHead + frame_size(3)] = 0;
  EXPECT_EQ(scan_segment(torn, kHead).value().last, 7U);
}

TEST(LogSegment, LengthBeyondTheFileOrTheLimitIsNoFrame) {
  Bytes frame;
  encode_frame(frame, kHead.salt, 7, as_bytes("record"));
  EXPECT_TRUE(decode_frame_head(frame, kHead.salt));
  EXPECT_FALSE(decode_frame_head(ByteView(frame).first(kFrameHead - 1), kHead.salt));
  Bytes cut = encode_head(kHead);
  append(cut, ByteView(frame).first(kFrameHead + 3));
  EXPECT_EQ(scan_segment(cut, kHead).value().last, 0U);
  const Bytes large(kMaxRecord + 1);
  encode_frame(frame, kHead.salt, 7, large);
  EXPECT_FALSE(decode_frame_head(frame, kHead.salt));
}

}  // namespace
}  // namespace coffer::store::sqlite
