// The conformance suite: what every store must do, as GoogleTest cases over StoreConformance.
//
// The cases are in conformance_*_test.cc. A store joins by instantiating the suite beside its own
// tests:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(StoreKind{...}), kind_name);
//
// Needs GoogleTest: only tests include this header.
#pragma once

#include "store/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::store {

// One kind of store under test: a factory of empty stores that are independent of each other.
struct StoreKind {
  std::string name;
  std::function<std::shared_ptr<Store>()> make;
};

inline std::string kind_name(const testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

inline constexpr TableId kTable{7};
inline constexpr RealmId kRealm{3};
inline constexpr IndexId kIndex{2};
inline constexpr LogId kLog{1};

inline Key key(std::string_view text, RealmId realm = kRealm, TableId table = kTable) {
  return {table, realm, to_bytes(text)};
}

inline Put put(std::string_view text, std::uint64_t revision, std::string_view blob = "blob") {
  return {key(text), revision, to_bytes(blob), {}};
}

inline IndexEntry entry(std::string_view text, IndexId index = kIndex) {
  return {index, to_bytes(text)};
}

class StoreConformance : public testing::TestWithParam<StoreKind> {
 protected:
  // Applies one unit in a batch of its own and commits it.
  Result<Applied> commit(const Unit& unit) {
    COFFER_TRY(const auto batch, store->begin());
    COFFER_TRY(const Applied applied, batch->apply(unit));
    COFFER_CHECK(batch->commit());
    return applied;
  }

  void expect_committed(const Unit& unit) {
    const auto applied = commit(unit);
    ASSERT_TRUE(applied) << applied.error().message;
    ASSERT_EQ(*applied, Applied::yes);
  }

  void expect_appended(LogId log, std::uint64_t sequence, std::string_view record) {
    const auto batch = store->begin();
    ASSERT_TRUE(batch);
    ASSERT_TRUE((*batch)->append(log, sequence, as_bytes(record)));
    ASSERT_TRUE((*batch)->commit());
  }

  // "" where there is no row; else "revision:blob".
  std::string read(const Key& at) {
    const auto row = store->get(at);
    if (!row) return "error: " + row.error().message;
    if (!*row) return "";
    return std::to_string((*row)->revision) + ":" + std::string(as_text((*row)->blob));
  }

  // Keys of a scan, each followed by a space.
  std::string keys(std::string_view prefix,
                   std::string_view after = "",
                   std::size_t limit = 100,
                   RealmId realm = kRealm) {
    const auto found = store->scan_keys(kTable, realm, as_bytes(prefix), as_bytes(after), limit);
    std::string out;
    for (const Bytes& each : found.value()) out += std::string(as_text(each)) + " ";
    return out;
  }

  // "entry>row " for each hit.
  std::string hits(std::string_view prefix,
                   std::string_view after = "",
                   std::size_t limit = 100,
                   RealmId realm = kRealm) {
    const auto found =
        store->query(kIndex, kTable, realm, as_bytes(prefix), as_bytes(after), limit);
    std::string out;
    for (const auto& hit : found.value()) {
      out += std::string(as_text(hit.entry)) + ">" + std::string(as_text(hit.row_key)) + " ";
    }
    return out;
  }

  std::shared_ptr<Store> store = GetParam().make();
};

}  // namespace coffer::store
