#include "base/encoding.h"
#include "formats/sigv4_canonical.h"

#include <algorithm>
#include <array>

namespace coffer::formats {
namespace {

using namespace sigv4;

using Added = std::vector<std::pair<std::string, secure::SecureText>>;

std::vector<std::string_view> signed_names(std::span<const SignedHeader> headers) {
  std::vector<std::string_view> names;
  names.reserve(headers.size());
  for (const SignedHeader& header : headers) names.push_back(header.name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::string joined(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out.push_back(';');
    out.append(name);
  }
  return out;
}

SignatureScope scope_of(const Signing& how, std::string_view date) {
  return {std::string(date.substr(0, 8)), std::string(how.region), std::string(how.service)};
}

std::string signature_of(const SigningCredentials& credentials,
                         const SignatureScope& scope,
                         std::string_view text) {
  return hex_encode(signing_key(credentials.secret, scope).mac(as_bytes(text)));
}

}  // namespace

Result<Added> sign_headers(const SignedMessage& message,
                           const SigningCredentials& credentials,
                           const Signing& how) {
  const std::string date = basic_time(how.now);
  Added added;
  added.emplace_back("x-amz-date", date);
  if (how.hash_header) added.emplace_back("x-amz-content-sha256", message.body_sha256);
  const bool token = !credentials.session_token.empty();
  if (token) added.emplace_back("x-amz-security-token", credentials.session_token);
  std::vector<SignedHeader> headers(message.headers.begin(), message.headers.end());
  for (const auto& [name, value] : added) {
    if (name == "x-amz-security-token" && !how.sign_token) continue;
    headers.push_back({name, value.text()});
  }
  SignedMessage whole = message;
  whole.headers = headers;
  const std::vector<std::string_view> names = signed_names(headers);
  COFFER_TRY(std::vector<QueryPair> pairs, query_pairs(query_of(message.target)));
  const SignatureScope scope = scope_of(how, date);
  const crypto::Digest canonical =
      canonical_digest(whole, canonical_query(std::move(pairs), {}), names, message.body_sha256);
  std::string text(kAlgorithm);
  text.append(" Credential=").append(credentials.access_key_id).append("/");
  text.append(scope_text(scope)).append(", SignedHeaders=").append(joined(names));
  text.append(", Signature=");
  text.append(signature_of(credentials, scope, string_to_sign(date, scope, canonical)));
  added.emplace_back("authorization", text);
  return added;
}

Result<secure::SecureText> presign_target(const SignedMessage& message,
                                          const SigningCredentials& credentials,
                                          const Signing& how,
                                          Duration lifetime) {
  const std::string date = basic_time(how.now);
  const SignatureScope scope = scope_of(how, date);
  const std::vector<std::string_view> names = signed_names(message.headers);
  secure::SecureText target(message.target);
  const auto add = [&](std::string_view name, std::string_view value) {
    std::string escaped;
    escaped.reserve(3 * value.size());
    append_escaped(escaped, value);
    target.push_back(target.text().contains('?') ? '&' : '?');
    target.append(name);
    target.push_back('=');
    target.append(escaped);
    secure::wipe(escaped.data(), escaped.size());
  };
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", std::string(credentials.access_key_id) + "/" + scope_text(scope));
  add("X-Amz-Date", date);
  add("X-Amz-SignedHeaders", joined(names));
  add("X-Amz-Expires", std::to_string(seconds));
  const bool token = !credentials.session_token.empty();
  if (token) add("X-Amz-Security-Token", credentials.session_token);
  constexpr std::array<std::string_view, 1> kToken{"X-Amz-Security-Token"};
  const std::span<const std::string_view> except =
      how.sign_token ? std::span<const std::string_view>() : kToken;
  COFFER_TRY(std::vector<QueryPair> pairs, query_pairs(query_of(target.text())));
  const crypto::Digest canonical = canonical_digest(
      message, canonical_query(std::move(pairs), except), names, message.body_sha256);
  add("X-Amz-Signature", signature_of(credentials, scope, string_to_sign(date, scope, canonical)));
  return target;
}

}  // namespace coffer::formats
