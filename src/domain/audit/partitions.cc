#include "domain/audit/partitions.h"

#include "base/enum_table.h"
#include "base/wire.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMost = 10'000;

constexpr EnumTable<PartitionState, 3> kStates{{{
    {PartitionState::closed, "closed"},
    {PartitionState::archived, "archived"},
    {PartitionState::dropped, "dropped"},
}}};

}  // namespace

std::string_view to_text(PartitionState state) {
  return kStates.text(state);
}

// In the order of numbers.
Bytes PartitionRow::key_of(std::uint64_t first) {
  Bytes key;
  Writer(key).u64(first);
  return key;
}

Result<std::vector<PartitionRow>> list_partitions(work::View& view) {
  std::vector<PartitionRow> out;
  COFFER_TRY(const auto keys, view.keys<PartitionRow>({}, {}, kMost));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto row, view.find<PartitionRow>(key));
    if (row) out.push_back(row->row);
  }
  return out;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::PartitionRow>;
