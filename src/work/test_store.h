// TestStore: a store that fails, waits and counts on demand, around one that works. For tests.
//
// The knobs may be turned from any thread. A commit that is held waits until release(); destroy the
// object only after that.
#pragma once

#include "store/forwarding_store.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace coffer::work {

class TestStore final : public store::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  enum class Fail : std::uint8_t { nothing, begin, apply, append, commit };
  std::atomic<Fail> fail = Fail::nothing;
  mutable std::atomic<std::uint64_t> reads = 0;  // get, scan and query
  std::atomic<std::uint64_t> commits = 0;        // that succeeded
  std::atomic<std::uint64_t> commits_reached = 0;

  void hold_commits() {
    const std::scoped_lock lock(mutex_);
    held_ = true;
  }

  void release() {
    {
      const std::scoped_lock lock(mutex_);
      held_ = false;
    }
    released_.notify_all();
  }

  Result<std::optional<store::Stored>> get(const store::Key& key) const override {
    ++reads;
    return ForwardingStore::get(key);
  }

  Result<std::vector<store::StoredRow>> scan(store::TableId table,
                                             store::RealmId realm,
                                             ByteView prefix,
                                             ByteView after,
                                             std::size_t limit) const override {
    ++reads;
    return ForwardingStore::scan(table, realm, prefix, after, limit);
  }

  Result<std::vector<Bytes>> scan_keys(store::TableId table,
                                       store::RealmId realm,
                                       ByteView prefix,
                                       ByteView after,
                                       std::size_t limit) const override {
    ++reads;
    return ForwardingStore::scan_keys(table, realm, prefix, after, limit);
  }

  Result<std::vector<IndexHit>> query(store::IndexId index,
                                      store::TableId table,
                                      store::RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    ++reads;
    return ForwardingStore::query(index, table, realm, prefix, after, limit);
  }

  Result<std::unique_ptr<store::Batch>> begin() override {
    COFFER_CHECK(step(Fail::begin));
    COFFER_TRY(auto batch, ForwardingStore::begin());
    return std::make_unique<HeldBatch>(*this, std::move(batch));
  }

 private:
  class HeldBatch final : public store::Batch {
   public:
    HeldBatch(TestStore& store, std::unique_ptr<store::Batch> inner)
        : store_(store), inner_(std::move(inner)) {}

    Result<store::Applied> apply(const store::Unit& unit) override {
      COFFER_CHECK(store_.step(Fail::apply));
      return inner_->apply(unit);
    }

    Result<> append(store::LogId log, std::uint64_t sequence, ByteView record) override {
      COFFER_CHECK(store_.step(Fail::append));
      return inner_->append(log, sequence, record);
    }

    Result<> commit() override {
      ++store_.commits_reached;
      store_.wait_for_release();
      COFFER_CHECK(store_.step(Fail::commit));
      COFFER_CHECK(inner_->commit());
      ++store_.commits;
      return {};
    }

   private:
    TestStore& store_;
    std::unique_ptr<store::Batch> inner_;
  };

  [[nodiscard]] Result<> step(Fail what) const {
    if (fail == what) return coffer::fail(Code::unavailable, "the disk of the store is full");
    return {};
  }

  void wait_for_release() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return !held_; });
  }

  std::mutex mutex_;
  std::condition_variable released_;
  bool held_ = false;
};

}  // namespace coffer::work
