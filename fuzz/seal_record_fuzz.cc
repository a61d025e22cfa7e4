// floor: keys
// The seal record, which is read before anything is authenticated: what decodes is usable numbers,
// and shares can be checked against it.
#include "keys/seal.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  static const auto random = crypto::seeded_random(1);
  const ByteView input(data, size);
  const auto record = keys::decode_seal(input);
  if (!record) return 0;
  if (!keys::check_numbers({record->shares, record->threshold})) std::abort();
  if (record->share_digests.size() != record->shares) std::abort();
  const FakeClock clock;
  keys::ShareCollector collector(clock, *random);
  if (collector.add(*record, input) && collector.failures() != 0) std::abort();
  return 0;
}
