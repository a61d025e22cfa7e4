// floor: formats
// An Authorization header that anybody may send. What is read without the key fits no other key,
// and a request that is signed here is read back as it was meant.

#include "formats/sigv4.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace coffer::formats;

const std::string kHash(64, 'a');

SignedMessage message(std::span<const SignedHeader> headers) {
  return {.method = "POST", .target = "/", .headers = headers, .body_sha256 = kHash, .tls = true};
}

}  // namespace

// The input: the authorization, and after a line feed the date and after another a header's value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = coffer::as_text({data, size});
  const std::size_t first = std::min(input.find('\n'), input.size());
  const std::size_t second = std::min(input.find('\n', std::min(first + 1, size)), input.size());
  const std::string_view authorization = input.substr(0, first);
  const std::string_view date =
      input.substr(std::min(first + 1, second), second - std::min(first + 1, second));
  const std::string_view value = input.substr(std::min(second + 1, size));
  const std::array headers{SignedHeader{"host", "localhost"},
                           SignedHeader{"x-amz-date", date},
                           SignedHeader{"x-amz-target", value},
                           SignedHeader{"authorization", authorization}};
  const auto claim = read_signature(message(headers));
  if (claim) {
    const auto key = signing_key("secret", claim->scope);
    if (claim->access_key_id.empty() || signature_fits(*claim, key)) std::abort();
  }
  const std::array unsigned_headers{SignedHeader{"host", "localhost"},
                                    SignedHeader{"x-amz-target", value}};
  const auto added = sign_headers(message(unsigned_headers),
                                  {"AKID", "secret", {}},
                                  {.region = "us-east-1", .service = "kms", .now = {0}});
  if (!added) std::abort();
  const std::array whole{unsigned_headers[0],
                         unsigned_headers[1],
                         SignedHeader{"x-amz-date", added->front().second.text()},
                         SignedHeader{"authorization", added->back().second.text()}};
  const auto own = read_signature(message(whole));
  if (!own || !signature_fits(*own, signing_key("secret", own->scope))) std::abort();
  return 0;
}
