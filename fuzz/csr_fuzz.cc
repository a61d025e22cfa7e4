// floor: crypto
// Certificate requests from arbitrary octets: what is accepted can be written again.
#include "crypto/csr.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto csr = crypto::parse_csr({data, size});
  if (!csr) {
    const Code code = csr.error().code;
    if (code != Code::invalid_argument && code != Code::unsupported) std::abort();
    return 0;
  }
  if (!crypto::check_name(csr->subject) || !crypto::check_names(csr->names)) std::abort();
  return 0;
}
