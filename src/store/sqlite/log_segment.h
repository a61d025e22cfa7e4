// The format of log segments: files beside the store file that hold records of one log, in frames
// (docs/formats/store-sqlite.md, "Log segments").
//
// The checks of a frame tell a torn write from a whole one and no more: whoever owns the disk can
// make them. They are keyed with the segment's salt so that nobody who merely chooses a record's
// octets can. Pure functions over octets. Errors: corrupt.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace coffer::store::sqlite {

inline constexpr std::size_t kSegmentHead = 64;  // octets before the first frame
inline constexpr std::size_t kFrameHead = 32;    // octets of a frame before its record
inline constexpr std::size_t kFrameAlign = 64;   // frames begin at multiples of it

struct SegmentHead {
  LogId log;
  std::uint64_t first = 0;  // no record in it has a lower sequence
  std::uint64_t salt = 0;   // random
};

struct FrameHead {
  std::size_t length = 0;  // of the record
  std::uint64_t sequence = 0;
  std::uint64_t check = 0;  // of the record
};

// Octets that a record takes with its head and what fills up to the next frame.
[[nodiscard]] constexpr std::size_t frame_size(std::size_t length) {
  return (kFrameHead + length + kFrameAlign - 1) / kFrameAlign * kFrameAlign;
}

[[nodiscard]] Bytes encode_head(const SegmentHead& head);  // kSegmentHead octets
Result<SegmentHead> decode_head(ByteView octets);

// Makes `out` the frame of a record: frame_size() octets.
void encode_frame(Bytes& out, std::uint64_t salt, std::uint64_t sequence, ByteView record);
// nullopt: no frame begins here.
[[nodiscard]] std::optional<FrameHead> decode_frame_head(ByteView octets, std::uint64_t salt);

struct SegmentScan {
  std::size_t end = kSegmentHead;  // behind the last whole frame
  std::uint64_t last = 0;          // its sequence; 0: there is none
};

// The frames of a segment that was written to when the process ended. What lies behind the last
// whole frame was not acknowledged. A record that was changed before it is still one: what reads
// the log judges it. A frame there whose head is broken hides the rest: corrupt.
Result<SegmentScan> scan_segment(ByteView segment, const SegmentHead& head);

}  // namespace coffer::store::sqlite
