// The home mounts of the AWS services: where their things lie, shared with the other dialects.
//
//   KMS                transit/     the keys of Vault's transit engine
//   Secrets Manager    secret/      a kv version 2 engine
//   Parameter Store    parameter/   a kv version 2 engine
//
// A home is made in the unit of the first write that needs it. A mount of another engine at its
// path is precondition_failed: nothing is put where other clients would read it wrongly.
#pragma once

#include "base/result.h"
#include "domain/realms/mounts.h"
#include "work/view.h"

#include <cstdint>
#include <memory>

namespace coffer::dialects::aws {

enum class Home : std::uint8_t { keys, secrets, parameters };

using MountPtr = std::shared_ptr<const domain::Mount>;

// Null when nobody has made it yet.
Result<MountPtr> find_home(work::View& view, Home home);
// Made when it is not there. For handlers.
Result<MountPtr> home_for_write(work::View& view, Home home);

}  // namespace coffer::dialects::aws
