// GuardDigest: one keyed value for all rows that decide about access, and for the records of the
// seal. It stands in each signed head of the audit log (proof/head.h), so that an unseal notices
// rows that were put back, deleted or added while nobody watched (docs/decisions/0010).
//
//   term(row) = HMAC-SHA-256(key, 0x00 || table u16 || realm u32 || key bytes || revision u64 ||
//               seal 16 octets), the seal as in the audit log: change_seal() of rows/row.h
//   sum       = the terms of all rows, added as big-endian numbers modulo 2^256
//   value     = HMAC-SHA-256(key, 0x01 || sum)
//   key       = HMAC-SHA-256(lookup key, "coffer guarded rows v1" || 0x00): the same through
//               rotations and rekeys
//
// The sum itself never leaves the process. Heads are public: from sums, terms could be told apart
// and, with some thousands of them, combined to another set of rows of the same sum.
//
// A value; copies share the key. value() costs an HMAC, add() and remove() one each. Not
// thread-safe.
#pragma once

#include "crypto/hash.h"
#include "keys/keyring.h"
#include "store/store.h"

#include <array>
#include <cstdint>
#include <memory>

namespace coffer::rows {

// Which state of a row: its revision, and the tag of the blob.
struct RowState {
  std::uint64_t revision = 0;
  std::array<std::uint8_t, 16> seal{};
  friend bool operator==(const RowState&, const RowState&) = default;
};

class GuardDigest {
 public:
  explicit GuardDigest(const keys::Keyring& keyring);

  void add(const store::Key& key, const RowState& state);
  void remove(const store::Key& key, const RowState& state);
  [[nodiscard]] crypto::Digest value() const;

 private:
  [[nodiscard]] crypto::Digest term(const store::Key& key, const RowState& state) const;

  std::shared_ptr<const crypto::HmacKey> key_;
  crypto::Digest sum_{};
};

}  // namespace coffer::rows
