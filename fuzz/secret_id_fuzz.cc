// floor: dialects/aws
// What a SecretId says: a name as it stands, or the parts of an ARN put together again.
#include "dialects/aws/secret_parts.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = dialects::aws::parse_secret_id(text, "123456789012");
  if (!parsed) return 0;
  const std::string whole =
      parsed->suffix.empty() ? parsed->name : parsed->name + "-" + parsed->suffix;
  if (!text.ends_with(whole)) std::abort();
  if (!text.starts_with("arn:") && whole != text) std::abort();
  if (!parsed->suffix.empty() && parsed->suffix.size() != 6) std::abort();
  return 0;
}
