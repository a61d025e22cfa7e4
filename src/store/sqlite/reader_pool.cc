#include "store/sqlite/reader_pool.h"

#include <utility>

namespace coffer::store::sqlite {

Result<ReaderPool::Lease> ReaderPool::lease() {
  const std::uint64_t commits = commits_;
  COFFER_TRY(auto reader, take());
  Lease lease(*this, std::move(reader));
  COFFER_CHECK(lease->freshen(commits));
  return lease;
}

Result<std::unique_ptr<RowReader>> ReaderPool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty() || open_ < limit_; });
  if (!idle_.empty()) {
    auto reader = std::move(idle_.back());
    idle_.pop_back();
    return reader;
  }
  ++open_;
  lock.unlock();  // opening reads the schema: others need not wait for it
  Result<RowReader> reader = RowReader::open(options_, hints_);
  if (!reader) {
    lock.lock();
    --open_;
    returned_.notify_one();
    return std::unexpected(std::move(reader).error());
  }
  return std::make_unique<RowReader>(*std::move(reader));
}

void ReaderPool::release() {
  const std::lock_guard lock(mutex_);
  for (const auto& reader : idle_) reader->end_snapshot();
}

void ReaderPool::give_back(std::unique_ptr<RowReader> reader) {
  if (!holding_) reader->end_snapshot();
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }
  returned_.notify_one();
}

}  // namespace coffer::store::sqlite
