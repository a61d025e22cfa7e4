// floor: dialects/vault
// The text of ciphertexts, signatures and MACs, which callers send: what is read names its parts,
// and writing them gives a text that reads the same.
#include "base/bytes.h"
#include "dialects/vault/versioned_text.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const std::string_view input = as_text({data, size});
  const auto parsed = dialects::vault::parse_versioned("ciphertext", input);
  if (!parsed) {
    if (!parsed.error().message.starts_with("invalid ciphertext: ")) std::abort();
    return 0;
  }
  if (parsed->version == 0 || !input.ends_with(parsed->encoded)) std::abort();
  const auto octets = base64_decode(parsed->encoded);
  const auto secret = dialects::vault::decode_secret(parsed->encoded);
  if (octets.has_value() != secret.has_value()) std::abort();
  if (!octets || parsed->version > 0xffffffffU) return 0;
  const auto again =
      dialects::vault::versioned_text(static_cast<std::uint32_t>(parsed->version), *octets);
  const auto reread = dialects::vault::parse_versioned("ciphertext", again.text());
  if (!reread || reread->version != parsed->version || reread->encoded != parsed->encoded) {
    std::abort();
  }
  return 0;
}
