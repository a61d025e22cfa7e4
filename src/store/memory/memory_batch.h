// The Batch of the in-memory store: changes wait in an overlay until commit().
//
// `state` is borrowed and outlives the batch; `pass` keeps every other writer away from it.
#pragma once

#include "store/memory/memory_state.h"
#include "store/write_gate.h"

#include <memory>

namespace coffer::store {

std::unique_ptr<Batch> make_memory_batch(WriteGate::Pass pass, MemoryState& state);

}  // namespace coffer::store
