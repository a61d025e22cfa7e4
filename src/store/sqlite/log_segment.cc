#include "store/sqlite/log_segment.h"

#include "base/wire.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <string>
#include <string_view>
#include <xxhash.h>

namespace coffer::store::sqlite {
namespace {

constexpr std::string_view kSegmentMagic = "COFRLOG\x01";  // stored on disk
constexpr std::uint32_t kFrameMagic = 0x43464c31;          // "CFL1"; stored on disk
constexpr std::size_t kHeadChecked = kFrameHead - sizeof(std::uint64_t);

std::uint64_t checksum(ByteView octets, std::uint64_t salt) {
  return XXH3_64bits_withSeed(octets.data(), octets.size(), salt);
}

// The head of the frame that begins at `at`, with a sequence above `last`; nullopt: none does.
std::optional<FrameHead> frame_at(ByteView segment,
                                  std::size_t at,
                                  std::uint64_t salt,
                                  std::uint64_t last) {
  const auto head = decode_frame_head(segment.subspan(at), salt);
  if (!head || head->sequence <= last) return std::nullopt;
  if (segment.size() - at - kFrameHead < head->length) return std::nullopt;
  return head;
}

bool is_whole(ByteView segment, std::size_t at, const FrameHead& frame, std::uint64_t salt) {
  return checksum(segment.subspan(at + kFrameHead, frame.length), salt) == frame.check;
}

}  // namespace

Bytes encode_head(const SegmentHead& head) {
  Bytes out = to_bytes(kSegmentMagic);
  Writer writer(out);
  writer.u16(head.log.value());
  writer.u64(head.first);
  writer.u64(head.salt);
  writer.u64(checksum(out, head.salt));
  out.resize(kSegmentHead);
  return out;
}

Result<SegmentHead> decode_head(ByteView octets) {
  const auto damaged = [] { return fail(Code::corrupt, "the head of a log segment is damaged"); };
  if (octets.size() < kSegmentHead || !as_text(octets).starts_with(kSegmentMagic)) return damaged();
  Reader reader(octets.subspan(kSegmentMagic.size(), kSegmentHead - kSegmentMagic.size()));
  SegmentHead head;
  COFFER_TRY(const auto log, reader.u16());
  head.log = LogId(log);
  COFFER_TRY(head.first, reader.u64());
  COFFER_TRY(head.salt, reader.u64());
  if (!std::ranges::equal(encode_head(head), octets.first(kSegmentHead))) return damaged();
  return head;
}

void encode_frame(Bytes& out, std::uint64_t salt, std::uint64_t sequence, ByteView record) {
  out.clear();
  out.reserve(frame_size(record.size()));
  Writer writer(out);
  writer.u32(kFrameMagic);
  writer.u32(static_cast<std::uint32_t>(record.size()));
  writer.u64(sequence);
  writer.u64(checksum(record, salt));
  writer.u64(checksum(out, salt));
  append(out, record);
  out.resize(frame_size(record.size()));
}

std::optional<FrameHead> decode_frame_head(ByteView octets, std::uint64_t salt) {
  if (octets.size() < kFrameHead) return std::nullopt;
  Reader reader(octets.first(kFrameHead));
  // There are as many octets as are read.
  const std::uint32_t magic = reader.u32().value();
  if (magic != kFrameMagic) return std::nullopt;
  FrameHead head;
  head.length = reader.u32().value();
  head.sequence = reader.u64().value();
  head.check = reader.u64().value();
  if (reader.u64().value() != checksum(octets.first(kHeadChecked), salt)) return std::nullopt;
  if (head.length > kMaxRecord) return std::nullopt;
  return head;
}

Result<SegmentScan> scan_segment(ByteView segment, const SegmentHead& head) {
  SegmentScan scan;
  std::uint64_t last = head.first == 0 ? 0 : head.first - 1;
  std::size_t at = kSegmentHead;
  while (at < segment.size()) {
    const auto frame = frame_at(segment, at, head.salt, last);
    if (!frame) break;
    const bool whole = is_whole(segment, at, *frame, head.salt);
    last = frame->sequence;
    at = std::min(at + frame_size(frame->length), segment.size());
    if (whole) scan = {at, last};
  }
  for (at += kFrameAlign; at < segment.size(); at += kFrameAlign) {
    const auto frame = frame_at(segment, at, head.salt, last);
    if (frame && is_whole(segment, at, *frame, head.salt)) {
      return fail(Code::corrupt,
                  "a log segment is damaged before record " + std::to_string(frame->sequence));
    }
  }
  return scan;
}

}  // namespace coffer::store::sqlite
