// floor: crypto
// Bundles of certificates and keys from arbitrary text: what is accepted can be written and read
// again.
#include "crypto/certificate_pem.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto bundle = crypto::read_pem_bundle(as_text({data, size}));
  if (!bundle) {
    const Code code = bundle.error().code;
    if (code != Code::invalid_argument && code != Code::unsupported) std::abort();
    return 0;
  }
  for (const Bytes& der : bundle->certificates) {
    const auto again = crypto::certificate_from_pem(crypto::certificate_pem(der));
    if (again && *again != der) std::abort();
  }
  for (const auto& key : bundle->keys) {
    const auto again = crypto::read_pem_bundle(crypto::legacy_key(key).pem().text());
    if (!again || again->keys.size() != 1) std::abort();
  }
  return 0;
}
