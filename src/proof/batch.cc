#include "proof/batch.h"

#include <algorithm>

namespace coffer::proof {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

LinkStart link_start(const crypto::Digest& link) {
  LinkStart start{};
  std::copy_n(link.begin(), start.size(), start.begin());
  return start;
}

Result<BatchReader> BatchReader::open(ByteView record) {
  if (record.size() > kMaxBatch) return fail(Code::corrupt, "batch: record is too long");
  BatchReader batch(record);
  Reader& in = batch.in_;
  COFFER_TRY(const std::uint8_t version, in.u8());
  if (version != kVersion) return fail(Code::corrupt, "batch: unknown version");
  COFFER_TRY(batch.first_, in.u64());
  if (batch.first_ == 0 || batch.first_ > UINT64_MAX - kMaxBatchEvents) {
    return fail(Code::corrupt, "batch: impossible sequence");
  }
  COFFER_TRY(const ByteView previous, in.take(batch.previous_.size()));
  std::copy(previous.begin(), previous.end(), batch.previous_.begin());
  COFFER_TRY(batch.events_left_, in.count());
  if (batch.events_left_ == 0 || batch.events_left_ > kMaxBatchEvents) {
    return fail(Code::corrupt, "batch: impossible number of events");
  }
  return batch;
}

Result<BatchReader::Item> BatchReader::next() {
  if (events_left_ == 0) return fail(Code::corrupt, "batch: no event is left");
  Item item;
  COFFER_TRY(item.encoded, in_.bytes());
  COFFER_TRY(const ByteView link, in_.take(item.link.size()));
  std::copy(link.begin(), link.end(), item.link.begin());
  --events_left_;
  return item;
}

Result<SignedHead> BatchReader::head() {
  if (events_left_ != 0) return fail(Code::corrupt, "batch: events stand before the head");
  COFFER_TRY(SignedHead head, decode_head(in_));
  COFFER_CHECK(in_.finish());
  return head;
}

Result<std::vector<Event>> decode_batch(ByteView record) {
  COFFER_TRY(BatchReader batch, BatchReader::open(record));
  std::vector<Event> events;
  events.reserve(batch.events_left());
  while (batch.events_left() > 0) {
    COFFER_TRY(const auto item, batch.next());
    COFFER_TRY(Event event, decode_event(item.encoded));
    events.push_back(std::move(event));
  }
  COFFER_TRY(const SignedHead head, batch.head());
  return events;
}

Result<SignedHead> batch_head(ByteView record) {
  COFFER_TRY(BatchReader batch, BatchReader::open(record));
  while (batch.events_left() > 0) COFFER_CHECK(batch.next());
  return batch.head();
}

}  // namespace coffer::proof
