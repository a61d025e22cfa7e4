// floor: apps/server
// The server's configuration: what is accepted is within its bounds; what is refused says where and
// repeats nothing that is long.
#include "apps/server/config.h"
#include "base/bytes.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto config = server::parse_config(as_text({data, size}));
  if (!config) {
    if (config.error().message.empty()) std::abort();
    return 0;
  }
  if (config->storage_path.empty() || config->threads == 0) std::abort();
  if (config->tls_certificate.empty() != config->tls_key.empty()) std::abort();
  // Plain HTTP stays on the machine unless that is asked for by name.
  const bool plain = config->tls_certificate.empty();
  if (plain && !config->allow_plain_remote && !server::is_loopback(config->listen)) std::abort();
  return 0;
}
