#include "store/sqlite/logs.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace coffer::store::sqlite {

Result<std::unique_ptr<Logs>> Logs::open(std::string vfs, std::string path, RowReader& database) {
  std::unique_ptr<Logs> logs(new Logs(std::move(vfs), std::move(path)));
  COFFER_TRY(logs->floors_, database.log_floors());
  COFFER_TRY(const auto in_database, database.logs());
  for (const LogId log : in_database) {
    COFFER_TRY(const auto last, database.last_record(log));
    if (last) logs->tips_[log] = last->sequence;
  }
  COFFER_TRY(const auto beside, SideLog::list(logs->path_));
  for (const LogId log : beside) {
    COFFER_TRY(SideLog* const opened, logs->side_or_new(log));
    COFFER_CHECK(opened->drop(logs->floor(log)));  // a crash came between the two removals
    std::uint64_t& tip = logs->tips_[log];
    tip = std::max(tip, opened->last());
  }
  return logs;
}

Logs::Tips Logs::tips() const {
  const std::scoped_lock lock(mutex_);
  return tips_;
}

std::uint64_t Logs::last(LogId log) const {
  const std::scoped_lock lock(mutex_);
  const auto at = tips_.find(log);
  return at == tips_.end() ? 0 : at->second;
}

std::uint64_t Logs::floor(LogId log) const {
  const std::scoped_lock lock(mutex_);
  const auto at = floors_.find(log);
  return at == floors_.end() ? 0 : at->second;
}

SideLog* Logs::side(LogId log) const {
  const std::scoped_lock lock(mutex_);
  const auto at = sides_.find(log);
  return at == sides_.end() ? nullptr : at->second.get();
}

Result<SideLog*> Logs::side_or_new(LogId log) {
  if (SideLog* const known = side(log)) return known;
  COFFER_TRY(auto opened, SideLog::open({vfs_, path_, log}));
  const std::scoped_lock lock(mutex_);
  return sides_.emplace(log, std::move(opened)).first->second.get();
}

Result<> Logs::append(LogId log, std::uint64_t sequence, ByteView record) {
  COFFER_TRY(SideLog* const log_file, side_or_new(log));
  return log_file->append(sequence, record);
}

Result<> Logs::settle() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [log, log_file] : sides_) COFFER_CHECK(log_file->settle());
  return {};
}

void Logs::publish(LogId log, std::uint64_t sequence) {
  const std::scoped_lock lock(mutex_);
  tips_[log] = sequence;
}

Result<> Logs::drop(LogId log, std::uint64_t below) {
  {
    const std::scoped_lock lock(mutex_);
    std::uint64_t& floor = floors_[log];
    floor = std::max(floor, below);
  }
  SideLog* const log_file = side(log);
  return log_file == nullptr ? Result<>() : log_file->drop(below);
}

Result<std::vector<LogRecord>> Logs::read(RowReader& database,
                                          LogId log,
                                          std::uint64_t tip,
                                          std::uint64_t from,
                                          std::size_t limit) const {
  from = std::max(from, floor(log));
  COFFER_TRY(auto stored, database.read_log(log, from, limit));
  const SideLog* const log_file = side(log);
  if (log_file != nullptr) {
    COFFER_TRY(auto beside, log_file->read(from, limit));
    std::vector<LogRecord> both;
    both.reserve(stored.size() + beside.size());
    std::ranges::merge(std::make_move_iterator(stored.begin()),
                       std::make_move_iterator(stored.end()),
                       std::make_move_iterator(beside.begin()),
                       std::make_move_iterator(beside.end()),
                       std::back_inserter(both),
                       {},
                       &LogRecord::sequence,
                       &LogRecord::sequence);
    stored = std::move(both);
  }
  const auto beyond = std::ranges::upper_bound(stored, tip, {}, &LogRecord::sequence);
  stored.erase(beyond, stored.end());
  if (stored.size() > limit) stored.resize(limit);
  return stored;
}

Result<std::optional<LogRecord>> Logs::read_last(RowReader& database, LogId log) const {
  const SideLog* const log_file = side(log);
  COFFER_TRY(auto stored, database.last_record(log));
  if (log_file == nullptr) return stored;
  const std::uint64_t beside = log_file->last();
  if (stored && stored->sequence >= beside) return stored;
  COFFER_TRY(auto records, log_file->read(beside, 1));
  if (records.empty()) return stored;
  return std::optional(std::move(records.front()));
}

}  // namespace coffer::store::sqlite
