// Rows: the only door to the store for everything above. Finds rows by key, verifies what it reads,
// and keeps the cache and the guard right.
//
// Reads come from any thread and see each row in its last committed state. Errors: corrupt when a
// row does not authenticate, or is not in the state that the guard remembers; unavailable. A
// guarded row that appeared in the store without a commit of ours is not there. The committer
// brackets each commit with begin_commit() and applied() or abandoned(). One Rows exists per
// unsealed server; it borrows the store and shares the keyring.
//
// The guard's load takes what lies in the store at unseal, if it authenticates. Whether that is
// what was there when the server was sealed is told by digest(), which the committer compares with
// the last head of the audit log. Memory: about 170 octets a guarded row, and the cache.
#pragma once

#include "base/result.h"
#include "keys/keyring.h"
#include "rows/cache.h"
#include "rows/guard_digest.h"
#include "rows/row.h"
#include "store/store.h"

#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace coffer::rows {

// One committed change, as the cache and guard need it.
struct Change {
  store::Key key;
  std::uint64_t revision = 0;           // 0: erased
  std::shared_ptr<const void> row;      // null: erased, or never in the cache
  std::size_t octets = 0;               // of `row`, for the cache
  std::array<std::uint8_t, 16> seal{};  // change_seal() of the new blob
};

class Rows {
 public:
  // Reads the revisions of all guarded rows into memory.
  static Result<std::unique_ptr<Rows>> open(const store::Store& store,
                                            std::shared_ptr<const keys::Keyring> keyring,
                                            std::size_t cache_octets);

  // With `opened`: the sealed part of a row that had to be decrypted to authenticate it, for
  // RowCodec::decode_sealed(); untouched for a row that was in the cache.
  template <Row R>
  Result<RowPtr<R>> find(const store::Key& key, secure::SecureBytes* opened = nullptr) {
    static_assert(is_listed(R::kTable.id), "the table is not in tables::kAll");
    if (auto cached = cache_.find(key))
      return std::static_pointer_cast<const Loaded<R>>(cached->row);
    const std::uint64_t stamp = cache_.fill_stamp(key);
    const auto keyring = this->keyring();
    COFFER_TRY(std::optional<store::Stored> stored, read(key));
    if (!stored) return RowPtr<R>();
    COFFER_TRY(
        RowPtr<R> loaded,
        RowCodec<R>::load(*keyring, {key, stored->revision}, std::move(stored->blob), opened));
    cache_.install(
        key, {loaded, loaded->revision, loaded->blob.size() * 2 + sizeof(Loaded<R>)}, stamp);
    return loaded;
  }

  template <Row R>
  Result<R> open(const store::Key& key, const Loaded<R>& loaded) const {
    return RowCodec<R>::open(*keyring(), {key, loaded.revision}, loaded);
  }

  // The committed revision of a row, or nullopt when absent. Cheap for cached and guarded rows.
  Result<std::optional<std::uint64_t>> revision(const store::Key& key);

  [[nodiscard]] const store::Store& store() const { return store_; }

  [[nodiscard]] std::shared_ptr<const keys::Keyring> keyring() const;
  // After a rotation was committed.
  void set_keyring(std::shared_ptr<const keys::Keyring> keyring);

  // Changes before a commit that changes a guarded row becomes durable, and again after it.
  [[nodiscard]] std::uint64_t guard_epoch() const { return guard_epoch_.load(); }

  // Whether any guarded row exists: true from the first commit on.
  [[nodiscard]] bool has_guarded() const;

  // Over all guarded rows and the records of the seal, as committed. By the committer, or before
  // there is one.
  [[nodiscard]] const crypto::Digest& digest() const { return digest_value_; }

  // By the committer around a commit, with the same changes in the order of their writing: until
  // applied() the store may already show what the guard does not know yet. Returns what digest()
  // will be.
  crypto::Digest begin_commit(const std::vector<Change>& changes);
  void applied(const std::vector<Change>& changes);    // it is durable
  void abandoned(const std::vector<Change>& changes);  // it failed

 private:
  Rows(const store::Store& store,
       std::shared_ptr<const keys::Keyring> keyring,
       std::size_t cache_octets)
      : store_(store),
        keyring_(std::move(keyring)),
        digest_(*keyring_),
        digest_value_(digest_.value()),
        coming_digest_(digest_),
        coming_digest_value_(digest_value_),
        cache_(cache_octets) {}

  // The revision that a row must have; nullopt: it must be absent.
  using Expected = std::optional<std::uint64_t>;
  using Coming = std::unordered_map<store::Key, std::optional<RowState>, KeyHash>;

  struct Expectation {
    Expected committed;
    std::optional<Expected> coming;  // of the commit under way, when it touches the row
    std::uint64_t epoch = 0;         // of the guard
  };

  Result<> load_guard();
  void replace_committed(const std::vector<Change>& changes);
  Result<> load_table(store::TableId table, store::RealmId realm);
  Coming fold(const std::vector<Change>& changes);
  // The stored row, checked against the guard.
  Result<std::optional<store::Stored>> read(const store::Key& key) const;
  [[nodiscard]] Expectation expectation(const store::Key& key) const;

  const store::Store& store_;
  // All but cache_ and the digests. guard_ and coming_ change on the committer's thread alone,
  // which reads them without it.
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const keys::Keyring> keyring_;
  std::unordered_map<store::Key, RowState, KeyHash> guard_;
  Coming coming_;
  std::atomic<std::uint64_t> guard_epoch_ = 0;
  std::uint64_t epoch_ = 0;  // counts the changes of guard_ and coming_
  // Of the committer's thread.
  GuardDigest digest_;
  crypto::Digest digest_value_;
  GuardDigest coming_digest_;
  crypto::Digest coming_digest_value_;
  Cache cache_;
};

}  // namespace coffer::rows
