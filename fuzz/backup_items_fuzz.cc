// floor: domain/audit
// Items of a backup frame: refused, or the same octets when they are written again.
#include "domain/audit/backup_format.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const ByteView items(data, size);
  Bytes again;
  const auto replayed =
      domain::replay_items(items,
                           {[&again](store::LogId log, const store::LogRecord& record) -> Result<> {
                              domain::encode_item(log, record, again);
                              return {};
                            },
                            [&again](const store::Put& row) -> Result<> {
                              domain::encode_item(row, again);
                              return {};
                            }});
  if (!starts_with(items, again)) std::abort();
  if (replayed && again.size() != size) std::abort();
  return 0;
}
