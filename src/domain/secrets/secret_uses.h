// SecretUses: on which day secrets and their versions were last read, so that a read costs no
// write.
//
// Days are kept in memory and written by a job now and then (write_secret_uses): what a process did
// not write is lost with it. Memory: about 200 octets a secret; at most kMaxKept secrets, further
// ones are not noted until the next day. Thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace coffer::domain {

// Days since 1970-01-01 (UTC).
inline std::uint32_t day_of(Timestamp when) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  return static_cast<std::uint32_t>(when.ns / kDay);
}

using VersionDays = std::map<std::uint64_t, std::uint32_t>;  // version -> day

struct SecretUseRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecretUses;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<VersionDays> days;
  static constexpr auto kMembers =
      std::tuple{&SecretUseRow::mount, &SecretUseRow::uid, &SecretUseRow::days};

  [[nodiscard]] Bytes key() const { return key_of(*mount, *uid); }

  static Bytes key_of(ByteView mount, ByteView uid);
};

class SecretUses {
 public:
  static constexpr std::size_t kMaxKept = 200'000;

  // `place`: SecretUseRow::key_of().
  void note(ByteView mount, ByteView uid, std::uint64_t version, Timestamp now);
  // What was noted and perhaps not written yet.
  [[nodiscard]] VersionDays days(ByteView mount, ByteView uid) const;

  struct Due {
    Bytes mount;
    Bytes uid;
    VersionDays days;
  };

  // Secrets with days that are not written, at most `limit`. They count as written from here on;
  // those of earlier days that are written are forgotten.
  std::vector<Due> take_due(std::size_t limit, Timestamp now);

  // The secret is gone, or all of a mount's: nothing is written any more.
  void forget(ByteView mount, ByteView uid);
  void forget_mount(ByteView mount);

 private:
  struct Noted {
    Bytes mount;
    Bytes uid;
    VersionDays days;
    bool written = false;
  };

  mutable std::mutex mutex_;
  std::map<Bytes, Noted> noted_;
};

// The days of a secret, from memory and from its row.
Result<VersionDays> days_of_use(work::View& view,
                                const SecretUses& uses,
                                ByteView mount,
                                ByteView uid);
// Stages the days of at most `limit` secrets; gives how many.
Result<std::size_t> write_secret_uses(work::View& view, SecretUses& uses, std::size_t limit);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::SecretUseRow>;
