#include "policy/name.h"

#include "policy/syntax.h"

#include <algorithm>

namespace coffer::policy {
namespace {

bool allowed(char c) {
  constexpr std::string_view kPunctuation = "_-./:@+ ";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kPunctuation.contains(c);
}

bool has_bad_segment(std::string_view name) {
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view segment = name.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<std::string> canonical_policy_name(std::string_view name) {
  if (name.empty()) return fail(Code::invalid_argument, "policy name is empty");
  if (name.size() > kMaxPolicyName) {
    return fail(Code::invalid_argument, "policy name is over 128 characters");
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(Code::invalid_argument, "policy name has white space around it");
  }
  std::string out = lower_case(name);
  if (!std::ranges::all_of(out, allowed)) {
    return fail(Code::invalid_argument, "policy name has a character that names may not have");
  }
  if (has_bad_segment(out)) return fail(Code::invalid_argument, "policy name has a bad segment");
  return out;
}

bool is_reserved(std::string_view name) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  while (!name.empty() && blank(name.front())) name.remove_prefix(1);
  while (!name.empty() && blank(name.back())) name.remove_suffix(1);
  return lower_case(name) == "root";
}

}  // namespace coffer::policy
