#include "dialects/aws/ssm_values.h"

#include "dialects/aws/ssm_cipher.h"

namespace coffer::dialects::aws {
namespace {

bool is_secure(const domain::ParameterReading& reading) {
  return reading.version.type == domain::ParameterType::secure_string;
}

}  // namespace

Result<FoundValue> find_value(const Ssm& ssm,
                              NamedParameter named,
                              std::uint64_t version,
                              bool decrypt,
                              AskedKeys& asked,
                              std::vector<policy::Access>& all) {
  domain::Parameters parameters = ssm.parameters();
  FoundValue found{std::move(named), {}};
  found.reading = parameters.read(*found.named.parameter, version);
  if (!decrypt || !found.reading || !is_secure(*found.reading)) return found;
  const auto key =
      key_of_secure_string(ssm, found.reading->version.key_id, found.reading->stored.text());
  if (!key) {
    found.reading = std::unexpected(key.error());
    return found;
  }
  if (!asked.insert(*(*key)->row.uid).second) return found;
  COFFER_TRY(auto opening, opening_access(ssm, *key, ssm.arn(*found.named.parameter->row)));
  if (opening) all.push_back(*std::move(opening));
  return found;
}

Result<secure::SecureText> shown_value(const Ssm& ssm, FoundValue& found, bool decrypt) {
  if (!found.reading) return std::unexpected(found.reading.error());
  if (!decrypt || !is_secure(*found.reading)) return std::move(found.reading->stored);
  return open_secure_string(ssm,
                            found.reading->version.key_id,
                            ssm.arn(*found.named.parameter->row),
                            found.reading->stored.text());
}

}  // namespace coffer::dialects::aws
