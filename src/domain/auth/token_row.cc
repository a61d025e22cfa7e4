#include "domain/auth/token_row.h"

#include "base/encoding.h"
#include "base/wire.h"

namespace coffer::domain {

std::vector<store::IndexEntry> TokenRow::index() const {
  std::vector<store::IndexEntry> entries{{kTokenLeases, to_bytes(lease_id_of(*this))}};
  // What is dead already waits for the next sweep only.
  if (spent() || *state != TokenState::live) {
    entries.push_back({kTokenExpiry, time_entry({0})});
  } else if (*expires) {
    entries.push_back({kTokenExpiry, time_entry(**expires)});
  }
  if (!parent->id.empty()) entries.push_back({kTokenChildren, parent->id});
  return entries;
}

Bytes time_entry(Timestamp at) {
  Bytes entry;
  Writer(entry).u64(static_cast<std::uint64_t>(at.ns));
  return entry;
}

std::string lease_id_of(const TokenRow& row) {
  return *row.path + "/h" + hex_encode(*row.id);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::TokenRow>;
template struct coffer::rows::RowCodec<coffer::domain::TokenAccessorRow>;
