#include "dialects/aws/ssm_values.h"

#include "dialects/aws/ssm_cipher.h"

namespace coffer::dialects::aws {

Result<> add_key_access(const Ssm& ssm,
                        const domain::Parameter& parameter,
                        std::uint64_t version,
                        AskedKeys& asked,
                        std::vector<policy::Access>& all) {
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(const auto about, parameters.about(parameter, version));
  if (about.type != domain::ParameterType::secure_string) return {};
  COFFER_TRY(const auto reading, parameters.read(parameter, version));
  COFFER_TRY(const domain::KeyPtr key,
             key_of_secure_string(ssm, about.key_id, reading.stored.text()));
  if (!asked.insert(*key->row.uid).second) return {};
  COFFER_TRY(auto opening, opening_access(ssm, key, ssm.arn(*parameter.row)));
  if (opening) all.push_back(*std::move(opening));
  return {};
}

}  // namespace coffer::dialects::aws
