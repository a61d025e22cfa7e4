// KeyUses: how often versions may still be used before more uses must be reserved, and when keys
// were last used. In memory, so that a use costs no write.
//
// A 96-bit random nonce limits a key to 2^32 messages (NIST SP 800-38D §8.3). The row of a master
// key says how many uses of each version were reserved; they are reserved in blocks and spent from
// here. What a process had reserved and not spent is lost with it: the row never says fewer than
// there were. Memory: about 150 octets for each key that was used since the server was unsealed.
// Thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "domain/kms/key_rows.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint64_t kUseBlock = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t kMaxUses = std::uint64_t{1} << 31U;  // of one version
// How old the date in the row may become while a key is in use.
inline constexpr Duration kLastUseGrain = std::chrono::hours(1);

class KeyUses {
 public:
  // Spends `count` uses of a version. False: nothing was spent, reserve more.
  bool spend(ByteView version, std::uint64_t count);
  void credit(ByteView version, std::uint64_t count);

  // A key's place is its mount's id and its uid, as in KeyUseRow.
  void note(ByteView place, Timestamp now, KeyOperation operation);

  struct LastUse {
    Bytes place;
    Timestamp when;
    KeyOperation operation = KeyOperation::unknown;
  };

  // nullopt: not since the server was unsealed.
  [[nodiscard]] std::optional<LastUse> last(ByteView place) const;

  // Keys whose row is older than the grain, at most `limit`. They count as written from here on.
  std::vector<LastUse> take_due(std::size_t limit);

  // The key is gone, or all whose place begins so, a mount's: no date is written any more.
  void forget(ByteView place);
  void forget_all(ByteView prefix);

 private:
  struct Dates {
    Timestamp last;
    Timestamp written;
    KeyOperation operation = KeyOperation::unknown;
  };

  mutable std::mutex mutex_;
  std::map<Bytes, std::uint64_t> left_;
  std::map<Bytes, Dates> dates_;
};

}  // namespace coffer::domain
