#include "store/memory/memory_store.h"

#include "store/conformance.h"

namespace coffer::store {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory,
                         StoreConformance,
                         testing::Values(StoreKind{"memory", &make_memory_store}),
                         kind_name);

}  // namespace
}  // namespace coffer::store
