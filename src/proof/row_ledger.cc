#include "proof/row_ledger.h"

#include "base/encoding.h"
#include "base/wire.h"

#include <algorithm>

namespace coffer::proof {
namespace {

std::string pack(std::uint16_t table, std::uint32_t realm, ByteView key) {
  Bytes packed;
  packed.reserve(sizeof table + sizeof realm + key.size());
  Writer writer(packed);
  writer.u16(table);
  writer.u32(realm);
  append(packed, key);
  return std::string(as_text(packed));
}

RowKey unpack(std::string_view packed) {
  Reader in(as_bytes(packed));
  // Only pack() makes these, so that the reads cannot fail.
  const std::uint16_t table = in.u16().value();
  const std::uint32_t realm = in.u32().value();
  return {table, realm, to_bytes(in.take(in.left()).value())};
}

}  // namespace

std::string to_text(const RowKey& row) {
  return "table " + std::to_string(row.table) + " realm " + std::to_string(row.realm) + " key " +
         hex_encode(row.key);
}

void RowLedger::apply(const Event& event) {
  for (const auto& change : event.changes) {
    std::string packed = pack(change.table, change.realm, change.key);
    if (change.revision == 0) {
      rows_.erase(packed);
    } else {
      rows_.insert_or_assign(std::move(packed), Expected{change.revision, change.seal, false});
    }
  }
}

void RowLedger::put(const RowKey& row, std::uint64_t revision, const SealTag& seal) {
  rows_.insert_or_assign(pack(row.table, row.realm, row.key), Expected{revision, seal, false});
}

// Packed keys are in the order of what they were packed from: numbers are big endian.
Result<> RowLedger::visit(const Visit& visit) const {
  std::vector<decltype(rows_)::const_pointer> ordered;
  ordered.reserve(rows_.size());
  for (const auto& each : rows_) ordered.push_back(&each);
  std::ranges::sort(
      ordered, {}, [](const auto* each) -> const std::string& { return each->first; });
  for (const auto* each : ordered) {
    COFFER_CHECK(visit(unpack(each->first), each->second.revision, each->second.seal));
  }
  return {};
}

std::optional<std::string> RowLedger::defect(const RowKey& row,
                                             std::uint64_t revision,
                                             const SealTag& seal) {
  const auto found = rows_.find(pack(row.table, row.realm, row.key));
  if (found == rows_.end()) return "unknown: the log never wrote it or erased it";
  Expected& expected = found->second;
  expected.met = true;
  const std::string revisions = "revision " + std::to_string(revision) +
                                " where the log ends with " + std::to_string(expected.revision);
  if (revision < expected.revision) return "replayed: " + revisions;
  if (revision > expected.revision) return "not in the log: " + revisions;
  if (seal != expected.seal) return "edited: not the seal that the log names";
  return std::nullopt;
}

Result<> RowLedger::check(const RowKey& row, std::uint64_t revision, const SealTag& seal) {
  if (const auto what = defect(row, revision, seal)) {
    return fail(Code::corrupt, to_text(row) + ": " + *what);
  }
  return {};
}

std::vector<RowKey> RowLedger::missing() const {
  std::vector<RowKey> rows;
  for (const auto& [packed, expected] : rows_) {
    if (!expected.met) rows.push_back(unpack(packed));
  }
  std::ranges::sort(rows);
  return rows;
}

}  // namespace coffer::proof
