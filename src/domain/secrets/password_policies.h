// The password policies of a realm, by name.
//
// A name is compared as it stands: letters, digits, '_', '-' and '.', 1 to 128. Texts are kept as
// they were written. Errors: those of PasswordPolicy, invalid_argument for a name, not_found with
// an empty message.
#pragma once

#include "domain/secrets/password_policy.h"
#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct PasswordPolicyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kPasswordPolicies;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::string> text;
  static constexpr auto kMembers = std::tuple{&PasswordPolicyRow::name, &PasswordPolicyRow::text};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

class PasswordPolicies {
 public:
  explicit PasswordPolicies(work::View& view) : view_(view) {}

  // Null: none.
  Result<rows::RowPtr<PasswordPolicyRow>> read(std::string_view name);
  Result<> write(std::string_view name, std::string_view text);
  // Absent: no error.
  Result<> remove(std::string_view name);
  Result<std::vector<std::string>> list();
  // A password under the policy of this name.
  Result<secure::SecureText> generate(std::string_view name);

 private:
  work::View& view_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::PasswordPolicyRow>;
