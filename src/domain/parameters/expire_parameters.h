// ExpireParameters: removes parameters whose Expiration policy has come due.
//
// Nothing depends on it: an expired parameter is not there for whoever looks. Called by a job.
#pragma once

#include "domain/secrets/secrets_state.h"
#include "work/view.h"

#include <optional>
#include <string>

namespace coffer::domain {

// Stages the removal of the parameter that is due the longest and gives its path, with its mount;
// nullopt: none is due. `state` outlives the view's unit.
struct ExpiredParameter {
  std::string mount;  // "parameter/"
  std::string path;
};

Result<std::optional<ExpiredParameter>> expire_one_parameter(work::View& view, SecretsState& state);

}  // namespace coffer::domain
