// floor: crypto
// Certificates from arbitrary octets: what is accepted reads the same again, and is its own issuer
// only when its names say so.
#include "crypto/certificate.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto read = crypto::parse_certificate({data, size});
  if (!read) {
    const Code code = read.error().code;
    if (code != Code::invalid_argument && code != Code::unsupported) std::abort();
    return 0;
  }
  const auto again = crypto::parse_certificate(read->der);
  if (!again || again->serial != read->serial || again->names != read->names) std::abort();
  if (read->serial.empty() || read->serial.size() > crypto::kMaxSerialOctets) std::abort();
  if (!crypto::check_name(read->subject) || !crypto::check_names(read->names)) std::abort();
  if (crypto::is_issued_by(*read, *read) && read->issuer_der != read->subject_der) std::abort();
  return 0;
}
