// IamKeys: what condition keys are worth for one access.
//
// Keys of the request and its service come from IamAccess::context; keys that are about the
// principal, the request's transport and the time come from Facts, never from the context. A key
// that this server knows and the request does not have is absent, as with AWS. It is unknown where
// this server does not know the key, or cannot tell: no readable address, no IAM principal.
// Borrows both arguments.
#pragma once

#include "policy/access.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

struct IamKeyValue {
  enum class State : std::uint8_t { present, absent, unknown };
  State state = State::absent;
  std::vector<std::string> values;  // when present: at least one
};

class IamKeys {
 public:
  IamKeys(const IamAccess& access, const Facts& facts) : access_(access), facts_(facts) {}

  // `key` in lower case.
  [[nodiscard]] IamKeyValue find(std::string_view key) const;

 private:
  [[nodiscard]] IamKeyValue find_global(std::string_view name) const;
  [[nodiscard]] IamKeyValue find_about_principal(std::string_view name) const;

  const IamAccess& access_;
  const Facts& facts_;
};

// The keys of services that are absent where the context has none, in lower case. Those that end in
// ":" or "/" go on with a name.
std::span<const std::string_view> iam_service_keys();

}  // namespace coffer::policy
