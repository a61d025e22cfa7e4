// floor: dialects/aws
// Filters of Secrets Manager's lists: what is taken fits or does not, and '!' turns it round.
#include "dialects/aws/secret_filters.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto body = formats::JsonView::parse(text);
  if (!body) return 0;
  const auto filters = dialects::aws::parse_filters(*body);
  if (!filters) return 0;
  domain::SecretRow secret;
  *secret.path = "Prod/MyDbKey";
  domain::SecretExtra& extra = secret.extra->emplace();
  extra.description = text.substr(0, text.size() / 2);
  extra.tags = {{"team", "Payments"}};
  static_cast<void>(dialects::aws::fits(*filters, secret));
  for (const dialects::aws::SecretFilter& filter : *filters) {
    for (const std::string& value : filter.values) {
      if (value.starts_with('!')) continue;
      const dialects::aws::SecretFilter plain{filter.key, {value}};
      const dialects::aws::SecretFilter negated{filter.key, {"!" + value}};
      if (dialects::aws::fits({plain}, secret) == dialects::aws::fits({negated}, secret)) {
        std::abort();
      }
    }
  }
  return 0;
}
