// floor: formats
// A query that anybody may send. It never fits a key that did not sign it, and the same query with
// a signature of ours does.

#include "formats/sigv4.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::formats;
  static const std::string hash(64, 'a');
  const std::string query(coffer::as_text({data, size}));
  const std::array headers{SignedHeader{"host", "localhost"}};
  SignedMessage message{.method = "GET", .headers = headers, .body_sha256 = hash};
  const std::string target = "/?" + query;
  message.target = target;
  const auto claim = read_signature(message);
  if (claim && signature_fits(*claim, signing_key("secret", claim->scope))) std::abort();
  if (claims_signature(message) || target.size() > kMaxSignedTarget / 2) return 0;
  const auto made = presign_target(message,
                                   {"AKID", "secret", "token"},
                                   {.region = "us-east-1", .service = "sts", .now = {0}},
                                   std::chrono::seconds(60));
  if (!made) return 0;  // a broken escape
  message.target = made->text();
  const auto own = read_signature(message);
  if (!own) return 0;  // it has a part of a signature of its own
  if (!signature_fits(*own, signing_key("secret", own->scope))) std::abort();
  return 0;
}
