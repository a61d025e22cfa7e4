// The in-memory store: for tests and for development servers. Nothing survives the process;
// commit() is "durable" as long as the object lives. visit() copies everything first.
#pragma once

#include "store/store.h"

#include <memory>

namespace coffer::store {

std::unique_ptr<Store> make_memory_store();

}  // namespace coffer::store
