#include "rows/rows.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace coffer::rows {
namespace {

constexpr std::size_t kPage = 1000;

bool guarded(store::TableId table) {
  return std::ranges::any_of(guarded_tables(), [&](const TableSpec& t) { return t.id == table; });
}

std::unexpected<Error> tampered(const store::Key& key, const char* what) {
  return fail(Code::corrupt, "row of table " + std::to_string(key.table.value()) + " " + what);
}

}  // namespace

std::span<const TableSpec> guarded_tables() {
  using namespace tables;
  static constexpr std::array kAll{kMounts,
                                   kPolicies,
                                   kEntities,
                                   kAliases,
                                   kTokens,
                                   kTokenAccessors,
                                   kTokenRoles,
                                   kAppRoles,
                                   kSecretIds,
                                   kUsers,
                                   kLockouts,
                                   kWraps,
                                   kSettings,
                                   kRoleIds,
                                   kJobs};
  return kAll;
}

Result<std::unique_ptr<Rows>> Rows::open(const store::Store& store,
                                         std::shared_ptr<const keys::Keyring> keyring,
                                         std::size_t cache_octets) {
  std::unique_ptr<Rows> rows(new Rows(store, std::move(keyring), cache_octets));
  COFFER_CHECK(rows->load_guard());
  return rows;
}

// Realms beside the root realm (1) and system (0) come with namespaces; both are loaded here.
Result<> Rows::load_guard() {
  for (const TableSpec& table : guarded_tables()) {
    for (const std::uint32_t realm : {0U, 1U}) {
      Bytes after;
      while (true) {
        COFFER_TRY(const auto page, store_.scan(table.id, store::RealmId(realm), {}, after, kPage));
        for (const store::StoredRow& row : page) {
          COFFER_CHECK(verify_blob(*keyring_, {row.key, row.revision}, row.blob));
          guard_.emplace(row.key, row.revision);
        }
        if (page.size() < kPage) break;
        after = page.back().key.key;
      }
    }
  }
  return {};
}

std::shared_ptr<const keys::Keyring> Rows::keyring() const {
  const std::shared_lock lock(mutex_);
  return keyring_;
}

void Rows::set_keyring(std::shared_ptr<const keys::Keyring> keyring) {
  const std::scoped_lock lock(mutex_);
  keyring_ = std::move(keyring);
}

std::optional<std::uint64_t> Rows::guarded_revision(const store::Key& key) const {
  const std::shared_lock lock(mutex_);
  const auto at = guard_.find(key);
  if (at == guard_.end()) return std::nullopt;
  return at->second;
}

Result<std::optional<store::Stored>> Rows::read(const store::Key& key) {
  if (!guarded(key.table)) return store_.get(key);
  while (true) {
    const std::uint64_t epoch = commit_epoch_;
    const auto expected = guarded_revision(key);
    COFFER_TRY(auto stored, store_.get(key));
    if (!stored && !expected) return stored;
    if (stored && expected && stored->revision == *expected) return stored;
    if (commit_epoch_ != epoch) continue;  // a commit landed between the two reads
    // A commit is durable an instant before the guard learns of it: what is newer may be served.
    const bool newer = !stored || !expected || stored->revision > *expected;
    if (epoch % 2 == 1 && newer) return stored;
    if (!expected) return std::optional<store::Stored>();  // inserted behind our back: not there
    return tampered(key, stored ? "is not the revision that was written last" : "is missing");
  }
}

Result<std::optional<std::uint64_t>> Rows::revision(const store::Key& key) {
  if (guarded(key.table)) return guarded_revision(key);
  if (const auto cached = cache_.find(key)) return std::optional(cached->revision);
  COFFER_TRY(const auto stored, store_.get(key));
  if (!stored) return std::optional<std::uint64_t>();
  return std::optional(stored->revision);
}

void Rows::applied(const std::vector<Change>& changes) {
  {
    const std::scoped_lock lock(mutex_);
    for (const Change& change : changes) {
      if (!guarded(change.key.table)) continue;
      if (change.row) {
        guard_.insert_or_assign(change.key, change.revision);
      } else {
        guard_.erase(change.key);
      }
    }
  }
  for (const Change& change : changes) {
    if (change.row) {
      cache_.replace(change.key, {change.row, change.revision, change.octets});
    } else {
      cache_.remove(change.key);
    }
  }
  ++commit_epoch_;
}

}  // namespace coffer::rows
