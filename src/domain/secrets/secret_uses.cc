#include "domain/secrets/secret_uses.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {
namespace {

void merge(VersionDays& into, const VersionDays& days) {
  for (const auto& [version, day] : days) {
    std::uint32_t& at = into[version];
    at = std::max(at, day);
  }
}

}  // namespace

Bytes SecretUseRow::key_of(ByteView mount, ByteView uid) {
  Bytes key = to_bytes(mount);
  append(key, uid);
  return key;
}

void SecretUses::note(ByteView mount, ByteView uid, std::uint64_t version, Timestamp now) {
  const std::uint32_t day = day_of(now);
  const Bytes place = SecretUseRow::key_of(mount, uid);
  const std::scoped_lock lock(mutex_);
  auto at = noted_.find(place);
  if (at == noted_.end()) {
    if (noted_.size() >= kMaxKept) return;
    at = noted_.emplace(place, Noted{to_bytes(mount), to_bytes(uid), {}, true}).first;
  }
  std::uint32_t& known = at->second.days[version];
  if (known == day) return;
  known = day;
  at->second.written = false;
}

VersionDays SecretUses::days(ByteView mount, ByteView uid) const {
  const Bytes place = SecretUseRow::key_of(mount, uid);
  const std::scoped_lock lock(mutex_);
  const auto at = noted_.find(place);
  return at == noted_.end() ? VersionDays{} : at->second.days;
}

std::vector<SecretUses::Due> SecretUses::take_due(std::size_t limit, Timestamp now) {
  const std::uint32_t today = day_of(now);
  std::vector<Due> due;
  const std::scoped_lock lock(mutex_);
  for (auto at = noted_.begin(); at != noted_.end() && due.size() < limit;) {
    Noted& noted = at->second;
    const auto is_today = [today](const auto& entry) { return entry.second >= today; };
    if (noted.written && std::ranges::none_of(noted.days, is_today)) {
      at = noted_.erase(at);
      continue;
    }
    if (!noted.written) {
      due.push_back({noted.mount, noted.uid, noted.days});
      noted.written = true;
    }
    ++at;
  }
  return due;
}

void SecretUses::forget(ByteView mount, ByteView uid) {
  const std::scoped_lock lock(mutex_);
  noted_.erase(SecretUseRow::key_of(mount, uid));
}

void SecretUses::forget_mount(ByteView mount) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(noted_, [&](const auto& noted) { return starts_with(noted.first, mount); });
}

Result<VersionDays> days_of_use(work::View& view,
                                const SecretUses& uses,
                                ByteView mount,
                                ByteView uid) {
  VersionDays days = uses.days(mount, uid);
  COFFER_TRY(const auto row, view.find<SecretUseRow>(SecretUseRow::key_of(mount, uid)));
  if (row) merge(days, *row->row.days);
  return days;
}

Result<std::size_t> write_secret_uses(work::View& view, SecretUses& uses, std::size_t limit) {
  std::size_t staged = 0;
  for (SecretUses::Due& due : uses.take_due(limit, view.now())) {
    COFFER_TRY(const auto found, view.find<SecretUseRow>(SecretUseRow::key_of(due.mount, due.uid)));
    if (found) merge(due.days, *found->row.days);
    constexpr std::size_t kMostVersions = 200;
    while (due.days.size() > kMostVersions) due.days.erase(due.days.begin());
    SecretUseRow row;
    *row.mount = std::move(due.mount);
    *row.uid = std::move(due.uid);
    *row.days = std::move(due.days);
    COFFER_CHECK(view.put(std::move(row)));
    ++staged;
  }
  return staged;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::SecretUseRow>;
