// Answers of the auth routes: "auth" blocks, token data, and the token_* fields that roles and
// users share.
#pragma once

#include "dialects/vault/envelope.h"
#include "domain/auth/token_params.h"
#include "domain/auth/tokens.h"

#include <string>

namespace coffer::dialects::vault {

// The answer of a login or of auth/token/create.
Result<gate::Reply> issued_answer(gate::Call& call, domain::IssuedToken issued);
// The answer of a renewal; `token` empty where the caller gave an accessor.
Result<gate::Reply> renewed_answer(gate::Call& call,
                                   const domain::TokenRow& row,
                                   std::string_view token);

// Reads token_policies, token_ttl … into `params`; absent fields stay. `policies`, `ttl`,
// `max_ttl`, `period` and `bound_cidrs` are older names of some; the newer ones win.
Result<> read_token_params(const formats::JsonView& body, domain::TokenParams& params);
void write_token_params(formats::JsonWriter& w, const domain::TokenParams& params);

std::int64_t whole_seconds(Duration duration);

// Fields with a default for absence, and counts that must not be negative.
Result<std::uint64_t> count_field(const formats::JsonView& body,
                                  std::string_view name,
                                  std::uint64_t otherwise);
Result<std::string> required_text(const formats::JsonView& body, std::string_view name);
Result<secure::SecureText> required_secret(const formats::JsonView& body, std::string_view name);

// Assigns the field to `to` when the body has it.
template <class T, class U>
Result<> assign(Result<std::optional<T>> field, U& to) {
  if (!field) return std::unexpected(std::move(field).error());
  if (*field) to = std::move(**field);
  return {};
}

}  // namespace coffer::dialects::vault
