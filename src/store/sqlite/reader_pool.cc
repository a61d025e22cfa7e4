#include "store/sqlite/reader_pool.h"

#include <utility>

namespace coffer::store::sqlite {

Result<ReaderPool::Lease> ReaderPool::lease() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty() || open_ < limit_; });
  if (!idle_.empty()) {
    auto reader = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(reader));
  }
  ++open_;
  lock.unlock();  // opening reads the schema: others need not wait for it
  Result<RowReader> reader = RowReader::open(options_);
  if (!reader) {
    lock.lock();
    --open_;
    returned_.notify_one();
    return std::unexpected(std::move(reader).error());
  }
  return Lease(*this, std::make_unique<RowReader>(*std::move(reader)));
}

void ReaderPool::give_back(std::unique_ptr<RowReader> reader) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }
  returned_.notify_one();
}

}  // namespace coffer::store::sqlite
