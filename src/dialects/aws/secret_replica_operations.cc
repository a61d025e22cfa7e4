// Secrets Manager: replication.
#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"

#include <algorithm>
#include <utility>

namespace coffer::dialects::aws {
namespace {

using domain::Replica;
using formats::JsonWriter;

std::vector<Replica> replicas_of(const domain::SecretRow& secret) {
  return *secret.extra ? (*secret.extra)->replicas : std::vector<Replica>();
}

std::string home_of(const domain::SecretRow& secret) {
  return *secret.extra ? (*secret.extra)->region : std::string();
}

gate::Reply status_answer(const SecretsEngine& engine, const domain::SecretRow& secret) {
  return json_answer([&](JsonWriter& w) {
    w.key("ARN").string(engine.secrets.arn(secret));
    write_replication(w, secret);
  });
}

// The answer is about the secret as it is after the change.
Result<gate::Reply> changed(FoundSecret& found, std::vector<Replica> replicas) {
  COFFER_CHECK(found.engine.secrets.set_replicas(found.secret, std::move(replicas)));
  COFFER_TRY(const auto now, found.engine.secrets.find(*found.secret->row.path));
  return status_answer(found.engine, now->row);
}

Result<gate::Reply> replicate(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  std::vector<Replica> replicas = replicas_of(found.secret->row);
  COFFER_TRY(const auto more, replica_regions(call.body, home_of(found.secret->row)));
  for (const Replica& one : more) {
    const auto at = std::ranges::find(replicas, one.region, &Replica::region);
    if (at == replicas.end()) replicas.push_back(one);
  }
  return changed(found, std::move(replicas));
}

Result<gate::Reply> remove_regions(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_TRY(const auto regions, texts(call.body, "RemoveReplicaRegions"));
  std::vector<Replica> replicas = replicas_of(found.secret->row);
  std::erase_if(replicas, [&](const Replica& one) {
    return std::ranges::find(regions, one.region) != regions.end();
  });
  return changed(found, std::move(replicas));
}

Result<gate::Reply> stop(gate::Call& call, const Services& services) {
  COFFER_TRY(const FoundSecret found, find_secret(call, services));
  return coffer::fail(
      Code::precondition_failed,
      "Operation not permitted: a replica shares the only copy of its primary secret, and cannot "
      "become a secret of its own.");
}

}  // namespace

Result<std::vector<Replica>> replica_regions(const formats::JsonView& body, std::string_view home) {
  std::vector<Replica> replicas;
  for (const formats::JsonView& item : items(body, "AddReplicaRegions")) {
    Replica replica;
    COFFER_TRY(replica.region, text_or_empty(item, "Region"));
    COFFER_TRY(replica.kms_key, text_or_empty(item, "KmsKeyId"));
    if (replica.region.empty() || replica.region == home) {
      return coffer::fail(Code::invalid_argument, "Invalid replica region.");
    }
    const auto same = std::ranges::find(replicas, replica.region, &Replica::region);
    if (same == replicas.end()) replicas.push_back(std::move(replica));
  }
  return replicas;
}

void write_replication(JsonWriter& w, const domain::SecretRow& secret) {
  const auto replicas = replicas_of(secret);
  if (replicas.empty()) return;
  w.key("ReplicationStatus").begin_array();
  for (const Replica& replica : replicas) {
    w.begin_object().key("Region").string(replica.region);
    w.key("KmsKeyId")
        .string(replica.kms_key.empty() ? "alias/aws/secretsmanager" : replica.kms_key);
    w.key("Status").string("InSync");
    w.key("StatusMessage").string("The primary secret itself is read in this region.");
    w.end_object();
  }
  w.end_array();
}

Result<> refuse_in_replica(const gate::Call& call, const domain::SecretRow& secret) {
  const std::string region = region_of(call);
  const auto replicas = replicas_of(secret);
  if (std::ranges::find(replicas, region, &Replica::region) == replicas.end()) return {};
  return coffer::fail(Code::precondition_failed,
                      "Operation not permitted on a replica secret. Call must be made in primary "
                      "secret's region.");
}

void add_secret_replica_operations(OperationTable& table, const Services& services) {
  const auto add =
      [&](std::string_view name, const Shape& shape, std::string_view iam_action, auto function) {
        table.push_back(
            guarded(Service::secrets_manager,
                    name,
                    shape,
                    proof::EventType::secret_metadata_changed,
                    on_secret(services,
                              {.action = "secret.metadata_write",
                               .iam_action = iam_action,
                               .capability = policy::Capability::update}),
                    [services, function](gate::Call& call) { return function(call, services); }));
      };
  add("ReplicateSecretToRegions",
      secret_shapes::kReplicate,
      "secretsmanager:ReplicateSecretToRegions",
      replicate);
  add("RemoveRegionsFromReplication",
      secret_shapes::kRemoveRegions,
      "secretsmanager:RemoveRegionsFromReplication",
      remove_regions);
  add("StopReplicationToReplica",
      secret_shapes::kOne,
      "secretsmanager:StopReplicationToReplica",
      stop);
}

}  // namespace coffer::dialects::aws
