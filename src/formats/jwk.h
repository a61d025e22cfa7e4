// One JSON Web Key to a public key: for jose.cc.
#pragma once

#include "formats/jose.h"
#include "formats/json.h"

#include <optional>

namespace coffer::formats {

// nullopt: not a public key for the signatures of jose.h.
std::optional<Jwk> usable_jwk(const JsonView& jwk);

}  // namespace coffer::formats
