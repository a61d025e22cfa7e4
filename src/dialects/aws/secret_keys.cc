#include "dialects/aws/secret_keys.h"

#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/home.h"
#include "dialects/aws/secret_parts.h"
#include "domain/kms/key_aliases.h"
#include "domain/kms/key_id.h"
#include "policy/evaluator.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kOwnKey = "alias/aws/secretsmanager";
constexpr std::string_view kAlias = "alias/";
constexpr std::string_view kKey = "key/";

std::unexpected<Error> no_such_key() {
  return fail(Code::invalid_argument,
              "EncryptionFailure",
              "Secrets Manager can't encrypt the protected secret text using the provided KMS key. "
              "Check that the KMS key is available, enabled, and not in an invalid state.");
}

Result<domain::KeyPtr> find_key(gate::Call& call,
                                const domain::Mount& mount,
                                std::string_view region,
                                std::string_view id) {
  domain::MasterKeys keys(*call.view, mount.id, call.unsealed->kms);
  if (id.starts_with(kAlias)) {
    COFFER_TRY(const auto alias, domain::KeyAliases(*call.view, mount.id).find(region, id));
    if (!alias) return domain::KeyPtr();
    return keys.by_uid(*alias->row.uid);
  }
  const auto parsed = domain::parse_key_id(id);
  if (!parsed) return domain::KeyPtr();
  return keys.by_uid(parsed->uid);
}

std::string arn_of(const gate::Call& call,
                   const Services& services,
                   const domain::MasterKeyRow& key) {
  const std::string region = key.region->empty() ? region_of(call) : *key.region;
  return make_arn("kms", region, services.account, std::string(kKey) + domain::key_id(key));
}

}  // namespace

Result<std::optional<domain::WrapUnder>> key_of_id(gate::Call& call,
                                                   const Services& services,
                                                   std::string_view key_id) {
  std::string region = region_of(call);
  std::string id(key_id);
  if (const auto arn = parse_arn(key_id)) {
    if (arn->service != "kms" || arn->account != services.account) return no_such_key();
    region = arn->region;
    id = arn->resource;
    if (id.starts_with(kKey)) id.erase(0, kKey.size());
  }
  if (id.empty() || id == kOwnKey) return std::nullopt;
  COFFER_TRY(const MountPtr mount, find_home(*call.view, Home::keys));
  if (!mount) return no_such_key();
  COFFER_TRY(domain::KeyPtr key, find_key(call, *mount, region, id));
  if (!key) return no_such_key();
  return domain::WrapUnder{mount->id, std::move(key)};
}

Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::MasterKeyRow& key,
                                  std::string_view secret_arn) {
  const bool opens = kms_action == "kms:Decrypt";
  policy::Access out = access(opens ? "kms.decrypt" : "kms.encrypt",
                              kms_action,
                              arn_of(call, services, key),
                              (opens ? "transit/decrypt/" : "transit/encrypt/") + *key.name,
                              policy::Capability::update);
  policy::IamContext& context = out.iam->context;
  context.set("kms:ViaService", {"secretsmanager." + region_of(call) + ".amazonaws.com"});
  context.set("kms:CallerAccount", {services.account});
  context.set("kms:EncryptionContext:SecretARN", {std::string(secret_arn)});
  context.set("kms:EncryptionContextKeys", {"SecretARN"});
  if (!key.policy->empty()) {
    COFFER_TRY(
        out.iam->consent_policy.emplace(),
        policy::compile_iam_policy(
            "key policy of " + *key.name, *key.policy_revision, policy::IamKind::key, *key.policy));
  }
  return out;
}

Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::DataKeyWrap& wrap,
                                  std::string_view secret_arn) {
  COFFER_TRY(const domain::WrapUnder under,
             domain::wrapping_key(*call.view, call.unsealed->kms, wrap));
  return key_access(call, services, kms_action, under.key->row, secret_arn);
}

}  // namespace coffer::dialects::aws
