#include "work/view.h"

#include "store/limits.h"

#include <algorithm>

namespace coffer::work {

const store::Check* View::read_of(const store::Key& key) const {
  const auto at = std::ranges::lower_bound(reads_, key, {}, &store::Check::key);
  return at != reads_.end() && at->key == key ? &*at : nullptr;
}

const store::Check* View::note_read(store::Key key, std::optional<std::uint64_t> revision) {
  constexpr std::size_t kUsualReads = 8;
  if (reads_.empty()) {
    reads_.reserve(kUsualReads);
    rows_read_.reserve(kUsualReads);
  }
  auto at = std::ranges::lower_bound(reads_, key, {}, &store::Check::key);
  if (at == reads_.end() || at->key != key) {
    rows_read_.insert(rows_read_.begin() + (at - reads_.begin()), nullptr);
    at = reads_.insert(at, {std::move(key), revision});
  }
  return &*at;
}

Result<> View::stage(const Slot& slot, Staged staged) {
  COFFER_CHECK(store::check_key(staged.put.key.key));
  if (staged.put.blob.size() > store::kMaxBlob) {
    return fail(Code::too_large, "the value is too large");
  }
  staged_.insert_or_assign(slot.key, std::move(staged));
  return {};
}

void View::stage_erase(const Slot& slot) {
  if (slot.absent) {
    staged_.erase(slot.key);  // inserted by this very unit, if at all
  } else {
    staged_.insert_or_assign(slot.key, Staged{{slot.key, 0, {}, {}}, nullptr, 0});
  }
}

Result<std::size_t> View::erase_below(store::TableId table, ByteView prefix, std::size_t limit) {
  if (limit == 0) return 0;
  COFFER_TRY(const auto keys, keys_of(table, prefix, {}, limit));
  for (const Bytes& key : keys) stage_erase({{table, realm_, key}, 0, false});
  return keys.size();
}

Result<> View::reseal(const store::StoredRow& row) {
  note_read(row.key, row.revision);
  const std::uint64_t revision = next_revision(row.revision);
  COFFER_TRY(Bytes blob,
             rows::reseal_blob(*rows_.keyring(), {row.key, row.revision}, row.blob, revision));
  store::Put put{row.key, revision, std::move(blob), {}, false};
  put.same_index = true;
  raw_.push_back(std::move(put));
  return {};
}

void View::enter_handler() {
  gate_part_ = GatePart{staged_, raw_.size(), on_commit_.size()};
}

void View::drop_handler_part() {
  if (!gate_part_) return;
  staged_ = std::move(gate_part_->staged);
  raw_.resize(gate_part_->raw);
  on_commit_.resize(gate_part_->actions);
  gate_part_.reset();
}

void View::merge_staged(store::TableId table,
                        ByteView prefix,
                        ByteView after,
                        std::vector<Bytes>& keys) const {
  for (const auto& [key, staged] : staged_) {
    if (key.table != table || key.realm != realm_ || !starts_with(key.key, prefix)) continue;
    if (!after.empty() && as_text(key.key) <= as_text(after)) continue;
    const auto at = std::ranges::lower_bound(keys, key.key);
    const bool present = at != keys.end() && *at == key.key;
    if (staged.row && !present) keys.insert(at, key.key);
    if (!staged.row && present) keys.erase(at);
  }
}

Result<std::vector<Bytes>> View::keys_of(store::TableId table,
                                         ByteView prefix,
                                         ByteView after,
                                         std::size_t limit) {
  COFFER_TRY(std::vector<Bytes> keys,
             rows_.store().scan_keys(table, realm_, prefix, after, limit + staged_.size()));
  merge_staged(table, prefix, after, keys);
  if (keys.size() > limit) keys.resize(limit);
  return keys;
}

Result<std::vector<std::string>> View::children_of(store::TableId table,
                                                   ByteView prefix,
                                                   std::string_view after,
                                                   std::size_t limit) {
  std::vector<std::string> names;
  Bytes from = to_bytes(prefix);
  append(from, as_bytes(after));
  // Behind a folder: an octet that no name starts with, as names are UTF-8.
  constexpr std::uint8_t kBehindNames = 0xff;
  if (after.ends_with('/')) from.push_back(kBehindNames);
  if (after.empty()) from.clear();
  // Of a folder one key is enough: where folders follow each other, little is read in vain.
  constexpr std::size_t kMaxStep = 64;
  std::size_t step = kMaxStep;
  while (names.size() < limit) {
    COFFER_TRY(const std::vector<Bytes> page, keys_of(table, prefix, from, step));
    bool jumped = false;
    for (const Bytes& key : page) {
      const std::string_view rest = as_text(key).substr(prefix.size());
      const std::size_t slash = rest.find('/');
      const std::string_view name =
          slash == std::string_view::npos ? rest : rest.substr(0, slash + 1);
      if (!name.empty() && (names.empty() || names.back() != name) && names.size() < limit) {
        names.emplace_back(name);
      }
      from = key;
      if (slash == std::string_view::npos) continue;
      from.resize(prefix.size() + slash + 1);
      from.push_back(kBehindNames);
      jumped = true;
      break;
    }
    if (!jumped && page.size() < step) break;
    step = jumped ? 1 : std::min(kMaxStep, 4 * step);
  }
  return names;
}

Result<std::vector<Bytes>> View::lookup_of(store::IndexId index,
                                           store::TableId table,
                                           ByteView prefix,
                                           std::size_t limit) {
  COFFER_TRY(const auto hits, rows_.store().query(index, table, realm_, prefix, {}, limit));
  std::vector<Bytes> keys;
  for (const auto& hit : hits) keys.push_back(hit.row_key);
  return keys;
}

Result<Unit> View::take() {
  Unit unit;
  if (staged_.size() + raw_.size() > store::kMaxUnitItems) {
    return fail(Code::too_large, "the request changes too much at once");
  }
  if (!has_writes()) return unit;
  if (relied_on_) {
    // Should both have read a row, in different states, then one of the checks fails.
    reads_.insert(reads_.end(), relied_on_->begin(), relied_on_->end());
  }
  unit.rows.checks = std::move(reads_);
  unit.absences = std::move(absences_);
  for (auto& [key, staged] : staged_) {
    proof::RowChange recorded{
        .table = key.table.value(), .realm = key.realm.value(), .key = key.key};
    if (staged.row) {
      recorded.revision = staged.put.revision;
      recorded.seal = rows::change_seal(key.table, staged.put.blob);
      unit.rows.puts.push_back(std::move(staged.put));
    } else {
      unit.rows.erases.push_back(key);
    }
    if (staged.owned == Owned::yes) staged.row.reset();
    unit.changes.push_back(
        {key, recorded.revision, std::move(staged.row), staged.octets, recorded.seal});
    unit.recorded.push_back(std::move(recorded));
  }
  for (store::Put& put : raw_) {
    unit.recorded.push_back({.table = put.key.table.value(),
                             .realm = put.key.realm.value(),
                             .key = put.key.key,
                             .revision = put.revision,
                             .seal = rows::change_seal(put.key.table, put.blob)});
    unit.changes.push_back({put.key, put.revision, nullptr, 0, unit.recorded.back().seal});
    unit.rows.puts.push_back(std::move(put));
  }
  return unit;
}

}  // namespace coffer::work
