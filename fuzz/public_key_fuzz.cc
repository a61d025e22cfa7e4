// floor: crypto
// Public keys from arbitrary octets: what is accepted has one stable serialised form, and verifying
// a signature that nobody made with it is false.
#include "crypto/signature.h"

#include <array>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto key = crypto::PublicKey::from_der({data, size});
  if (!key) {
    const Code code = key.error().code;
    if (code != Code::invalid_argument && code != Code::unsupported) std::abort();
    return 0;
  }
  const Bytes der = key->der();
  const auto again = crypto::PublicKey::from_der(der);
  if (!again || again->der() != der || again->kind() != key->kind()) std::abort();
  const auto from_pem = crypto::PublicKey::from_pem(key->pem());
  if (!from_pem || from_pem->der() != der) std::abort();
  const Bytes signature(64, 0xff);
  if (key->verify(as_bytes("message"), signature)) std::abort();
  return 0;
}
