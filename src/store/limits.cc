#include "store/limits.h"

#include <algorithm>

namespace coffer::store {
namespace {

// SQL engines count rows in signed 64 bits.
constexpr std::uint64_t kMaxSequence = (std::uint64_t{1} << 63) - 1;

template <class T>
bool has_duplicates(std::vector<T>& items) {
  std::ranges::sort(items, [](const T& a, const T& b) { return *a < *b; });
  return std::ranges::adjacent_find(items, [](const T& a, const T& b) { return *a == *b; }) !=
         items.end();
}

Result<> check_put(const Put& put) {
  COFFER_CHECK(check_key(put.key.key));
  if (put.blob.size() > kMaxBlob) return fail(Code::too_large, "row is larger than 256 KiB");
  if (put.index.size() > kMaxRowEntries) {
    return fail(Code::too_large, "row has more than 64 index entries");
  }
  std::vector<const IndexEntry*> entries;
  for (const IndexEntry& entry : put.index) {
    COFFER_CHECK(check_key(entry.key));
    entries.push_back(&entry);
  }
  if (has_duplicates(entries)) {
    return fail(Code::invalid_argument, "row has the same index entry twice");
  }
  return {};
}

}  // namespace

Result<> check_key(ByteView key) {
  if (key.empty()) return fail(Code::invalid_argument, "key is empty");
  if (key.size() > kMaxKey) return fail(Code::too_large, "key is longer than 1 KiB");
  return {};
}

Result<> check_unit(const Unit& unit) {
  if (unit.puts.size() + unit.erases.size() > kMaxUnitItems || unit.checks.size() > kMaxUnitItems) {
    return fail(Code::too_large, "unit of work has more than 100 items");
  }
  std::vector<const Key*> touched;
  for (const Check& check : unit.checks) COFFER_CHECK(check_key(check.key.key));
  for (const Put& put : unit.puts) {
    COFFER_CHECK(check_put(put));
    touched.push_back(&put.key);
  }
  for (const Key& key : unit.erases) {
    COFFER_CHECK(check_key(key.key));
    touched.push_back(&key);
  }
  if (has_duplicates(touched)) {
    return fail(Code::invalid_argument, "unit of work touches a row twice");
  }
  return {};
}

Result<> check_record(ByteView record) {
  if (record.size() > kMaxRecord) return fail(Code::too_large, "log record is larger than 4 MiB");
  return {};
}

Result<> check_follows(std::uint64_t sequence, std::uint64_t last) {
  if (last >= kMaxSequence || sequence != last + 1) {
    return fail(Code::precondition_failed, "log record does not follow the last one");
  }
  return {};
}

Result<> check_drop(std::uint64_t below, std::uint64_t last) {
  if (below > std::max<std::uint64_t>(last, 1)) {
    return fail(Code::precondition_failed, "the last record of a log cannot be dropped");
  }
  return {};
}

}  // namespace coffer::store
