// The token that a request shows: in X-Vault-Token, else in "Authorization: Bearer". Pure.
#pragma once

#include "net/http.h"

#include <string_view>

namespace coffer::gate {

// Borrowed from the request; empty: it shows none.
inline std::string_view shown_token(const net::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view token = request.header("x-vault-token");
  if (!token.empty()) return token;
  const std::string_view bearer = request.header("authorization");
  return bearer.starts_with(kScheme) ? bearer.substr(kScheme.size()) : std::string_view();
}

}  // namespace coffer::gate
