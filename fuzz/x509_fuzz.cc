// floor: crypto
// Reading facts out of arbitrary text as a certificate.
#include "crypto/x509.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto facts = crypto::read_certificate(as_text({data, size}));
  if (!facts) {
    if (facts.error().code != Code::invalid_argument) std::abort();
    return 0;
  }
  if (size > crypto::kMaxCertificateText || facts->fingerprint_sha256.size() != 32 ||
      facts->serial_hex.empty() || facts->serial_hex.size() > 40 ||
      facts->subject_common_name.contains('\0')) {
    std::abort();
  }
  return 0;
}
