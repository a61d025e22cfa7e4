#include "domain/secrets/kv_rows.h"

#include "base/wire.h"
#include "domain/secrets/data_key_wrap.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// The next thing that a job does with it; nullopt: nothing.
std::optional<Timestamp> due(const SecretExtra& extra) {
  if (extra.deletion.ns != 0) return extra.deletion;
  const bool rotates = extra.rotation && extra.rotation->enabled && extra.rotation->next.ns != 0;
  return rotates ? std::optional(extra.rotation->next) : std::nullopt;
}

}  // namespace

std::vector<store::IndexEntry> SecretRow::index() const {
  std::vector<store::IndexEntry> entries;
  if (!*extra) return entries;
  if (const auto when = due(**extra)) {
    Bytes entry;
    Writer(entry).u64(static_cast<std::uint64_t>(when->ns));
    entries.push_back({kSecretDue, std::move(entry)});
  }
  if (const auto& wrap = (*extra)->wrap) {
    entries.push_back({kSecretWraps, wrap_entry(wrap->key_uid, wrap->key_version)});
  }
  return entries;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::SecretRow>;
template struct coffer::rows::RowCodec<coffer::domain::RevisionRow>;
template struct coffer::rows::RowCodec<coffer::domain::KvConfigRow>;
