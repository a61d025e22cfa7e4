// floor: domain/auth
// The text of a session token, which anybody may send. Nothing opens that this keyring did not
// seal: the input is taken as it is, and as what is done to a token that does open.
#include "base/bytes.h"
#include "domain/auth/aws_session.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace coffer;

struct World {
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::create({0}, *random).value();
  std::string token;

  World() {
    domain::AwsSession session;
    session.principal = "role";
    token = std::string(
        domain::issue_aws_session(*keyring, store::RealmId(1), *random, std::move(session))
            .value()
            .token.text());
  }

  [[nodiscard]] bool opens(std::string_view text) const {
    return domain::open_aws_session(*keyring, store::RealmId(1), text).has_value();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view input = as_text({data, size});
  if (!world.opens(world.token)) std::abort();
  if (input != world.token && world.opens(input)) std::abort();
  if (!input.empty() && world.opens(world.token + std::string(input))) std::abort();
  // The first octet names a place, the second takes it.
  if (size < 2) return 0;
  std::string changed = world.token;
  changed[data[0] % changed.size()] = static_cast<char>(data[1]);
  if (changed != world.token && world.opens(changed)) std::abort();
  return 0;
}
