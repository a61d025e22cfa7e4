#include "policy/iam_pattern.h"

#include "policy/syntax.h"

#include <algorithm>

namespace coffer::policy {
namespace {

constexpr char kAnyRun = '\x01';
constexpr char kAnyOne = '\x02';
constexpr std::size_t kMaxPattern = 2048;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::invalid_argument, std::string(what));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

// Past one character of UTF-8.
std::size_t after_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

// Backtracks to the last run only: linear in most cases, |pattern| x |text| at worst.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t run = std::string_view::npos;
  std::size_t run_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == kAnyRun) {
      run = p++;
      run_text = t;
    } else if (p < pattern.size() && pattern[p] == kAnyOne) {
      ++p;
      t = after_character(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (run != std::string_view::npos) {
      p = run + 1;
      t = ++run_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kAnyRun) ++p;
  return p == pattern.size();
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(":/._-+=@ ").find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

struct Name {
  std::string key;
  std::optional<std::string> fallback;
};

// Of what stands between "${" and "}".
Result<Name> parse_variable(std::string_view inside) {
  Name out;
  const std::size_t comma = inside.find(',');
  const std::string_view key = trimmed(inside.substr(0, comma));
  if (key.find(':') == std::string_view::npos || !std::ranges::all_of(key, is_key_character)) {
    return malformed("has a malformed policy variable");
  }
  out.key = lower_case(key);
  if (comma == std::string_view::npos) return out;
  const std::string_view quoted = trimmed(inside.substr(comma + 1));
  if (quoted.size() < 2 || !quoted.starts_with('\'') || !quoted.ends_with('\'')) {
    return malformed("has a policy variable with a malformed default");
  }
  out.fallback = quoted.substr(1, quoted.size() - 2);
  return out;
}

// The end of the variable that begins at `at`; npos when it is not closed.
std::size_t end_of_variable(std::string_view text, std::size_t at) {
  return text.find('}', at + 2);
}

// The next colon outside variables; npos when there is none.
std::size_t next_colon(std::string_view text, std::size_t at, bool variables) {
  for (; at < text.size(); ++at) {
    if (text[at] == ':') return at;
    if (!variables || text.substr(at, 2) != "${") continue;
    at = end_of_variable(text, at);
    if (at == std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

}  // namespace

Result<IamPattern> IamPattern::parse(std::string_view text, IamSyntax syntax) {
  if (text.size() > kMaxPattern) return fail(Code::too_large, "is over 2048 octets");
  if (std::ranges::any_of(text, is_control)) return malformed("has a control character");
  IamPattern out;
  out.caseless_ = syntax.caseless;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (syntax.variables && text.substr(at, 2) == "${") {
      const std::size_t end = end_of_variable(text, at);
      if (end == std::string_view::npos)
        return malformed("has a policy variable that is not closed");
      const std::string_view inside = text.substr(at + 2, end - at - 2);
      if (inside == "*" || inside == "?" || inside == "$") {
        out.text_ += inside;
      } else {
        COFFER_TRY(Name name, parse_variable(inside));
        out.variables_.push_back({out.text_.size(), std::move(name.key), std::move(name.fallback)});
      }
      at = end;
    } else if (syntax.wildcards && c == '*') {
      out.text_ += kAnyRun;
    } else if (syntax.wildcards && c == '?') {
      out.text_ += kAnyOne;
    } else {
      out.text_ += c;
    }
  }
  if (out.caseless_) out.text_ = lower_case(out.text_);
  return out;
}

std::optional<std::string> IamPattern::resolved(const IamKeys& keys, Slashes slashes) const {
  std::string out;
  std::size_t taken = 0;
  for (const Variable& variable : variables_) {
    out.append(text_, taken, variable.at - taken);
    taken = variable.at;
    const IamKeyValue found = keys.find(variable.key);
    if (found.state == IamKeyValue::State::absent && variable.fallback) {
      out += *variable.fallback;
      continue;
    }
    if (found.state != IamKeyValue::State::present || found.values.size() != 1) return std::nullopt;
    const std::string& value = found.values.front();
    const bool odd = value.empty() || std::ranges::any_of(value, is_control) ||
                     (slashes == Slashes::refused && value.find('/') != std::string::npos);
    if (odd) return std::nullopt;
    out += value;
  }
  out.append(text_, taken);
  return caseless_ ? lower_case(out) : out;
}

Verdict IamPattern::matches(std::string_view text, const IamKeys& keys, Slashes slashes) const {
  const auto sure = [](bool holds) { return holds ? Verdict::met : Verdict::unmet; };
  std::string lowered;
  if (caseless_) text = lowered = lower_case(text);
  if (variables_.empty()) return sure(glob(text_, text));
  const auto pattern = resolved(keys, slashes);
  return pattern ? sure(glob(*pattern, text)) : Verdict::unknown;
}

bool IamPattern::lacks_value(const IamKeys& keys) const {
  return std::ranges::any_of(variables_, [&](const Variable& variable) {
    return !variable.fallback && keys.find(variable.key).state == IamKeyValue::State::absent;
  });
}

std::optional<std::array<std::string_view, 6>> split_arn(std::string_view arn) {
  std::array<std::string_view, 6> out;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    out[i] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  out[5] = arn;
  if (out[0] != "arn" || out[1].empty() || out[2].empty() || out[5].empty()) return std::nullopt;
  return out;
}

Result<ArnPattern> ArnPattern::parse(std::string_view text, bool variables) {
  ArnPattern out;
  if (text == "*") return out;
  std::array<IamPattern, 6> parts;
  std::size_t start = 0;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const std::size_t end = part == 5 ? text.size() : next_colon(text, start, variables);
    const bool may_be_empty = part == 3 || part == 4;  // region and account
    if (end == std::string_view::npos || (end == start && !may_be_empty)) {
      return malformed("is neither an ARN nor \"*\"");
    }
    const std::string_view one = text.substr(start, end - start);
    if (part == 0 && one != "arn") return malformed("is neither an ARN nor \"*\"");
    COFFER_TRY(parts.at(part), IamPattern::parse(one, {.variables = variables}));
    start = end + 1;
  }
  out.parts_ = std::move(parts);
  return out;
}

Verdict ArnPattern::matches(std::string_view arn, const IamKeys& keys, Slashes slashes) const {
  if (!parts_) return Verdict::met;
  const auto given = split_arn(arn);
  if (!given) return Verdict::unmet;
  Verdict all = Verdict::met;
  for (std::size_t i = 1; i < 6; ++i) {
    const Verdict one = parts_->at(i).matches(given->at(i), keys, slashes);
    if (one == Verdict::unmet) return Verdict::unmet;
    if (one == Verdict::unknown) all = Verdict::unknown;
  }
  return all;
}

bool ArnPattern::lacks_value(const IamKeys& keys) const {
  return parts_ && std::ranges::any_of(
                       *parts_, [&](const IamPattern& part) { return part.lacks_value(keys); });
}

}  // namespace coffer::policy
