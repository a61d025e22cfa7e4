// IamPrincipals: the Principal or NotPrincipal element of a policy that is attached to something.
//
//   "*"   {"AWS": "*"}                                everybody
//   {"AWS": "123456789012"}   "arn:aws:iam::123456789012:root"      the account
//   {"AWS": "arn:aws:iam::123456789012:user/path/name"}  …:role/path/name
//   {"AWS": "arn:aws:sts::123456789012:assumed-role/name/session"}  …:federated-user/name
//   {"Federated": "arn:aws:iam::123456789012:oidc-provider/issuer.example/path"}
//   {"Service": "lambda.amazonaws.com"}               nobody here: no service calls under its name
//
// Lists of these. Refused: wildcards in names, policy variables, groups, NotPrincipal that allows.
// A role stands for its sessions. Immutable, safe to share.
#pragma once

#include "base/result.h"
#include "formats/hcl.h"
#include "policy/access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

// How a statement that allows reaches a principal.
enum class Reach : std::uint8_t {
  nobody,
  account,    // through its account: the principal's own policies must allow too
  principal,  // itself
};

// Whom a text names: an account by its number or its root, a user, a role, or one session.
struct AwsPrincipalName {
  std::string account;
  bool whole_account = false;
};

// Nothing for what names nobody in full.
std::optional<AwsPrincipalName> parse_aws_principal(std::string_view text);

class IamPrincipals {
 public:
  // Of the item Principal, or of NotPrincipal.
  static Result<IamPrincipals> read(const formats::HclItem& item);

  [[nodiscard]] bool negated() const { return negated_; }

  // `resource`: the ARN whose account a token of another dialect belongs to.
  [[nodiscard]] Reach allows(const Facts& facts, std::string_view resource) const;
  // NotPrincipal spares only those that are named with their account, and sessions only when their
  // role is named too.
  [[nodiscard]] bool denies(const Facts& facts, std::string_view resource) const;

 private:
  Result<> read_kind(const formats::HclItem& item);
  Result<> add_aws(const formats::HclItem& item, const std::string& text);
  [[nodiscard]] bool spares(const IamPrincipal& who) const;

  bool negated_ = false;
  bool everybody_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> arns_;
  std::vector<std::string> providers_;
};

}  // namespace coffer::policy
