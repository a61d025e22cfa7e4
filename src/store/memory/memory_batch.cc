#include "store/memory/memory_batch.h"

#include "store/limits.h"

#include <mutex>
#include <utility>

namespace coffer::store {
namespace {

class MemoryBatch final : public Batch {
 public:
  MemoryBatch(WriteGate::Pass pass, MemoryState& state) : pass_(std::move(pass)), state_(state) {}

  Result<Applied> apply(const Unit& unit) override {
    COFFER_CHECK(check_open());
    COFFER_CHECK(check_unit(unit));
    for (const Check& check : unit.checks) {
      if (revision_of(check.key) != check.revision) return Applied::conflict;
    }
    for (const Put& put : unit.puts) {
      if (put.same_index && !revision_of(put.key)) {
        return fail(Code::precondition_failed, "there is no row whose entries could stay");
      }
    }
    for (const Put& put : unit.puts) {
      auto index = put.same_index ? index_of(put.key) : put.index;
      rows_[put.key] = MemoryRow{put.revision, put.blob, std::move(index)};
    }
    for (const Key& key : unit.erases) rows_[key] = std::nullopt;
    return Applied::yes;
  }

  Result<> append(LogId log, std::uint64_t sequence, ByteView record) override {
    COFFER_CHECK(check_open());
    COFFER_CHECK(check_record(record));
    std::vector<Bytes>& waiting = records_[log];
    COFFER_CHECK(check_follows(sequence, state_.last_sequence(log) + waiting.size()));
    waiting.push_back(to_bytes(record));
    return {};
  }

  Result<> commit() override {
    COFFER_CHECK(check_open());
    {
      const std::unique_lock lock(state_.mutex);
      publish();
    }
    pass_.reset();
    return {};
  }

 private:
  void publish() {
    for (auto& [key, row] : rows_) state_.replace(key, std::move(row));
    for (auto& [log, waiting] : records_) {
      std::uint64_t sequence = state_.last_sequence(log);
      for (Bytes& record : waiting) state_.logs[log].emplace(++sequence, std::move(record));
    }
  }

  [[nodiscard]] Result<> check_open() const {
    if (!pass_) return fail(Code::precondition_failed, "the batch has ended");
    return {};
  }

  [[nodiscard]] std::optional<std::uint64_t> revision_of(const Key& key) const {
    if (const auto staged = rows_.find(key); staged != rows_.end()) {
      if (!staged->second) return std::nullopt;
      return staged->second->revision;
    }
    const auto found = state_.rows.find(key);
    if (found == state_.rows.end()) return std::nullopt;
    return found->second.revision;
  }

  [[nodiscard]] std::vector<IndexEntry> index_of(const Key& key) const {
    if (const auto staged = rows_.find(key); staged != rows_.end()) {
      return staged->second ? staged->second->index : std::vector<IndexEntry>();
    }
    const auto found = state_.rows.find(key);
    return found == state_.rows.end() ? std::vector<IndexEntry>() : found->second.index;
  }

  std::optional<WriteGate::Pass> pass_;  // nullopt: the batch has ended
  MemoryState& state_;
  std::map<Key, std::optional<MemoryRow>> rows_;
  std::map<LogId, std::vector<Bytes>> records_;
};

}  // namespace

std::unique_ptr<Batch> make_memory_batch(WriteGate::Pass pass, MemoryState& state) {
  return std::make_unique<MemoryBatch>(std::move(pass), state);
}

}  // namespace coffer::store
