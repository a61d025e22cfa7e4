// Secrets Manager: making secrets, reading and writing their values, moving stages.
#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_keys.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"
#include "dialects/aws/secret_value.h"
#include "domain/secrets/stages.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

using domain::SecretPtr;
using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

Result<gate::Reply> create(gate::Call& call, const Services& services) {
  COFFER_TRY(const GivenSecret given, given_secret(call.body));
  COFFER_TRY(const std::string token, request_token(call.body, given.has_value()));
  domain::NewSecret fresh;
  COFFER_TRY(fresh.name, text_or_empty(call.body, "Name"));
  COFFER_CHECK(domain::check_secret_name(fresh.name));
  fresh.region = region_of(call);
  COFFER_TRY(fresh.description, text_or_empty(call.body, "Description"));
  COFFER_TRY(fresh.type, text_or_empty(call.body, "Type"));
  COFFER_TRY(fresh.tags, secret_tags(call.body, "Tags"));
  COFFER_TRY(fresh.kms_key, text_or_empty(call.body, "KmsKeyId"));
  COFFER_TRY(fresh.replicas, replica_regions(call.body, fresh.region));
  COFFER_TRY(const auto under, key_of_id(call, services, fresh.kms_key));
  fresh.under = under ? &*under : nullptr;
  fresh.token = token;
  if (given.has_value()) fresh.value = given.value();
  COFFER_TRY(SecretsEngine engine, secrets_engine_for_write(call, services));
  COFFER_TRY(const SecretPtr made, engine.secrets.create(fresh));
  call.note("secret", fresh.name);
  const domain::SecretRow& row = made->row;
  return secret_answer(engine, row, [&](JsonWriter& w) {
    if (given.has_value()) w.key("VersionId").string(token);
    write_replication(w, row);
  });
}

// Asks for the master key that the body names, over the secret of the first access.
Result<> add_new_key(gate::Call& call,
                     const Services& services,
                     std::vector<policy::Access>& accesses) {
  COFFER_TRY(const std::string key_id, text_or_empty(call.body, "KmsKeyId"));
  COFFER_TRY(const auto under, key_of_id(call, services, key_id));
  if (!under) return {};
  const std::string arn = accesses.front().iam->resource;
  for (const std::string_view action : {"kms:GenerateDataKey", "kms:Decrypt"}) {
    COFFER_TRY(auto key, key_access(call, services, action, under->key, arn));
    accesses.push_back(std::move(key));
  }
  return {};
}

// Also asks for its tags and replicas, and for the master key that the secret will lie under.
Result<std::vector<policy::Access>> resolve_create(gate::Call& call, const Services& services) {
  COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
  COFFER_TRY(const std::string name, text_or_empty(call.body, "Name"));
  const SecretRule rule{.action = "secret.write",
                        .iam_action = "secretsmanager:CreateSecret",
                        .capability = Capability::create,
                        .place = "data/"};
  COFFER_TRY(auto accesses, secret_accesses(call, services, rule, engine, name, nullptr));
  if (!items(call.body, "Tags").empty()) also_ask(accesses, "secretsmanager:TagResource");
  if (!items(call.body, "AddReplicaRegions").empty()) {
    also_ask(accesses, "secretsmanager:ReplicateSecretToRegions");
  }
  COFFER_CHECK(add_new_key(call, services, accesses));
  return accesses;
}

Result<gate::Reply> get(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_TRY(const std::string id, text_or_empty(call.body, "VersionId"));
  COFFER_TRY(const std::string stage, text_or_empty(call.body, "VersionStage"));
  COFFER_TRY(const ReadSecret read, read_secret(found.engine, found.secret, id, stage));
  call.note("version", std::to_string(read.version.number));
  return value_answer(found.engine, *found.secret, read);
}

Result<gate::Reply> put(gate::Call& call, const Services& services) {
  COFFER_TRY(const GivenSecret given, given_secret(call.body));
  if (!given.has_value()) {
    return coffer::fail(Code::precondition_failed,
                        "You must provide either SecretString or SecretBinary.");
  }
  COFFER_TRY(const std::string token, request_token(call.body, true));
  COFFER_TRY(const auto stages, texts(call.body, "VersionStages"));
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_TRY(const SecretPtr stored,
             found.engine.secrets.put_value(found.secret, token, given.value(), stages));
  const domain::SecretRow& row = stored->row;
  const std::uint64_t version = domain::version_of_id(row, token);
  call.note("version", std::to_string(version));
  return secret_answer(found.engine, row, [&](JsonWriter& w) {
    w.key("VersionId").string(token);
    const auto held = domain::stages_of(row, version);
    if (!held.empty()) w.key("VersionStages").strings(held);
  });
}

Result<gate::Reply> update(gate::Call& call, const Services& services) {
  COFFER_TRY(const GivenSecret given, given_secret(call.body));
  domain::SecretUpdate change;
  COFFER_TRY(change.token, request_token(call.body, given.has_value()));
  COFFER_TRY(change.description, text(call.body, "Description"));
  COFFER_TRY(change.type, text(call.body, "Type"));
  COFFER_TRY(change.kms_key, text(call.body, "KmsKeyId"));
  std::optional<domain::WrapUnder> under;
  if (change.kms_key) {
    COFFER_TRY(under, key_of_id(call, services, *change.kms_key));
  }
  change.under = under ? &*under : nullptr;
  if (given.has_value()) change.value = given.value();
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_TRY(const SecretPtr stored, found.engine.secrets.update(found.secret, change));
  if (!given.has_value()) call.event.type = EventType::secret_metadata_changed;
  return secret_answer(found.engine, stored->row, [&](JsonWriter& w) {
    if (given.has_value()) w.key("VersionId").string(change.token);
  });
}

// Also asks for the master key that it moves under. A new key opens the data key with the old one:
// who may not do so must not have it done, or the secret would be readable without the old key.
gate::Resolve resolve_update(const Services& services) {
  SecretRule rule{.action = "secret.write",
                  .iam_action = "secretsmanager:UpdateSecret",
                  .capability = Capability::update,
                  .place = "data/",
                  .kms_action = "kms:GenerateDataKey"};
  const gate::Resolve under_its_key = on_secret(services, rule);
  rule.second_kms_action = "kms:Decrypt";
  const gate::Resolve from_its_key = on_secret(services, rule);
  return [under_its_key, from_its_key, services](
             gate::Call& call) -> Result<std::vector<policy::Access>> {
    const bool moves = call.body.find_value("KmsKeyId").has_value();
    COFFER_TRY(auto accesses, moves ? from_its_key(call) : under_its_key(call));
    COFFER_CHECK(add_new_key(call, services, accesses));
    return accesses;
  };
}

Result<gate::Reply> move_stage(gate::Call& call, const Services& services) {
  COFFER_TRY(const std::string stage, text_or_empty(call.body, "VersionStage"));
  COFFER_TRY(const std::string from, text_or_empty(call.body, "RemoveFromVersionId"));
  COFFER_TRY(const std::string to, text_or_empty(call.body, "MoveToVersionId"));
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_CHECK(found.engine.secrets.move_stage(found.secret, stage, from, to));
  call.note("stage", stage);
  return secret_answer(found.engine, found.secret->row);
}

}  // namespace

void add_secret_value_operations(OperationTable& table, const Services& services) {
  const auto handler = [services](auto function) -> gate::Handler {
    return [services, function](gate::Call& call) { return function(call, services); };
  };
  constexpr Service kService = Service::secrets_manager;
  table.push_back(guarded(
      kService,
      "CreateSecret",
      secret_shapes::kCreate,
      EventType::secret_created,
      [services](gate::Call& call) { return resolve_create(call, services); },
      handler(create)));
  table.push_back(guarded(kService,
                          "GetSecretValue",
                          secret_shapes::kGet,
                          EventType::secret_accessed,
                          on_secret(services,
                                    {.action = "secret.read",
                                     .iam_action = "secretsmanager:GetSecretValue",
                                     .capability = Capability::read,
                                     .place = "data/",
                                     .kms_action = "kms:Decrypt"}),
                          handler(get)));
  table.push_back(guarded(kService,
                          "PutSecretValue",
                          secret_shapes::kPut,
                          EventType::secret_updated,
                          on_secret(services,
                                    {.action = "secret.write",
                                     .iam_action = "secretsmanager:PutSecretValue",
                                     .capability = Capability::update,
                                     .place = "data/",
                                     .kms_action = "kms:GenerateDataKey"}),
                          handler(put)));
  table.push_back(guarded(kService,
                          "UpdateSecret",
                          secret_shapes::kUpdate,
                          EventType::secret_updated,
                          resolve_update(services),
                          handler(update)));
  table.push_back(guarded(kService,
                          "UpdateSecretVersionStage",
                          secret_shapes::kMove,
                          EventType::secret_stage_moved,
                          on_secret(services,
                                    {.action = "secret.metadata_write",
                                     .iam_action = "secretsmanager:UpdateSecretVersionStage",
                                     .capability = Capability::update}),
                          handler(move_stage)));
}

}  // namespace coffer::dialects::aws
