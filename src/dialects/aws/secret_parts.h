// What the operations of Secrets Manager share: the names of secrets, the engine over their home,
// and the accesses that an operation on a secret needs.
#pragma once

#include "dialects/aws/families.h"
#include "dialects/aws/home.h"
#include "domain/secrets/managed_secrets.h"
#include "formats/json.h"
#include "gate/operation.h"
#include "policy/access.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

// What a SecretId says: a name, a whole ARN, or an ARN without its suffix. An ARN whose name ends
// in a hyphen and six letters or digits is a whole one.
struct SecretName {
  std::string name;
  std::string suffix = {};  // empty: not given
};

// not_found for an ARN of another account or service.
Result<SecretName> parse_secret_id(std::string_view id, std::string_view account);

// Lives as long as the call.
struct SecretsEngine {
  MountPtr mount;  // null: nobody has made the home yet
  domain::ManagedSecrets secrets;
};

// Without a home there are no secrets: every look-up is not_found.
Result<SecretsEngine> secrets_engine(const gate::Call& call, const Services& services);
Result<SecretsEngine> secrets_engine_for_write(const gate::Call& call, const Services& services);

// The secret that the body's SecretId names: in any state, or not marked for deletion.
enum class Wanted : std::uint8_t { any, usable };

struct FoundSecret {
  SecretsEngine engine;
  domain::SecretPtr secret;
};

Result<FoundSecret> find_secret(gate::Call& call,
                                const Services& services,
                                Wanted wanted = Wanted::usable);

// What an operation on one secret asks for.
struct SecretRule {
  std::string_view action;      // our own: "secret.read"
  std::string_view iam_action;  // "secretsmanager:GetSecretValue"
  policy::Capability capability = policy::Capability::read;
  // Vault's spelling of the place below the mount: "data/" or "metadata/".
  std::string_view place = "metadata/";
  // The keys of a customer whose master key opens or seals the value: "kms:Decrypt"; empty: none.
  std::string_view kms_action = {};
  std::string_view second_kms_action = {};  // of the same key
};

// The accesses for one secret. `secret` is null where there is none of the name: then the ARN has
// no suffix. With a kms_action an access is added for the master key over the secret's data key, as
// made through this service, and one for the second action.
Result<std::vector<policy::Access>> secret_accesses(gate::Call& call,
                                                    const Services& services,
                                                    const SecretRule& rule,
                                                    SecretsEngine& engine,
                                                    std::string_view name,
                                                    const domain::SecretPtr& secret);
// The same for the body's SecretId.
gate::Resolve on_secret(const Services& services, const SecretRule& rule);
// For operations that are about no secret in particular.
gate::Resolve on_secrets(std::string_view action,
                         std::string_view iam_action,
                         policy::Capability capability);

// The region that the request names, or the default one.
std::string region_of(const gate::Call& call);

// {"ARN":…,"Name":…} and what `more` adds.
gate::Reply secret_answer(const SecretsEngine& engine,
                          const domain::SecretRow& secret,
                          const std::function<void(formats::JsonWriter&)>& more = {});

// The tables, one a file.
void add_secret_value_operations(OperationTable& table, const Services& services);
void add_secret_batch_operations(OperationTable& table, const Services& services);
void add_secret_life_operations(OperationTable& table, const Services& services);
void add_secret_list_operations(OperationTable& table, const Services& services);
void add_secret_policy_operations(OperationTable& table, const Services& services);
void add_secret_replica_operations(OperationTable& table, const Services& services);
void add_secret_rotation_operations(OperationTable& table, const Services& services);

// Tags of the body, with AWS's refusals. `name`: of the list.
Result<std::vector<domain::SecretTag>> secret_tags(const formats::JsonView& body,
                                                   std::string_view name);

}  // namespace coffer::dialects::aws
