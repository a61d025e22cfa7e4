// What requests for a path would ask of policies, without making any: for look-ups of capabilities.
//
// The route tables say it, the same that route requests. Reads the mount table through the view;
// says nothing about whether the secret exists.
#pragma once

#include "base/result.h"
#include "dialects/vault/route.h"
#include "domain/realms/mounts.h"
#include "gate/operation.h"
#include "work/view.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

using RouteTables = std::map<domain::Engine, RouteTable>;

// Where a path lies. `table` is null when no mount takes it; borrows from the tables.
struct Place {
  std::string mount;  // "secret/", "auth/approle/"
  std::string rest;   // of the path, below the mount
  std::shared_ptr<const domain::Mount> keep;
  const RouteTable* table = nullptr;
};

Result<Place> place_of(work::View& view, const RouteTables& tables, const std::string& path);

struct Asked {
  std::string path;  // as policies would see it
  // One for each capability that a request for a secret's path may need; none for other paths.
  std::vector<policy::Access> secret;
};

Result<Asked> asked_accesses(work::View& view, const RouteTables& tables, std::string path);

}  // namespace coffer::dialects::vault
