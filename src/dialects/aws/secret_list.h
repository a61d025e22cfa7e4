// Lists of secrets: filtered, sorted, by pages. The search looks at every secret of the home and
// runs on a worker thread; what a page shows is read by the request itself.
//
// Limit: kMaxSearched secrets are looked at, then it is too_large.
#pragma once

#include "dialects/aws/secret_filters.h"
#include "dialects/aws/secret_parts.h"
#include "gate/operation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

inline constexpr std::size_t kMaxSearched = 100'000;

enum class SecretOrder : std::uint8_t { created, accessed, changed, name };

struct SecretSearch {
  std::string_view operation;  // for the page token
  std::vector<SecretFilter> filters;
  SecretOrder order = SecretOrder::created;
  bool descending = false;
  bool with_deleted = false;
  std::size_t limit = 100;
};

struct SecretPage {
  std::vector<std::string> names;
  std::string next;  // token; empty: this was the last page
};

// The page that the body's NextToken says, as an effect of the call.
Result<SecretPage> search_secrets(gate::Call& call,
                                  const SecretsEngine& engine,
                                  const SecretSearch& search);

}  // namespace coffer::dialects::aws
