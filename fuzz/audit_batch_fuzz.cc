// floor: proof
// A batch record is read by one walk: what the parts say agrees with the shortcuts, and the parts
// written again are the record.
#include "proof/batch.h"

#include <cstdlib>

using coffer::proof::BatchReader;

namespace {

coffer::Bytes written_again(BatchReader batch) {
  coffer::Bytes out;
  coffer::Writer writer(out);
  writer.u8(1);
  writer.u64(batch.first());
  coffer::append(out, batch.previous());
  writer.varint(batch.events_left());
  while (batch.events_left() > 0) {
    const auto item = batch.next().value();
    writer.bytes(item.encoded);
    coffer::append(out, item.link);
  }
  coffer::proof::encode_head(batch.head().value(), out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const coffer::ByteView input(data, size);
  const bool events_read = coffer::proof::decode_batch(input).has_value();
  const bool well_formed = coffer::proof::batch_head(input).has_value();
  if (events_read && !well_formed) std::abort();
  if (!well_formed) return 0;
  const coffer::Bytes again = written_again(BatchReader::open(input).value());
  if (coffer::as_text(again) != coffer::as_text(input)) std::abort();
  return 0;
}
