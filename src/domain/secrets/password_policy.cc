#include "domain/secrets/password_policy.h"

#include "formats/hcl.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace coffer::domain {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

constexpr std::size_t kMaxText = std::size_t{8} * 1024;
constexpr std::size_t kMinLength = 4;
constexpr std::size_t kMaxLength = 100;
constexpr std::size_t kMaxRules = 16;
// One in a thousand must do when the policy is written; many more are tried when it is used.
constexpr std::size_t kAttemptsToCheck = 1'000;
constexpr std::size_t kAttempts = 100'000;

std::unexpected<Error> error_at(const HclItem& item, std::string_view what) {
  return fail(Code::invalid_argument, to_text(item.at) + ": " + std::string(what));
}

Result<std::size_t> read_number(const HclItem& item) {
  const std::string& text = item.value.text;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (item.value.kind != HclKind::number || error != std::errc{} ||
      end != text.data() + text.size()) {
    return error_at(item, "expected a whole number");
  }
  return number;
}

// Each character once, in order.
Result<std::string> read_characters(const HclItem& item) {
  if (item.value.kind != HclKind::string) return error_at(item, "expected a string");
  std::string out = item.value.text;
  const auto printable = [](char c) { return c >= 0x21 && c <= 0x7e; };
  if (out.empty() || !std::ranges::all_of(out, printable)) {
    return error_at(item, "a charset has 1 to 94 printable ASCII characters without the space");
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

// A number below `bound`, all equally likely.
std::size_t draw(crypto::Random& random, std::size_t bound) {
  const std::size_t fair = 256 - 256 % bound;
  while (true) {
    const std::size_t octet = random.array<1>()[0];
    if (octet < fair) return octet % bound;
  }
}

}  // namespace

Result<PasswordPolicy> PasswordPolicy::parse(std::string_view text) {
  if (text.size() > kMaxText) return fail(Code::invalid_argument, "the policy is over 8 KiB");
  COFFER_TRY(const HclValue root, formats::parse_hcl(text));
  PasswordPolicy policy;
  for (const HclItem& item : root.items) COFFER_CHECK(policy.read(item));
  if (policy.length_ < kMinLength || policy.length_ > kMaxLength) {
    return fail(Code::invalid_argument, "length must be given, from 4 to 100");
  }
  if (policy.rules_.empty()) return fail(Code::invalid_argument, "the policy has no charset rule");
  std::size_t demanded = 0;
  for (const Rule& rule : policy.rules_) {
    demanded += rule.at_least;
    policy.characters_ += rule.characters;
  }
  if (demanded > policy.length_) {
    return fail(Code::invalid_argument, "the rules demand more characters than length");
  }
  std::ranges::sort(policy.characters_);
  const auto repeated = std::ranges::unique(policy.characters_);
  policy.characters_.erase(repeated.begin(), repeated.end());
  return policy;
}

Result<> PasswordPolicy::read(const HclItem& item) {
  const std::vector<std::string>& labels = item.labels;
  if (item.key == "length" && labels.empty()) {
    if (length_ != 0) return error_at(item, "length is given twice");
    COFFER_TRY(length_, read_number(item));
    return {};
  }
  if (item.key != "rule") return error_at(item, "expected length or rule");
  if (labels.size() == 1 && labels.front() == "charset") return add_rule(item, item.value);
  if (!labels.empty()) return error_at(item, "the only kind of rule is charset");
  return read_json_rules(item, item.value);
}

// {"charset": {…}}, {"charset": [{…}]}, or a list of such objects.
Result<> PasswordPolicy::read_json_rules(const HclItem& item, const HclValue& value) {
  if (value.kind == HclKind::list) {
    for (const HclValue& element : value.list) {
      if (element.kind != HclKind::object) return error_at(item, "expected objects");
      COFFER_CHECK(read_json_rules(item, element));
    }
    return {};
  }
  if (value.kind != HclKind::object) return error_at(item, "expected an object");
  for (const HclItem& kind : value.items) {
    if (kind.key != "charset" || !kind.labels.empty()) {
      return error_at(kind, "the only kind of rule is charset");
    }
    if (kind.value.kind != HclKind::list) {
      COFFER_CHECK(add_rule(kind, kind.value));
      continue;
    }
    for (const HclValue& element : kind.value.list) COFFER_CHECK(add_rule(kind, element));
  }
  return {};
}

Result<> PasswordPolicy::add_rule(const HclItem& item, const HclValue& value) {
  if (value.kind != HclKind::object) return error_at(item, "a rule must be a block");
  if (rules_.size() == kMaxRules) return error_at(item, "more than 16 rules");
  Rule rule;
  bool counted = false;
  for (const HclItem& setting : value.items) {
    const bool charset = setting.key == "charset";
    if ((!charset && setting.key != "min-chars") || !setting.labels.empty()) {
      return error_at(setting, "expected charset or min-chars");
    }
    if (charset ? !rule.characters.empty() : counted) return error_at(setting, "is given twice");
    if (charset) {
      COFFER_TRY(rule.characters, read_characters(setting));
    } else {
      COFFER_TRY(rule.at_least, read_number(setting));
      if (rule.at_least > kMaxLength) return error_at(setting, "min-chars is over 100");
      counted = true;
    }
  }
  if (rule.characters.empty()) return error_at(item, "a rule needs a charset");
  rules_.push_back(std::move(rule));
  return {};
}

bool PasswordPolicy::met_by(std::string_view password) const {
  return std::ranges::all_of(rules_, [&](const Rule& rule) {
    const auto own =
        std::ranges::count_if(password, [&](char c) { return rule.characters.contains(c); });
    return static_cast<std::size_t>(own) >= rule.at_least;
  });
}

// Whole passwords are thrown away until one meets the rules: repairing one would make some likelier
// than others.
Result<secure::SecureText> PasswordPolicy::try_often(crypto::Random& random,
                                                     std::size_t attempts) const {
  secure::SecureBytes octets(length_);
  for (std::size_t i = 0; i < attempts; ++i) {
    for (std::uint8_t& octet : octets.mutable_view()) {
      octet = static_cast<std::uint8_t>(characters_[draw(random, characters_.size())]);
    }
    const std::string_view password = as_text(octets.view());
    if (met_by(password)) return secure::SecureText(password);
  }
  return fail(Code::exhausted, "no password met the policy");
}

Result<secure::SecureText> PasswordPolicy::generate(crypto::Random& random) const {
  return try_often(random, kAttempts);
}

Result<> PasswordPolicy::check(crypto::Random& random) const {
  if (try_often(random, kAttemptsToCheck)) return {};
  return fail(Code::invalid_argument, "hardly any password meets the policy");
}

}  // namespace coffer::domain
