// PasswordPolicy: how passwords for other systems look, and making such passwords.
//
//   length = 20
//   rule "charset" { charset = "abcdefghijklmnopqrstuvwxyz" min-chars = 1 }
//   rule "charset" { charset = "0123456789" min-chars = 1 }
//
// HCL, or the same in JSON. A password has `length` characters out of all the rules' characters,
// and at least `min-chars` (0) of each rule's own. Every password that meets the rules is equally
// likely.
//
// Limits: 4 to 100 characters; 1 to 16 rules, of 1 to 94 printable ASCII characters each; 8 KiB of
// text. Unknown keys are errors, and so is a policy that chance hardly ever meets. Errors:
// invalid_argument, with line and column where the text is wrong. Immutable.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "formats/hcl.h"
#include "secure/bytes.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

class PasswordPolicy {
 public:
  static Result<PasswordPolicy> parse(std::string_view text);

  // exhausted: not met in a long time, which a policy that was checked does not do.
  Result<secure::SecureText> generate(crypto::Random& random) const;
  // Whether passwords are found soon enough. invalid_argument.
  Result<> check(crypto::Random& random) const;

 private:
  struct Rule {
    std::string characters;
    std::size_t at_least = 0;
  };

  PasswordPolicy() = default;
  Result<> read(const formats::HclItem& item);
  Result<> read_json_rules(const formats::HclItem& item, const formats::HclValue& value);
  Result<> add_rule(const formats::HclItem& item, const formats::HclValue& value);
  [[nodiscard]] bool met_by(std::string_view password) const;
  Result<secure::SecureText> try_often(crypto::Random& random, std::size_t attempts) const;

  std::size_t length_ = 0;
  std::vector<Rule> rules_;
  std::string characters_;  // of all rules, each once
};

}  // namespace coffer::domain
