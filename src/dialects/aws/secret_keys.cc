#include "dialects/aws/secret_keys.h"

#include "dialects/aws/answers.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/secret_parts.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kOwnService = "secretsmanager";
constexpr std::string_view kOwnKey = "alias/aws/secretsmanager";

std::unexpected<Error> no_such_key() {
  return fail(Code::invalid_argument,
              "EncryptionFailure",
              "Secrets Manager can't encrypt the protected secret text using the provided KMS key. "
              "Check that the KMS key is available, enabled, and not in an invalid state.");
}

// Opening needs kms:Decrypt, everything else kms:GenerateDataKey.
KmsRule rule_of(std::string_view kms_action) {
  if (kms_action == "kms:Decrypt") {
    return {.action = "kms.decrypt",
            .iam = "Decrypt",
            .path = "decrypt/{}",
            .grant = domain::GrantOperation::decrypt};
  }
  return {.action = "kms.encrypt",
          .iam = "GenerateDataKey",
          .path = "encrypt/{}",
          .grant = domain::GrantOperation::generate_data_key};
}

}  // namespace

Result<std::optional<domain::WrapUnder>> key_of_id(gate::Call& call,
                                                   const Services& services,
                                                   std::string_view key_id) {
  if (key_id.empty() || key_id.ends_with(kOwnKey)) return std::nullopt;
  COFFER_TRY(Kms kms, Kms::of(call, services.account));
  const auto key = kms.find(key_id, Naming::alias_too);
  if (!key && key.error().code == Code::not_found) return no_such_key();
  if (!key) return std::unexpected(key.error());
  if (*key->row->row.manager == kOwnService) return std::nullopt;
  return domain::WrapUnder{kms.home->id, key->row};
}

Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::KeyPtr& key,
                                  std::string_view secret_arn) {
  COFFER_TRY(Kms kms, Kms::of(call, services.account));
  const KmsKey named{.row = key, .arn = kms.arn(key->row), .alias = {}};
  const domain::EncryptionContext context{{"SecretARN", std::string(secret_arn)}};
  COFFER_TRY(policy::Access out, key_access(kms, named, rule_of(kms_action), &context));
  out.iam->context.set("kms:ViaService", {"secretsmanager." + region_of(call) + ".amazonaws.com"});
  return out;
}

Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::DataKeyWrap& wrap,
                                  std::string_view secret_arn) {
  COFFER_TRY(const domain::WrapUnder under,
             domain::wrapping_key(*call.view, call.unsealed->kms, wrap));
  return key_access(call, services, kms_action, under.key, secret_arn);
}

}  // namespace coffer::dialects::aws
