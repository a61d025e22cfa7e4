// ForwardingStore: a store that asks another one for everything, for tests that change one answer
// of it. Never part of a program.
#pragma once

#include "store/store.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace coffer::store {

class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  Result<std::optional<Stored>> get(const Key& key) const override { return inner_->get(key); }

  Result<std::vector<StoredRow>> scan(TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    return inner_->scan(table, realm, prefix, after, limit);
  }

  Result<std::vector<Bytes>> scan_keys(TableId table,
                                       RealmId realm,
                                       ByteView prefix,
                                       ByteView after,
                                       std::size_t limit) const override {
    return inner_->scan_keys(table, realm, prefix, after, limit);
  }

  Result<std::vector<IndexHit>> query(IndexId index,
                                      TableId table,
                                      RealmId realm,
                                      ByteView prefix,
                                      ByteView after,
                                      std::size_t limit) const override {
    return inner_->query(index, table, realm, prefix, after, limit);
  }

  Result<std::vector<LogRecord>> read_log(LogId log,
                                          std::uint64_t from,
                                          std::size_t limit) const override {
    return inner_->read_log(log, from, limit);
  }

  Result<std::optional<LogRecord>> last_record(LogId log) const override {
    return inner_->last_record(log);
  }

  Result<> drop_log(LogId log, std::uint64_t below) override {
    return inner_->drop_log(log, below);
  }

  Result<std::unique_ptr<Batch>> begin() override { return inner_->begin(); }

  Result<> visit(const Visitor& visitor) const override { return inner_->visit(visitor); }

 protected:
  [[nodiscard]] Store& inner() const { return *inner_; }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace coffer::store
