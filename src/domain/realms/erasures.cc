#include "domain/realms/erasures.h"

namespace coffer::domain {

Result<> erase_later(work::View& view,
                     Removed what,
                     Bytes prefix,
                     std::string name,
                     std::vector<std::uint64_t> slots) {
  ErasureRow row;
  row.what = what;
  row.prefix = std::move(prefix);
  row.name = std::move(name);
  row.removed = view.now();
  row.slots = std::move(slots);
  return view.put(std::move(row));
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::ErasureRow>;
