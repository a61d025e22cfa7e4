#include "rows/rows.h"

#include <algorithm>
#include <mutex>

namespace coffer::rows {
namespace {

constexpr std::size_t kPage = 1000;

std::unexpected<Error> tampered(const store::Key& key, const char* what) {
  return fail(Code::corrupt, "row of table " + std::to_string(key.table.value()) + " " + what);
}

bool touches_guard(const std::vector<Change>& changes) {
  return std::ranges::any_of(changes,
                             [](const Change& change) { return is_guarded(change.key.table); });
}

}  // namespace

Result<std::unique_ptr<Rows>> Rows::open(const store::Store& store,
                                         std::shared_ptr<const keys::Keyring> keyring,
                                         std::size_t cache_octets) {
  std::unique_ptr<Rows> rows(new Rows(store, std::move(keyring), cache_octets));
  COFFER_CHECK(rows->load_guard());
  return rows;
}

Result<> Rows::load_guard() {
  for (const store::RealmId realm : kRealms) {
    for (std::uint16_t table = 0; table < tables::kFirstRowTable.value(); ++table) {
      COFFER_CHECK(load_table(store::TableId(table), realm));
    }
    for (const TableSpec& table : tables::kAll) {
      if (table.guard == Guard::yes) COFFER_CHECK(load_table(table.id, realm));
    }
  }
  digest_value_ = digest_.value();
  return {};
}

// The records of the seal are not sealed by the keyring: what made it has verified them.
Result<> Rows::load_table(store::TableId table, store::RealmId realm) {
  Bytes after;
  while (true) {
    COFFER_TRY(const auto page, store_.scan(table, realm, {}, after, kPage));
    for (const store::StoredRow& row : page) {
      if (is_guarded(table)) {
        COFFER_CHECK(verify_blob(*keyring_, {row.key, row.revision}, row.blob));
      }
      const RowState state{row.revision, change_seal(table, row.blob)};
      guard_.emplace(row.key, state);
      digest_.add(row.key, state);
    }
    if (page.size() < kPage) return {};
    after = page.back().key.key;
  }
}

std::shared_ptr<const keys::Keyring> Rows::keyring() const {
  const std::shared_lock lock(mutex_);
  return keyring_;
}

void Rows::set_keyring(std::shared_ptr<const keys::Keyring> keyring) {
  const std::scoped_lock lock(mutex_);
  keyring_ = std::move(keyring);
}

bool Rows::has_guarded() const {
  const std::shared_lock lock(mutex_);
  return !guard_.empty();
}

Rows::Expectation Rows::expectation(const store::Key& key) const {
  const std::shared_lock lock(mutex_);
  Expectation out{.committed = {}, .coming = {}, .epoch = epoch_};
  if (const auto at = guard_.find(key); at != guard_.end()) out.committed = at->second.revision;
  if (const auto at = coming_.find(key); at != coming_.end()) {
    out.coming = at->second ? Expected(at->second->revision) : std::nullopt;
  }
  return out;
}

Result<std::optional<store::Stored>> Rows::read(const store::Key& key) const {
  if (!is_guarded(key.table)) return store_.get(key);
  while (true) {
    const Expectation expected = expectation(key);
    // What the guard does not know is not there, whatever lies in the store.
    if (!expected.committed && !expected.coming) return std::optional<store::Stored>();
    COFFER_TRY(auto stored, store_.get(key));
    const Expected found = stored ? Expected(stored->revision) : std::nullopt;
    // A commit is durable an instant before the guard learns of it: both states may be served.
    const bool coming = expected.coming.has_value() && *expected.coming == found;
    if (found == expected.committed || coming) return stored;
    if (expectation(key).epoch != expected.epoch) continue;  // a commit landed between the reads
    if (!expected.committed) return std::optional<store::Stored>();  // inserted behind our back
    return tampered(key, stored ? "is not the revision that was written last" : "is missing");
  }
}

Result<std::optional<std::uint64_t>> Rows::revision(const store::Key& key) {
  if (is_guarded(key.table)) return expectation(key).committed;
  if (const auto cached = cache_.find(key)) return std::optional(cached->revision);
  COFFER_TRY(const auto stored, store_.get(key));
  if (!stored) return std::optional<std::uint64_t>();
  return std::optional(stored->revision);
}

// The witnessed rows after `changes`, and the digest with them: each change takes the state before
// it away, that of an earlier change of the same row where there was one.
Rows::Coming Rows::fold(const std::vector<Change>& changes) {
  Coming coming;
  coming_digest_ = digest_;
  coming_digest_value_ = digest_value_;
  for (const Change& change : changes) {
    if (!is_witnessed(change.key.table)) continue;
    const auto [at, first] = coming.try_emplace(change.key);
    if (first) {
      if (const auto old = guard_.find(change.key); old != guard_.end()) at->second = old->second;
    }
    if (at->second) coming_digest_.remove(change.key, *at->second);
    at->second.reset();
    if (change.revision == 0) continue;
    at->second = RowState{change.revision, change.seal};
    coming_digest_.add(change.key, *at->second);
  }
  if (!coming.empty()) coming_digest_value_ = coming_digest_.value();
  return coming;
}

crypto::Digest Rows::begin_commit(const std::vector<Change>& changes) {
  if (touches_guard(changes)) ++guard_epoch_;
  Coming coming = fold(changes);
  const std::scoped_lock lock(mutex_);
  ++epoch_;
  coming_ = std::move(coming);
  return coming_digest_value_;
}

void Rows::applied(const std::vector<Change>& changes) {
  replace_committed(changes);
  // Last: whoever saw an older state in between has an older epoch.
  if (touches_guard(changes)) ++guard_epoch_;
}

void Rows::replace_committed(const std::vector<Change>& changes) {
  {
    const std::scoped_lock lock(mutex_);
    ++epoch_;
    for (const auto& [key, state] : coming_) {
      if (state) {
        guard_.insert_or_assign(key, *state);
      } else {
        guard_.erase(key);
      }
    }
    coming_.clear();
  }
  digest_ = coming_digest_;
  digest_value_ = coming_digest_value_;
  for (const Change& change : changes) {
    if (change.row) {
      cache_.replace(change.key, {change.row, change.revision, change.octets});
    } else {
      cache_.remove(change.key);
    }
  }
}

void Rows::abandoned(const std::vector<Change>& changes) {
  {
    const std::scoped_lock lock(mutex_);
    ++epoch_;
    coming_.clear();
  }
  // Whatever a reader saw in that instant is not kept.
  for (const Change& change : changes) cache_.remove(change.key);
  if (touches_guard(changes)) ++guard_epoch_;
}

}  // namespace coffer::rows
