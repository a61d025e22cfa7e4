// Transit: keys that have a policy, as AWS's clients give them one.
#include "dialects/vault/transit_parts.h"
#include "domain/identity/aws_names.h"
#include "domain/kms/aws_specs.h"
#include "domain/kms/key_id.h"

#include <array>

namespace coffer::dialects::vault {
namespace {

struct Spelling {
  std::string_view action;  // ours
  std::string_view iam;
};

// What a policy calls it. The rest has no word there: "kms:*" alone allows it.
constexpr std::array kSpellings{
    Spelling{"kms.encrypt", "kms:Encrypt"},
    Spelling{"kms.decrypt", "kms:Decrypt"},
    Spelling{"kms.rewrap", "kms:ReEncryptFrom"},
    Spelling{"kms.data_key", "kms:GenerateDataKey"},
    Spelling{"kms.sign", "kms:Sign"},
    Spelling{"kms.verify", "kms:Verify"},
    Spelling{"kms.mac", "kms:GenerateMac"},
    Spelling{"kms.read", "kms:DescribeKey"},
    Spelling{"kms.create", "kms:DescribeKey"},
    Spelling{"kms.rotate", "kms:RotateKeyOnDemand"},
    Spelling{"kms.enable", "kms:EnableKey"},
    Spelling{"kms.disable", "kms:DisableKey"},
    Spelling{"kms.delete", "kms:ScheduleKeyDeletion"},
    Spelling{"kms.trim", "kms:ScheduleKeyDeletion"},
    Spelling{"kms.import", "kms:ImportKeyMaterial"},
};

std::string iam_action(std::string_view action) {
  for (const Spelling& known : kSpellings) {
    if (known.action == action) return std::string(known.iam);
  }
  return "kms:Coffer:" + std::string(action);
}

// The name in a path like "encrypt/NAME", "keys/NAME/rotate", "export/KIND/NAME/VERSION".
std::string_view key_in(std::string_view rest) {
  const auto next = [&rest] {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    return part;
  };
  const std::string_view verb = next();
  if (verb == "export" || verb == "datakey") next();
  return next();
}

}  // namespace

Result<> consent_of_key(gate::Call& call, policy::Access& access) {
  COFFER_TRY(const domain::KeyPtr key, transit_keys(call).find(key_in(call.routing.rest)));
  if (!key || key->row.policy->empty()) return {};
  const std::string& region = *key->row.region;
  policy::IamAccess& iam = access.iam.emplace();
  iam.action = iam_action(access.action);
  iam.resource = domain::regional_arn("kms",
                                      region.empty() ? "us-east-1" : region,
                                      call.unsealed->aws_account,
                                      "key/" + domain::key_id(key->row));
  domain::add_key_conditions(key->row, call.unsealed->aws_account, iam.context);
  iam.consent_policy = call.unsealed->kms.policies.of(key->row);
  return {};
}

}  // namespace coffer::dialects::vault
