// Transit: keys that have a policy, as AWS's clients give them one.
#include "dialects/vault/transit_parts.h"
#include "domain/identity/aws_names.h"
#include "domain/kms/aws_specs.h"
#include "domain/kms/key_id.h"

#include <algorithm>
#include <array>
#include <span>

namespace coffer::dialects::vault {
namespace {

// Conditions about what transit says in other words, or not at all.
constexpr std::array<std::string_view, 2> kSigning{"kms:SigningAlgorithm", "kms:MessageType"};
constexpr std::array<std::string_view, 1> kMac{"kms:MacAlgorithm"};
constexpr std::array<std::string_view, 1> kDeletion{"kms:ScheduleKeyDeletionPendingWindowInDays"};
constexpr std::array<std::string_view, 2> kImport{"kms:ExpirationModel", "kms:ValidTo"};

struct Spelling {
  std::string_view action;  // ours
  std::string_view iam;
  std::span<const std::string_view> unknown = {};
};

// What a policy calls it. The rest has no word there: "kms:*" alone allows it.
constexpr std::array kSpellings{
    Spelling{"kms.encrypt", "kms:Encrypt"},
    Spelling{"kms.decrypt", "kms:Decrypt"},
    Spelling{"kms.rewrap", "kms:ReEncryptFrom"},
    Spelling{"kms.data_key", "kms:GenerateDataKey"},
    Spelling{"kms.sign", "kms:Sign", kSigning},
    Spelling{"kms.verify", "kms:Verify", kSigning},
    Spelling{"kms.mac", "kms:GenerateMac", kMac},
    Spelling{"kms.read", "kms:DescribeKey"},
    Spelling{"kms.create", "kms:DescribeKey"},
    Spelling{"kms.rotate", "kms:RotateKeyOnDemand"},
    Spelling{"kms.enable", "kms:EnableKey"},
    Spelling{"kms.disable", "kms:DisableKey"},
    Spelling{"kms.delete", "kms:ScheduleKeyDeletion", kDeletion},
    Spelling{"kms.trim", "kms:ScheduleKeyDeletion", kDeletion},
    Spelling{"kms.import", "kms:ImportKeyMaterial", kImport},
};

void say_action(std::string_view action, policy::IamAccess& iam) {
  const auto* const known = std::ranges::find(kSpellings, action, &Spelling::action);
  if (known == kSpellings.end()) {
    iam.action = "kms:Coffer:" + std::string(action);
    return;
  }
  iam.action = known->iam;
  for (const std::string_view key : known->unknown) iam.context.leave_unknown(key);
}

bool uses_cipher(std::string_view action) {
  return action == "kms.encrypt" || action == "kms.decrypt" || action == "kms.rewrap" ||
         action == "kms.data_key";
}

// Of RSA the padding and the hash are chosen in transit's words.
void say_algorithm(const domain::MasterKeyRow& key, policy::IamContext& out) {
  constexpr std::string_view kAlgorithm = "kms:EncryptionAlgorithm";
  if (domain::aead_of(*key.type)) {
    out.set(kAlgorithm, {"SYMMETRIC_DEFAULT"});
  } else {
    out.leave_unknown(kAlgorithm);
  }
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
  say_action(access.action, iam);
  iam.resource = domain::regional_arn("kms",
                                      region.empty() ? "us-east-1" : region,
                                      call.unsealed->aws_account,
                                      "key/" + domain::key_id(key->row));
  domain::add_key_conditions(key->row, call.unsealed->aws_account, iam.context);
  if (uses_cipher(access.action)) say_algorithm(key->row, iam.context);
  iam.consent_policy = call.unsealed->kms.policies.of(key->row);
  return {};
}

}  // namespace coffer::dialects::vault
