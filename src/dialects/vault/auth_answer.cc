#include "dialects/vault/auth_answer.h"

#include "domain/auth/token_life.h"
#include "domain/identity/identity.h"
#include "formats/vault_fields.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using formats::bool_field;
using formats::duration_field;
using formats::list_field;
using formats::text_field;

Result<AuthBlock> block_of(gate::Call& call, const domain::TokenRow& row) {
  AuthBlock auth;
  auth.accessor = *row.accessor;
  auth.token_policies = *row.policies;
  auth.policies = *row.policies;
  if (!row.entity_id->empty()) {
    COFFER_TRY(const domain::Identity identity,
               domain::Entities(*call.view).identity_of(*row.entity_id));
    auth.identity_policies = identity.policies;
    std::ranges::copy(identity.policies, std::back_inserter(auth.policies));
    std::ranges::sort(auth.policies);
    const auto repeated = std::ranges::unique(auth.policies);
    auth.policies.erase(repeated.begin(), repeated.end());
  }
  for (const auto& [name, value] : *row.meta) auth.metadata.emplace_back(name, value);
  auth.lease_duration = domain::seconds_left(row, call.now);
  auth.renewable = *row.renewable;
  auth.entity_id = *row.entity_id;
  COFFER_TRY(auth.orphan, domain::is_orphan(*call.view, *row.parent));
  auth.num_uses = static_cast<std::int64_t>(*row.num_uses);
  return auth;
}

}  // namespace

Result<gate::Reply> issued_answer(gate::Call& call, domain::IssuedToken issued) {
  COFFER_TRY(AuthBlock auth, block_of(call, issued.row));
  call.note("issued_accessor", auth.accessor);
  auth.client_token = std::move(issued.text);
  if (issued.kind == domain::TokenKind::batch) auth.token_type = "batch";
  Answer out;
  if (issued.capped) {
    out.warnings.emplace_back("the TTL exceeds the effective maximum and was capped");
  }
  out.auth = std::move(auth);
  return answer(call, std::move(out));
}

Result<gate::Reply> renewed_answer(gate::Call& call,
                                   const domain::TokenRow& row,
                                   std::string_view token) {
  COFFER_TRY(AuthBlock auth, block_of(call, row));
  call.note("renewed_accessor", auth.accessor);
  auth.client_token = secure::SecureText(token);
  Answer out;
  out.auth = std::move(auth);
  return answer(call, std::move(out));
}

Result<> read_token_params(const formats::JsonView& body, domain::TokenParams& params) {
  COFFER_CHECK(assign(list_field(body, "policies"), params.policies));
  COFFER_CHECK(assign(list_field(body, "token_policies"), params.policies));
  COFFER_CHECK(assign(duration_field(body, "ttl"), params.ttl));
  COFFER_CHECK(assign(duration_field(body, "token_ttl"), params.ttl));
  COFFER_CHECK(assign(duration_field(body, "max_ttl"), params.max_ttl));
  COFFER_CHECK(assign(duration_field(body, "token_max_ttl"), params.max_ttl));
  COFFER_CHECK(assign(duration_field(body, "explicit_max_ttl"), params.explicit_max_ttl));
  COFFER_CHECK(assign(duration_field(body, "token_explicit_max_ttl"), params.explicit_max_ttl));
  COFFER_CHECK(assign(duration_field(body, "period"), params.period));
  COFFER_CHECK(assign(duration_field(body, "token_period"), params.period));
  COFFER_CHECK(assign(list_field(body, "bound_cidrs"), params.bound_cidrs));
  COFFER_CHECK(assign(list_field(body, "token_bound_cidrs"), params.bound_cidrs));
  COFFER_CHECK(assign(bool_field(body, "token_no_default_policy"), params.no_default_policy));
  COFFER_CHECK(assign(text_field(body, "token_type"), params.type));
  COFFER_TRY(params.num_uses, count_field(body, "token_num_uses", params.num_uses));
  return {};
}

void write_token_params(formats::JsonWriter& w, const domain::TokenParams& params) {
  w.key("token_bound_cidrs").strings(params.bound_cidrs);
  w.key("token_explicit_max_ttl").integer(whole_seconds(params.explicit_max_ttl));
  w.key("token_max_ttl").integer(whole_seconds(params.max_ttl));
  w.key("token_no_default_policy").boolean(params.no_default_policy);
  w.key("token_num_uses").integer(static_cast<std::int64_t>(params.num_uses));
  w.key("token_period").integer(whole_seconds(params.period));
  w.key("token_policies").strings(params.policies);
  w.key("token_ttl").integer(whole_seconds(params.ttl));
  w.key("token_type").string(params.type);
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

Result<std::uint64_t> count_field(const formats::JsonView& body,
                                  std::string_view name,
                                  std::uint64_t otherwise) {
  COFFER_TRY(const auto value, formats::integer_field(body, name));
  if (!value) return otherwise;
  if (*value < 0) {
    return fail(Code::invalid_argument, std::string(name) + " must not be negative");
  }
  return static_cast<std::uint64_t>(*value);
}

Result<std::string> required_text(const formats::JsonView& body, std::string_view name) {
  COFFER_TRY(auto value, text_field(body, name));
  if (!value || value->empty()) {
    return fail(Code::invalid_argument, "missing " + std::string(name));
  }
  return *std::move(value);
}

Result<secure::SecureText> required_secret(const formats::JsonView& body, std::string_view name) {
  COFFER_TRY(auto value, formats::secret_field(body, name));
  if (!value || value->empty()) {
    return fail(Code::invalid_argument, "missing " + std::string(name));
  }
  return *std::move(value);
}

}  // namespace coffer::dialects::vault
