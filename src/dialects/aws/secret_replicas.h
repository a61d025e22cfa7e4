// Replication of secrets, as far as there is something to replicate: Coffer has one namespace over
// all regions, so that a secret can be read under every region's name as soon as it exists. A
// replica is therefore a note on the secret, and in step with it by construction; it refuses
// changes that are asked in its own region, as in AWS, and cannot become a secret of its own.
#pragma once

#include "domain/secrets/kv_rows.h"
#include "formats/json.h"
#include "gate/operation.h"

#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

// AddReplicaRegions. `home`: the secret's own region, which is no replica.
Result<std::vector<domain::Replica>> replica_regions(const formats::JsonView& body,
                                                     std::string_view home);
// "ReplicationStatus", where there are replicas.
void write_replication(formats::JsonWriter& w, const domain::SecretRow& secret);
// Whether the request asks for a change in the region of a replica.
Result<> refuse_in_replica(const gate::Call& call, const domain::SecretRow& secret);

}  // namespace coffer::dialects::aws
