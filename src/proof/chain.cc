#include "proof/chain.h"

#include "base/wire.h"

#include <stdexcept>

namespace coffer::proof {
namespace {

constexpr std::uint8_t kVersion = 1;
// Octets of a record beside its events: a head, and a length and a link for each event.
constexpr std::size_t kHeadRoom = 512;
constexpr std::size_t kEventRoom = 16;

}  // namespace

ChainWriter::ChainWriter(Bytes log_id,
                         std::optional<SignedHead> last,
                         const crypto::PrivateKey& key)
    : log_id_(std::move(log_id)), head_(std::move(last)), key_(key) {}

Result<> ChainWriter::check(std::span<const EncodedEvent> events) const {
  if (log_id_.size() != kLogIdSize) return fail(Code::invalid_argument, "log id is not 16 octets");
  if (head_ && head_->head.log_id != log_id_) {
    return fail(Code::invalid_argument, "last head belongs to another log");
  }
  if (events.empty()) return fail(Code::invalid_argument, "batch without events");
  if (events.size() > kMaxBatchEvents) return fail(Code::too_large, "batch of over 4096 events");
  return {};
}

Result<Bytes> ChainWriter::encode(std::span<EncodedEvent> events,
                                  Timestamp now,
                                  const std::optional<crypto::Digest>& rows) {
  next_.reset();
  COFFER_CHECK(check(events));
  std::uint64_t sequence = head_ ? head_->head.sequence : 0;
  crypto::Digest link = head_ ? head_->head.link : first_link(log_id_);

  Bytes record;
  std::size_t octets = kHeadRoom;
  for (const EncodedEvent& event : events) octets += event.octets().size() + kEventRoom;
  record.reserve(octets);
  Writer writer(record);
  writer.u8(kVersion);
  writer.u64(sequence + 1);
  append(record, head_ ? head_digest(*head_) : link);
  writer.varint(events.size());
  for (auto& event : events) {
    event.set_sequence(++sequence);
    link = next_link(link, event.octets());
    writer.bytes(event.octets());
    append(record, link_start(link));
  }
  COFFER_TRY(SignedHead head, sign_head({log_id_, sequence, link, now, rows}, key_));
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
