// floor: domain/kms
// Tokens about keys (grant tokens, import tokens), which anybody may send. Nothing opens that this
// keyring did not seal: the input is taken as it is, and as what is done to a token that does open.
#include "base/bytes.h"
#include "domain/kms/sealed_token.h"

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace {

using namespace coffer;

struct World {
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::create({0}, *random).value();
  Bytes token =
      domain::seal_key_token(*keyring, store::RealmId(1), "grant", as_bytes("body")).value();

  [[nodiscard]] bool opens(ByteView octets) const {
    return domain::open_key_token(*keyring, store::RealmId(1), "grant", octets).has_value();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const Bytes input(data, data + size);
  if (!world.opens(world.token)) std::abort();
  if (input != world.token && world.opens(input)) std::abort();
  Bytes longer = world.token;
  append(longer, input);
  if (size > 0 && world.opens(longer)) std::abort();
  // The first octet names a place, the second takes it.
  if (size < 2) return 0;
  Bytes changed = world.token;
  changed[data[0] % changed.size()] = data[1];
  if (changed != world.token && world.opens(changed)) std::abort();
  return 0;
}
