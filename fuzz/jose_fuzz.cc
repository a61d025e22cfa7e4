// floor: formats
#include "formats/jose.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What parses keeps its limits, and nothing verifies without keys. Up to the first line end a
// token, after it a key set, or else claims.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace formats = coffer::formats;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view token = text.substr(0, text.find('\n'));
  const std::string_view rest = token.size() == size ? text : text.substr(token.size() + 1);
  const auto jws = formats::parse_jws(token);
  const auto keys = formats::parse_jwk_set(rest);
  if (keys && keys->size() > formats::kMaxJwks) std::abort();
  if (jws && formats::verify_jws(*jws, {})) std::abort();
  if (jws && keys) (void)formats::verify_jws(*jws, *keys);
  const auto claims = formats::parse_jwt_claims(jws ? std::string_view(jws->payload) : rest);
  if (claims && (claims->issuer.empty() || claims->audience.empty())) std::abort();
  return 0;
}
