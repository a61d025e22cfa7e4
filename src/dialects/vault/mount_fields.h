// The fields of a mount as sys/mounts and sys/auth read and write them.
//
// Errors are invalid_argument and name the field. Durations are kept as they are given (0: the
// server's own); the effective ones are worked out where leases are made.
#pragma once

#include "base/result.h"
#include "domain/realms/mounts.h"
#include "formats/json.h"
#include "formats/vault_fields.h"

#include <string_view>

namespace coffer::dialects::vault {

// Sets the engine that `type` names for this kind of mount, and the options: "kv" with the option
// "version", "kv-v1", "kv-v2", "generic" (KV v1) and "pki"; "approle", "userpass" and "cert".
// Unknown types, and the ones that every realm has once, are "plugin not found in the catalog".
Result<> apply_type(domain::MountKind kind,
                    std::string_view type,
                    const formats::TextMap& options,
                    domain::Mount& mount);

// Options of a tuning. A KV mount keeps its version: its data are not converted.
Result<> apply_options(const formats::TextMap& options, domain::Mount& mount);

// The members of "config", which are also the fields of a tuning. Absent ones stay as they are.
Result<> apply_config(const formats::JsonView& config, domain::Mount& mount);

// The object that GET …/tune answers with.
void write_tuning(formats::JsonWriter& w, const domain::Mount& mount, domain::MountKind kind);

// "options": null when there are none.
void write_options(formats::JsonWriter& w, const domain::Mount& mount);

}  // namespace coffer::dialects::vault
