// floor: proof
// What decode_event() accepts encodes to the same octets, may enter the chain, and prints.
#include "proof/event.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const coffer::ByteView input(data, size);
  const auto event = coffer::proof::decode_event(input);
  if (!event) return 0;
  coffer::Bytes again;
  coffer::proof::encode_event(*event, again);
  if (coffer::as_text(again) != coffer::as_text(input)) std::abort();
  const std::string json = coffer::proof::event_json(*event);
  if (json.find('\n') != std::string::npos) std::abort();
  return 0;
}
