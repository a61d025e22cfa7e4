// FailedLogins: failed logins by name, in memory, so that a name is locked after exactly
// kMaxFailures whether each failure could be written to the store or not.
//
// Who guesses passwords of many names would fill the store and the audit log; beyond a rate the
// gate only counts those failures (gate/event_rate.h), and this table is all that knows of them. It
// ends with the unsealed state: then what the rows say holds (lockouts.h), so after a restart a
// name that was flooded may have its attempts again.
//
// An attempt is counted before the password is compared: of many at once no more than kMaxFailures
// are. Limit: kMaxNames names, beyond which the one that was tried longest ago is forgotten. Each
// attempt costs a password hash, and the two threads that make them need longer than kLockTime for
// so many. Thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint32_t kMaxFailures = 5;
inline constexpr Duration kLockTime = std::chrono::minutes(15);

class FailedLogins {
 public:
  static constexpr std::size_t kMaxNames = 65'536;

  // How many attempts failed in a row and are not over.
  [[nodiscard]] std::uint32_t count(ByteView mount, std::string_view name, Timestamp now) const;
  // Counts an attempt as failed, ahead of its outcome; `known`: failures that the store knows of.
  // False: the name is locked, and nothing was counted.
  [[nodiscard]] bool attempt(ByteView mount,
                             std::string_view name,
                             std::uint32_t known,
                             Timestamp now);
  void forget(ByteView mount, std::string_view name);
  // Names of the mount that are locked now, in order, at most `limit`.
  [[nodiscard]] std::vector<std::string> locked(ByteView mount,
                                                Timestamp now,
                                                std::size_t limit) const;

 private:
  struct Entry {
    std::uint32_t failures = 0;
    Timestamp until;
    std::list<std::string>::iterator place;
  };

  using Entries = std::map<std::string, Entry, std::less<>>;

  void make_room(Timestamp now);

  mutable std::mutex mutex_;
  Entries entries_;               // by mount and name
  std::list<std::string> order_;  // the one that was tried longest ago first
};

}  // namespace coffer::domain
