// floor: crypto
// Revocation lists from arbitrary octets: what is accepted is within its limits.
#include "crypto/certificate.h"
#include "crypto/crl.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto list = crypto::parse_crl({data, size});
  if (!list) {
    if (list.error().code != Code::invalid_argument) std::abort();
    return 0;
  }
  if (size > crypto::kMaxCrlDer || list->issuer_der.empty()) std::abort();
  if (!std::ranges::is_sorted(list->serials)) std::abort();
  for (const Bytes& serial : list->serials) {
    if (serial.empty() || serial.size() > crypto::kMaxSerialOctets) std::abort();
  }
  return 0;
}
