// floor: store
// A segment of a log as it lies on disk: the head, then frames. What the scan calls whole must
// decode frame by frame up to the end that it names.
#include "store/sqlite/log_segment.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::store::sqlite;
  const coffer::ByteView input(data, size);
  const auto head = decode_head(input);
  if (!head) return 0;
  const auto scan = scan_segment(input, *head);
  if (!scan) return 0;
  std::size_t at = kSegmentHead;
  std::uint64_t last = 0;
  while (at < scan->end) {
    const auto frame = decode_frame_head(input.subspan(at), head->salt);
    if (!frame || frame->sequence <= last) std::abort();
    last = frame->sequence;
    at += frame_size(frame->length);
  }
  if (last != scan->last) std::abort();
  return 0;
}
