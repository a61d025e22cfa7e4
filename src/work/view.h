// View: what one unit of work reads and stages. The only way in which a handler touches data.
//
// Reads see the last committed rows, and the view's own staged writes over them. The view records
// the revision of every row it read and every absence it relied on; a unit that writes is validated
// against them at commit (conflict: run again). What was read is not read again: the first
// kKeptRows rows are kept, as is every absence. Listings record nothing of what they did not
// return; a handler that relies on an absence finds that row itself, or says rely_on_no_entry().
//
// Writes go to one of two parts. The gate part (use counts, lockouts) is committed even when the
// handler fails; the handler part only on success. A View belongs to one attempt of one request and
// one thread, and borrows Rows.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "proof/event.h"
#include "rows/rows.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer::work {

// No row of this table and realm has an entry in `index` that starts with `prefix`.
struct EntryAbsence {
  store::IndexId index;
  store::TableId table;
  store::RealmId realm;
  Bytes prefix;
};

// A unit, ready for the committer.
struct Unit {
  store::Unit rows;
  std::vector<EntryAbsence> absences;      // else it is a conflict
  std::vector<rows::Change> changes;       // for the cache and the guard
  std::vector<proof::RowChange> recorded;  // for the audit event
};

class View {
 public:
  static constexpr std::size_t kKeptRows = 16;

  View(rows::Rows& rows, store::RealmId realm, Timestamp now, crypto::Random& random)
      : rows_(rows), realm_(realm), now_(now), random_(random) {}

  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() = default;

  [[nodiscard]] store::RealmId realm() const { return realm_; }

  [[nodiscard]] Timestamp now() const { return now_; }

  [[nodiscard]] crypto::Random& random() { return random_; }

  [[nodiscard]] std::shared_ptr<const keys::Keyring> keyring() const { return rows_.keyring(); }

  [[nodiscard]] const store::Store& store() const { return rows_.store(); }

  // The row, or null when absent.
  template <rows::Row R>
  Result<rows::RowPtr<R>> find(Bytes key) {
    store::Key place = rows::row_key<R>(realm_, std::move(key));
    if (const auto staged = staged_.find(place); staged != staged_.end()) {
      return std::static_pointer_cast<const rows::Loaded<R>>(staged->second.row);
    }
    const store::Check* const known = read_of(place);
    if (known != nullptr && (!known->revision || row_of(*known) != nullptr)) {
      return std::static_pointer_cast<const rows::Loaded<R>>(row_of(*known));
    }
    secure::SecureBytes opened;
    COFFER_TRY(rows::RowPtr<R> row, rows_.find<R>(place, &opened));
    if (!opened.empty()) opened_ = {row, std::move(opened)};
    keep_row(note_read(std::move(place), row ? std::optional(row->revision) : std::nullopt), row);
    return row;
  }

  template <rows::Row R>
  Result<rows::RowPtr<R>> find(std::string_view key) {
    return find<R>(to_bytes(key));
  }

  // The row as it is committed, unchecked when this unit is: for whoever relies on another row that
  // changes with it. A unit has room for few checks.
  template <rows::Row R>
  Result<rows::RowPtr<R>> peek(Bytes key) {
    return rows_.find<R>(rows::row_key<R>(realm_, std::move(key)));
  }

  // A copy with the sealed members open, ready to be changed and put back.
  template <rows::Row R>
  Result<R> open(const rows::Loaded<R>& loaded) {
    return rows::RowCodec<R>::open(
        *rows_.keyring(), {rows::row_key<R>(realm_, loaded.row.key()), loaded.revision}, loaded);
  }

  // The sealed members only; the clear ones keep their defaults.
  template <rows::Row R>
  Result<R> open_sealed(const rows::Loaded<R>& loaded) {
    if (opened_.of.get() == &loaded) {
      const Opened opened = std::move(opened_);
      return rows::RowCodec<R>::decode_sealed(loaded, opened.plain);
    }
    return rows::RowCodec<R>::open_sealed(
        *rows_.keyring(), {rows::row_key<R>(realm_, loaded.row.key()), loaded.revision}, loaded);
  }

  // See rows::Rows: what was read of guarded rows holds while this stays the same.
  [[nodiscard]] std::uint64_t guard_epoch() const { return rows_.guard_epoch(); }

  // All that was read so far.
  [[nodiscard]] const std::vector<store::Check>& reads() const { return reads_; }

  // The unit relies on what another view read before.
  void rely_on(std::shared_ptr<const std::vector<store::Check>> reads) {
    relied_on_ = std::move(reads);
  }

  // Inserts or replaces the row with this key.
  template <rows::Row R>
  Result<> put(R row) {
    COFFER_TRY(const Slot slot, slot_for<R>(row.key()));
    return put_into(slot, std::move(row), slot.absent, Owned::no);
  }

  // Inserts a row whose key was never used before and is used by this unit alone, as the owner's
  // row vouches that this unit also puts, or 112 random bits and more in the key: neither read nor
  // checked, nor cached before it is read.
  template <rows::Row R>
  Result<> put_owned(R row) {
    const Slot slot{rows::row_key<R>(realm_, row.key()), 0, true};
    return put_into(slot, std::move(row), true, Owned::yes);
  }

  // The same over a row of the owner that is there.
  template <rows::Row R>
  Result<> replace_owned(R row) {
    const Slot slot{rows::row_key<R>(realm_, row.key()), 0, false};
    return put_into(slot, std::move(row), false, Owned::yes);
  }

  // Erases a row of such an owner.
  template <rows::Row R>
  void erase_owned(Bytes key) {
    Slot slot{rows::row_key<R>(realm_, std::move(key)), 0, false};
    const auto staged = staged_.find(slot.key);
    slot.absent = staged != staged_.end() && staged->second.put.fresh;
    stage_erase(slot);
  }

  template <rows::Row R>
  Result<> erase(Bytes key) {
    COFFER_TRY(const Slot slot, slot_for<R>(std::move(key)));
    stage_erase(slot);
    return {};
  }

  // Erases rows whose keys start with `prefix`, at most `limit`, neither read nor checked: for rows
  // that nobody can reach any more. Gives how many.
  Result<std::size_t> erase_below(store::TableId table, ByteView prefix, std::size_t limit);

  // Keys of a table that start with `prefix`, after `after`, in order; staged writes included.
  template <rows::Row R>
  Result<std::vector<Bytes>> keys(ByteView prefix, ByteView after, std::size_t limit) {
    return keys_of(R::kTable.id, prefix, after, limit);
  }

  // The next names below `prefix`, each cut behind the first '/': "bar/", "foo". For folder
  // listings.
  template <rows::Row R>
  Result<std::vector<std::string>> children(ByteView prefix,
                                            std::string_view after,
                                            std::size_t limit) {
    return children_of(R::kTable.id, prefix, after, limit);
  }

  // Keys of rows that have an entry starting with `prefix` in `index` (committed rows only).
  template <rows::Row R>
  Result<std::vector<Bytes>> lookup(store::IndexId index, ByteView prefix, std::size_t limit) {
    return lookup_of(index, R::kTable.id, prefix, limit);
  }

  // If the unit writes: it is a conflict when a row has an entry starting with `prefix` by then.
  template <rows::Row R>
  void rely_on_no_entry(store::IndexId index, Bytes prefix) {
    absences_.push_back({index, R::kTable.id, realm_, std::move(prefix)});
  }

  // Rows that are not ours to seal (the keyring's own records).
  void stage_raw(store::Put put) { raw_.push_back(std::move(put)); }

  // The row as it stands, of whatever table, sealed under the newest term: neither decoded nor
  // cached, its index entries as they are. The unit fails if the row is another one by then.
  Result<> reseal(const store::StoredRow& row);

  // What is staged from here on, on_commit() actions included, is the handler part.
  void enter_handler();
  // Drops what the handler staged; the gate part stays as it was. Nothing without enter_handler().
  void drop_handler_part();

  [[nodiscard]] bool has_writes() const { return !staged_.empty() || !raw_.empty(); }

  [[nodiscard]] std::size_t staged_count() const { return staged_.size(); }

  // Called when the unit is durable, on the committer's thread; for what lives in memory only.
  void on_commit(std::function<void()> action) { on_commit_.push_back(std::move(action)); }

  [[nodiscard]] std::vector<std::function<void()>> take_on_commit() {
    return std::move(on_commit_);
  }

  // The unit: checks for every recorded read if anything is written, else nothing. Refuses more
  // than store::kMaxUnitItems writes (too_large).
  Result<Unit> take();

 private:
  struct Slot {
    store::Key key;
    std::uint64_t revision = 0;  // before this unit; 0 when absent
    bool absent = false;
  };

  enum class Owned : std::uint8_t { no, yes };

  struct Opened {
    std::shared_ptr<const void> of;  // its row; null: there is none
    secure::SecureBytes plain;
  };

  struct Staged {
    store::Put put;
    std::shared_ptr<const void> row;  // null: erased
    std::size_t octets = 0;
    Owned owned = Owned::no;
  };

  struct GatePart {
    std::map<store::Key, Staged> staged;
    std::size_t raw = 0;
    std::size_t actions = 0;
  };

  // Never reused, also not by a row that is erased and written again: an old blob cannot come back.
  [[nodiscard]] std::uint64_t next_revision(std::uint64_t before) const {
    return std::max(before + 1, static_cast<std::uint64_t>(now_.ns));
  }

  template <rows::Row R>
  Result<Slot> slot_for(Bytes key) {
    store::Key place = rows::row_key<R>(realm_, std::move(key));
    const store::Check* known = read_of(place);
    if (known == nullptr) {
      COFFER_TRY(const auto current, rows_.revision(place));
      known = note_read(place, current);
    }
    const std::optional<std::uint64_t> revision = known->revision;
    return Slot{std::move(place), revision.value_or(0), !revision.has_value()};
  }

  template <rows::Row R>
  Result<> put_into(const Slot& slot, R row, bool fresh, Owned owned) {
    auto loaded = std::make_shared<rows::Loaded<R>>();
    loaded->revision = next_revision(slot.revision);
    loaded->blob = rows::RowCodec<R>::seal(*rows_.keyring(), {slot.key, loaded->revision}, row);
    store::Put put{slot.key, loaded->revision, loaded->blob, rows::row_index(row), fresh};
    close_members(row);
    loaded->row = std::move(row);
    const std::size_t octets = loaded->blob.size() * 2 + sizeof(rows::Loaded<R>);
    return stage(slot, {std::move(put), std::move(loaded), octets, owned});
  }

  // Forgets plaintext, so that what is cached holds ciphertext only.
  template <rows::Row R>
  static void close_members(R& row) {
    std::apply(
        [&](auto... member) {
          ((rows::kIsSealed<std::remove_cvref_t<decltype(row.*member)>>
                ? void(row.*member = std::remove_cvref_t<decltype(row.*member)>{})
                : void()),
           ...);
        },
        R::kMembers);
  }

  // What the view knows of a row already; null: nothing. Valid until the next note_read().
  [[nodiscard]] const store::Check* read_of(const store::Key& key) const;
  // The first reading of a row counts.
  const store::Check* note_read(store::Key key, std::optional<std::uint64_t> revision);

  // The row of one of reads_; null: absent, or not kept.
  [[nodiscard]] const std::shared_ptr<const void>& row_of(const store::Check& read) const {
    return rows_read_[static_cast<std::size_t>(&read - reads_.data())];
  }

  template <rows::Row R>
  void keep_row(const store::Check* read, const rows::RowPtr<R>& row) {
    if (!row || read->revision != row->revision || kept_rows_ == kKeptRows) return;
    rows_read_[static_cast<std::size_t>(read - reads_.data())] = row;
    ++kept_rows_;
  }

  Result<> stage(const Slot& slot, Staged staged);
  void stage_erase(const Slot& slot);
  Result<std::vector<Bytes>> keys_of(store::TableId table,
                                     ByteView prefix,
                                     ByteView after,
                                     std::size_t limit);
  Result<std::vector<std::string>> children_of(store::TableId table,
                                               ByteView prefix,
                                               std::string_view after,
                                               std::size_t limit);
  Result<std::vector<Bytes>> lookup_of(store::IndexId index,
                                       store::TableId table,
                                       ByteView prefix,
                                       std::size_t limit);
  void merge_staged(store::TableId table,
                    ByteView prefix,
                    ByteView after,
                    std::vector<Bytes>& keys) const;

  rows::Rows& rows_;
  store::RealmId realm_;
  Timestamp now_;
  crypto::Random& random_;
  std::vector<store::Check> reads_;                     // by key, in order
  std::vector<std::shared_ptr<const void>> rows_read_;  // at the places of their checks
  std::size_t kept_rows_ = 0;
  std::vector<EntryAbsence> absences_;
  // The sealed part of the row that was last read from the store, until it is asked for: who reads
  // a cold row wants it open as a rule, and it was decrypted to authenticate it.
  Opened opened_;
  std::shared_ptr<const std::vector<store::Check>> relied_on_;
  std::map<store::Key, Staged> staged_;
  std::optional<GatePart> gate_part_;  // as it was when the handler began
  std::vector<store::Put> raw_;
  std::vector<std::function<void()>> on_commit_;
};

}  // namespace coffer::work
