#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_word(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '_';
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Result<std::string> canonical_policy_name(std::string_view name) {
  if (name.empty()) return fail(Code::invalid_argument, "a policy name is empty");
  if (name.size() > kMaxName) return fail(Code::invalid_argument, "a policy name is too long");
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(Code::invalid_argument, "a policy name begins or ends with white space");
  }
  if (!is_printable_ascii(name)) {
    return fail(Code::invalid_argument,
                "a policy name has characters that are not printable ASCII");
  }
  return lowered(name);
}

Result<std::vector<std::string>> canonical_policy_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    COFFER_TRY(std::string canonical, canonical_policy_name(name));
    out.push_back(std::move(canonical));
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  if (out.size() > kMaxPolicyNames) return fail(Code::invalid_argument, "too many policies");
  return out;
}

Result<std::vector<std::string>> grantable_policy_names(const std::vector<std::string>& names) {
  COFFER_TRY(std::vector<std::string> out, canonical_policy_names(names));
  if (has_policy(out, kRootPolicy)) {
    return fail(Code::invalid_argument, "the root policy cannot be granted here");
  }
  return out;
}

bool has_policy(const std::vector<std::string>& sorted, std::string_view name) {
  return std::ranges::binary_search(sorted, name, {}, [](std::string_view s) { return s; });
}

Result<std::string> canonical_login_name(std::string_view name) {
  const std::string_view bare = trimmed(name);
  if (bare.empty()) return fail(Code::invalid_argument, "the name is empty");
  if (bare.size() > kMaxName) return fail(Code::invalid_argument, "the name is too long");
  if (!is_printable_ascii(bare) || bare.contains('/')) {
    return fail(Code::invalid_argument, "the name has characters that are not allowed");
  }
  return lowered(bare);
}

Result<std::string> canonical_role_name(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= kMaxName && is_word(name.front()) && is_word(name.back()) &&
      std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-' || c == '.'; });
  if (!fits) return fail(Code::invalid_argument, "malformed role name");
  return lowered(name);
}

}  // namespace coffer::domain
