#include "policy/iam_principals.h"

#include "policy/iam_pattern.h"
#include "policy/syntax.h"

#include <algorithm>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using Type = IamPrincipal::Type;

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return !one.empty() && std::ranges::find(all, one) != all.end();
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_partition(std::string_view text) {
  return text == "aws" || text == "aws-cn" || text == "aws-us-gov" || text.starts_with("aws-iso");
}

// A path and a name: "user/a/b/name". `parts`: how many names must follow the kind; 0: any number.
bool names_one(std::string_view resource, std::string_view kind, std::size_t parts) {
  if (!resource.starts_with(kind) || resource.substr(kind.size()).substr(0, 1) != "/") return false;
  const std::string_view rest = resource.substr(kind.size() + 1);
  if (rest.empty() || rest.starts_with('/') || rest.ends_with('/') ||
      rest.find("//") != std::string_view::npos) {
    return false;
  }
  const auto slashes = static_cast<std::size_t>(std::ranges::count(rest, '/'));
  return parts == 0 || slashes + 1 == parts;
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c > 0x20 && c < 0x7f && c != '*' && c != '?' && c != '$' && c != '{' && c != '}';
  });
}

std::string_view account_of(std::string_view arn) {
  const auto parts = split_arn(arn);
  return parts ? parts->at(4) : std::string_view();
}

}  // namespace

std::optional<AwsPrincipalName> parse_aws_principal(std::string_view text) {
  if (is_account(text)) return AwsPrincipalName{std::string(text), true};
  const auto parts = split_arn(text);
  if (!is_plain(text) || !parts || !is_partition(parts->at(1)) || !parts->at(3).empty() ||
      !is_account(parts->at(4))) {
    return std::nullopt;
  }
  const std::string_view resource = parts->at(5);
  const bool iam = parts->at(2) == "iam";
  const bool sts = parts->at(2) == "sts";
  const bool root = iam && resource == "root";
  const bool one =
      (iam && (names_one(resource, "user", 0) || names_one(resource, "role", 0))) ||
      (sts && (names_one(resource, "assumed-role", 2) || names_one(resource, "federated-user", 1)));
  if (!root && !one) return std::nullopt;
  return AwsPrincipalName{std::string(parts->at(4)), root};
}

Result<IamPrincipals> IamPrincipals::read(const HclItem& item) {
  IamPrincipals out;
  out.negated_ = item.key == "NotPrincipal";
  if (item.value.kind == HclKind::string && item.value.text == "*" && !out.negated_) {
    out.everybody_ = true;
    return out;
  }
  if (item.value.kind != HclKind::object || item.value.items.empty()) {
    return error_in(item, "must be an object");
  }
  COFFER_CHECK(check_plain_object(item.value));
  for (const HclItem& kind : item.value.items) COFFER_CHECK(out.read_kind(kind));
  if (out.negated_ && out.everybody_) return error_in(item, "spares everybody");
  return out;
}

Result<> IamPrincipals::read_kind(const HclItem& item) {
  COFFER_TRY(const auto texts, read_one_or_more(item));
  for (const std::string& text : texts) {
    if (text == "*" && item.key == "AWS") {
      everybody_ = true;
      continue;
    }
    if (text.empty() || !is_plain(text)) return error_in(item, "must name principals in full");
    if (item.key == "AWS") {
      COFFER_CHECK(add_aws(item, text));
    } else if (item.key == "Federated") {
      providers_.push_back(text);
    } else if (item.key != "Service") {
      return error_in(item, "is not a kind of principal");
    }
  }
  return {};
}

Result<> IamPrincipals::add_aws(const HclItem& item, const std::string& text) {
  const auto named = parse_aws_principal(text);
  if (!named) return error_in(item, "has a malformed principal");
  if (named->whole_account) {
    accounts_.push_back(named->account);
  } else {
    arns_.push_back(text);
  }
  return {};
}

Reach IamPrincipals::allows(const Facts& facts, std::string_view resource) const {
  if (!facts.iam) {
    const bool ours = everybody_ || contains(accounts_, account_of(resource));
    return ours ? Reach::account : Reach::nobody;
  }
  const IamPrincipal& who = *facts.iam;
  if (who.type == Type::federated) {
    return contains(providers_, who.provider) ? Reach::principal : Reach::nobody;
  }
  if (everybody_ || contains(arns_, who.arn) || contains(arns_, who.role_arn)) {
    return Reach::principal;
  }
  if (!contains(accounts_, who.account)) return Reach::nobody;
  return who.type == Type::account ? Reach::principal : Reach::account;
}

bool IamPrincipals::denies(const Facts& facts, std::string_view resource) const {
  if (!facts.iam) return negated_ || everybody_ || contains(accounts_, account_of(resource));
  const IamPrincipal& who = *facts.iam;
  if (negated_) return !spares(who);
  if (everybody_ || contains(providers_, who.provider)) return true;
  return contains(arns_, who.arn) || contains(arns_, who.role_arn) ||
         contains(accounts_, who.account);
}

bool IamPrincipals::spares(const IamPrincipal& who) const {
  if (who.type == Type::federated) return contains(providers_, who.provider);
  if (!contains(accounts_, who.account)) return false;
  if (who.type == Type::account) return true;
  return contains(arns_, who.arn) && (who.role_arn.empty() || contains(arns_, who.role_arn));
}

}  // namespace coffer::policy
