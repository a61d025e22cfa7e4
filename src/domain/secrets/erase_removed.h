// EraseRemoved: gives back the space of what was removed (domain/realms/erasures.h), one
// bounded unit after the other.
//
// Nothing depends on it: nobody can reach these rows. Each unit erases rows and counts them in the
// ErasureRow, the last one erases that row too; so after a crash between any two units the next
// one goes on, and no row is forgotten. Which rows are under way is read from the store each time:
// there is no cursor that could be wrong.
#pragma once

#include "domain/realms/erasures.h"
#include "domain/secrets/secrets_state.h"
#include "work/view.h"

#include <cstddef>
#include <optional>

namespace coffer::domain {

inline constexpr std::size_t kErasurePage = 90;  // rows of a unit; at most four others are changed

struct Erasure {
  Removed what{};
  std::string name;
  std::uint64_t rows = 0;  // in all units so far, this one included
  bool finished = false;
};

// Stages one unit; nullopt: there is nothing to erase. `state` forgets the uses of a mount, so that
// none is written again, and the keys of one that is finished; it outlives the view's unit.
Result<std::optional<Erasure>> erase_removed(work::View& view, SecretsState& state);

}  // namespace coffer::domain
