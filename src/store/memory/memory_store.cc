#include "store/memory/memory_store.h"

#include "store/limits.h"
#include "store/memory/memory_batch.h"
#include "store/memory/memory_state.h"
#include "store/write_gate.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

namespace coffer::store {
namespace {

// The smallest key that has the prefix and is past `after`.
Bytes first_key(ByteView prefix, ByteView after) {
  Bytes low = to_bytes(prefix);
  if (after.empty()) return low;
  Bytes past = to_bytes(after);
  past.push_back(0);
  return std::max(low, past);
}

class MemoryStore final : public Store {
 public:
  Result<std::optional<Stored>> get(const Key& key) const override {
    COFFER_CHECK(check_key(key.key));
    const std::shared_lock lock(state_.mutex);
    const auto found = state_.rows.find(key);
    if (found == state_.rows.end()) return std::optional<Stored>();
    return Stored{found->second.revision, found->second.blob};
  }

  Result<std::vector<StoredRow>> scan(TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    std::vector<StoredRow> out;
    each_row(table, realm, prefix, after, limit, [&](const auto& row) {
      out.push_back({row.first, row.second.revision, row.second.blob});
    });
    return out;
  }

  Result<std::vector<Bytes>> scan_keys(TableId table,
                                       RealmId realm,
                                       ByteView prefix,
                                       ByteView after,
                                       std::size_t limit) const override {
    std::vector<Bytes> out;
    each_row(
        table, realm, prefix, after, limit, [&](const auto& row) { out.push_back(row.first.key); });
    return out;
  }

  Result<std::vector<IndexHit>> query(IndexId index,
                                      TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    std::vector<IndexHit> out;
    const std::shared_lock lock(state_.mutex);
    const EntryPlace low{index, table, realm, first_key(prefix, after), {}};
    for (auto at = state_.entries.lower_bound(low);
         at != state_.entries.end() && limit > 0 && at->same_scope(low) &&
         starts_with(at->entry, prefix);
         ++at, --limit) {
      out.push_back({at->entry, at->row_key});
    }
    return out;
  }

  Result<std::vector<LogRecord>> read_log(LogId log,
                                          std::uint64_t from,
                                          std::size_t limit) const override {
    std::vector<LogRecord> out;
    const std::shared_lock lock(state_.mutex);
    const auto found = state_.logs.find(log);
    if (found == state_.logs.end()) return out;
    for (auto at = found->second.lower_bound(from); at != found->second.end() && limit > 0;
         ++at, --limit) {
      out.push_back({at->first, at->second});
    }
    return out;
  }

  Result<std::optional<LogRecord>> last_record(LogId log) const override {
    const std::shared_lock lock(state_.mutex);
    const auto found = state_.logs.find(log);
    if (found == state_.logs.end() || found->second.empty()) return std::optional<LogRecord>();
    const auto& [sequence, record] = *found->second.rbegin();
    return LogRecord{sequence, record};
  }

  Result<> drop_log(LogId log, std::uint64_t below) override {
    COFFER_TRY(const auto pass, gate_.enter());
    const std::unique_lock lock(state_.mutex);
    const auto found = state_.logs.find(log);
    if (found == state_.logs.end()) return check_drop(below, 0);
    COFFER_CHECK(check_drop(below, state_.last_sequence(log)));
    found->second.erase(found->second.begin(), found->second.lower_bound(below));
    return {};
  }

  Result<std::unique_ptr<Batch>> begin() override {
    COFFER_TRY(auto pass, gate_.enter());
    return make_memory_batch(std::move(pass), state_);
  }

  Result<> visit(const Visitor& visitor) const override {
    std::shared_lock lock(state_.mutex);
    const auto rows = state_.rows;
    const auto logs = state_.logs;
    lock.unlock();
    for (const auto& [log, records] : logs) {
      for (const auto& [sequence, record] : records) {
        COFFER_CHECK(visitor.record(log, LogRecord{sequence, record}));
      }
    }
    for (const auto& [key, row] : rows) {
      Put put{key, row.revision, row.blob, row.index};
      std::ranges::sort(put.index);
      COFFER_CHECK(visitor.row(put));
    }
    return {};
  }

 private:
  template <class Take>
  void each_row(TableId table,
                RealmId realm,
                ByteView prefix,
                ByteView after,
                std::size_t limit,
                Take take) const {
    const std::shared_lock lock(state_.mutex);
    const Key low{table, realm, first_key(prefix, after)};
    for (auto at = state_.rows.lower_bound(low);
         at != state_.rows.end() && limit > 0 && at->first.table == table &&
         at->first.realm == realm && starts_with(at->first.key, prefix);
         ++at, --limit) {
      take(*at);
    }
  }

  WriteGate gate_;
  MemoryState state_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace coffer::store
