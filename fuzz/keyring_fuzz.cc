// floor: keys
// The plaintext of a keyring record: what decodes says the same after another round.
#include "keys/keyring.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using coffer::keys::Keyring;
  static const auto random = coffer::crypto::seeded_random(1);
  const auto keyring = Keyring::decode({data, size}, *random);
  if (!keyring) return 0;
  // The audit key may be spelt in several ways; ours is written from then on.
  const auto encoded = (*keyring)->encode();
  const auto again = Keyring::decode(encoded.view(), *random);
  if (!again || !((*again)->encode() == encoded)) std::abort();
  if ((*again)->active_term() != (*keyring)->terms().size()) std::abort();
  if (!(*again)->table_aead(1, coffer::store::TableId(10))) std::abort();
  return 0;
}
