#include "proof/chain.h"

#include "base/wire.h"

#include <stdexcept>

namespace coffer::proof {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kUsualEvent = 512;  // octets; only a guess for reserve()

}  // namespace

ChainWriter::ChainWriter(Bytes log_id,
                         std::optional<SignedHead> last,
                         const crypto::PrivateKey& key)
    : log_id_(std::move(log_id)), head_(std::move(last)), key_(key) {}

Result<> ChainWriter::check(const std::vector<Event>& events) const {
  if (log_id_.size() != kLogIdSize) return fail(Code::invalid_argument, "log id is not 16 octets");
  if (head_ && head_->head.log_id != log_id_) {
    return fail(Code::invalid_argument, "last head belongs to another log");
  }
  if (events.empty()) return fail(Code::invalid_argument, "batch without events");
  if (events.size() > kMaxBatchEvents) return fail(Code::too_large, "batch of over 4096 events");
  for (const auto& event : events) COFFER_CHECK(check_event(event));
  return {};
}

Result<Bytes> ChainWriter::encode(std::vector<Event>& events, Timestamp now) {
  next_.reset();
  COFFER_CHECK(check(events));
  std::uint64_t sequence = head_ ? head_->head.sequence : 0;
  crypto::Digest link = head_ ? head_->head.link : first_link(log_id_);

  Bytes record;
  record.reserve(events.size() * kUsualEvent);
  Writer writer(record);
  writer.u8(kVersion);
  writer.u64(sequence + 1);
  append(record, head_ ? head_digest(*head_) : link);
  writer.varint(events.size());
  for (auto& event : events) {
    event.sequence = ++sequence;
    scratch_.clear();
    encode_event(event, scratch_);
    link = next_link(link, scratch_);
    writer.bytes(scratch_);
    append(record, link_start(link));
  }
  COFFER_TRY(SignedHead head, sign_head({log_id_, sequence, link, now}, key_));
  encode_head(head, record);
  if (record.size() > kMaxBatch) return fail(Code::too_large, "batch of over 8 MiB");
  next_ = std::move(head);
  return record;
}

void ChainWriter::accept() {
  if (!next_) throw std::logic_error("ChainWriter: accept() without encode()");
  head_ = std::move(next_);
  next_.reset();
}

}  // namespace coffer::proof
