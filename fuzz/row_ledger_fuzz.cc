// floor: proof
// A part of a row ledger that is read, alone or as the second one of two, gives rows that are
// written as the same octets again.
#include "proof/stored_ledger.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const coffer::ByteView input(data, size);
  auto ledger = coffer::proof::StoredLedger::begin(input);
  const bool has_head = coffer::proof::read_ledger_part(input).has_value();
  if (!ledger) return 0;
  if (!has_head) std::abort();
  if (!ledger->is_whole()) {
    // It is part 1, so it is not what comes next.
    if (ledger->feed(input)) std::abort();
    return 0;
  }
  const coffer::crypto::Digest digest = ledger->digest();
  const coffer::proof::SignedHead head = ledger->head();
  std::size_t records = 0;
  const auto again = coffer::proof::write_ledger(
      ledger->take(), head, [&](std::uint32_t, coffer::ByteView record) -> coffer::Result<> {
        if (++records == 1 && size <= coffer::proof::kLedgerPartFill &&
            coffer::as_text(record) != coffer::as_text(input)) {
          std::abort();
        }
        return {};
      });
  if (!again) std::abort();
  if (records == 1 && *again != digest) std::abort();
  return 0;
}
