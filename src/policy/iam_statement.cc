#include "policy/iam_policy.h"
#include "policy/syntax.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

constexpr std::size_t kMaxSid = 128;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool names_principals(IamKind kind) {
  return kind == IamKind::resource || kind == IamKind::key || kind == IamKind::trust;
}

bool has(const HclValue& object, std::string_view key) {
  return std::ranges::find(object.items, key, &HclItem::key) != object.items.end();
}

std::unexpected<Error> error_at(const HclValue& object, std::string_view what) {
  return fail(Code::invalid_argument, to_text(object.at) + ": statement " + std::string(what));
}

// Exactly one of two keys.
Result<> check_one_of(const HclValue& object, std::string_view key, bool needed) {
  const std::string other = "Not" + std::string(key);
  const bool one = has(object, key);
  const bool negated = has(object, other);
  if (one && negated) {
    return error_at(object, "has both \"" + std::string(key) + "\" and \"" + other + "\"");
  }
  if (needed && !one && !negated) return error_at(object, "has no \"" + std::string(key) + "\"");
  return {};
}

// "*", or a service without wildcards and the name of an action.
bool is_action(std::string_view text) {
  if (text == "*") return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto in_service = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  const auto in_name = [](char c) { return is_letter_or_digit(c) || c == '*' || c == '?'; };
  return std::ranges::all_of(text.substr(0, colon), in_service) &&
         std::ranges::all_of(text.substr(colon + 1), in_name);
}

}  // namespace

Result<IamStatement> IamStatement::read(const HclValue& object,
                                        IamKind kind,
                                        bool variables,
                                        std::size_t number) {
  if (object.kind != HclKind::object) return error_at(object, "is not an object");
  COFFER_CHECK(check_plain_object(object));
  if (!has(object, "Effect")) return error_at(object, "has no \"Effect\"");
  COFFER_CHECK(check_one_of(object, "Action", true));
  COFFER_CHECK(check_one_of(object, "Resource", kind != IamKind::trust));
  COFFER_CHECK(check_one_of(object, "Principal", names_principals(kind)));
  IamStatement out;
  for (const HclItem& item : object.items) COFFER_CHECK(out.read_item(item, kind, variables));
  if (out.principals_ && out.principals_->negated() && !out.denies_) {
    return error_at(object, "allows everybody but those in \"NotPrincipal\"");
  }
  out.label_ = out.sid_.empty() ? "statement " + std::to_string(number) : out.sid_;
  return out;
}

Result<> IamStatement::read_item(const HclItem& item, IamKind kind, bool variables) {
  if (item.key == "Sid") return read_sid(item, kind);
  if (item.key == "Effect") return read_effect(item);
  if (item.key == "Action" || item.key == "NotAction") return read_actions(item, kind);
  if (item.key == "Resource" || item.key == "NotResource") {
    return read_resources(item, kind, variables);
  }
  if (item.key == "Principal" || item.key == "NotPrincipal") return read_principals(item, kind);
  if (item.key == "Condition") return conditions_.read(item, variables);
  return error_in(item, "is not a key of a statement");
}

Result<> IamStatement::read_sid(const HclItem& item, IamKind kind) {
  COFFER_TRY(sid_, read_text(item));
  const auto good = [kind](char c) {
    return is_letter_or_digit(c) ||
           (names_principals(kind) && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  };
  if (sid_.size() > kMaxSid || !std::ranges::all_of(sid_, good)) {
    return error_in(item, "must be letters and digits");
  }
  return {};
}

Result<> IamStatement::read_effect(const HclItem& item) {
  COFFER_TRY(const std::string effect, read_text(item));
  if (effect != "Allow" && effect != "Deny") return error_in(item, "must be Allow or Deny");
  denies_ = effect == "Deny";
  return {};
}

Result<> IamStatement::read_actions(const HclItem& item, IamKind kind) {
  not_actions_ = item.key == "NotAction";
  COFFER_TRY(const auto texts, read_one_or_more(item));
  for (const std::string& text : texts) {
    if (!is_action(text)) return error_in(item, "has a malformed action");
    if (kind == IamKind::trust && (not_actions_ || !lower_case(text).starts_with("sts:"))) {
      return error_in(item, "may only have actions of sts");
    }
    COFFER_TRY(IamPattern pattern, IamPattern::parse(text, {.variables = false, .caseless = true}));
    actions_.push_back(std::move(pattern));
  }
  return {};
}

Result<> IamStatement::read_resources(const HclItem& item, IamKind kind, bool variables) {
  if (kind == IamKind::trust) return error_in(item, "does not belong into a trust policy");
  not_resources_ = item.key == "NotResource";
  COFFER_TRY(const auto texts, read_one_or_more(item));
  for (const std::string& text : texts) {
    auto pattern = ArnPattern::parse(text, variables);
    if (!pattern) return error_in(item, pattern.error().message);
    resources_.push_back(*std::move(pattern));
  }
  return {};
}

Result<> IamStatement::read_principals(const HclItem& item, IamKind kind) {
  if (!names_principals(kind)) {
    return error_in(item, "does not belong into a policy of a principal");
  }
  COFFER_TRY(principals_, IamPrincipals::read(item));
  return {};
}

Verdict IamStatement::covers(const IamQuestion& question) const {
  if (covers_action(question) == Verdict::unmet) return Verdict::unmet;
  const Verdict resource = covers_resource(question);
  if (resource == Verdict::unmet) return Verdict::unmet;
  const Verdict conditions = conditions_.evaluate(question.keys);
  if (conditions != Verdict::met) return conditions;
  return resource;
}

Verdict IamStatement::covers_action(const IamQuestion& question) const {
  const bool named = std::ranges::any_of(actions_, [&question](const IamPattern& pattern) {
    return pattern.matches(question.access.action, question.keys, Slashes::allowed) == Verdict::met;
  });
  return named != not_actions_ ? Verdict::met : Verdict::unmet;
}

// A folder whose name has no value is nobody's, and a denial of it means nobody. As an exception
// ("all but his own folder") such a name leaves it open what is meant.
Verdict IamStatement::matches(const ArnPattern& pattern, const IamQuestion& question) const {
  const bool literally = denies_ && !not_resources_;
  const Verdict found = pattern.matches(
      question.resource, question.keys, literally ? Slashes::allowed : Slashes::refused);
  if (found != Verdict::unknown || not_resources_) return found;
  return pattern.lacks_value(question.keys) ? Verdict::unmet : Verdict::unknown;
}

Verdict IamStatement::covers_resource(const IamQuestion& question) const {
  if (resources_.empty()) return Verdict::met;
  Verdict any = Verdict::unmet;
  for (const ArnPattern& pattern : resources_) {
    const Verdict one = matches(pattern, question);
    if (one == Verdict::met) {
      any = Verdict::met;
      break;
    }
    if (one == Verdict::unknown) any = Verdict::unknown;
  }
  if (!not_resources_ || any == Verdict::unknown) return any;
  return any == Verdict::met ? Verdict::unmet : Verdict::met;
}

}  // namespace coffer::policy
