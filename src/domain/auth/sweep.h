// Sweep: removes what is dead anyway. Nothing depends on it: what is expired or revoked is refused
// by whoever reads it; the sweep gives the space back.
//
// It removes expired, spent and revoked tokens with their accessors, then the descendants of each,
// and expired wraps, SecretIDs and lockouts. A revoked token's row stays until its children's rows
// are gone (a child that has children is marked as revoked itself, and the next sweep goes on from
// it), so that no row is forgotten however large the tree.
#pragma once

#include "base/result.h"
#include "work/view.h"

#include <cstddef>

namespace coffer::domain {

// Stages at most 2 x `limit` changes (at most 40 x 2); gives how many rows were treated. As many as
// `limit`: there may be more.
Result<std::size_t> sweep_expired(work::View& view, std::size_t limit);

}  // namespace coffer::domain
