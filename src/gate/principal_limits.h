// PrincipalLimits: how many requests each principal may make, by groups of operations.
//
// Each principal has a bucket for each group that is limited: it is full at first, holds a burst,
// and fills evenly at the group's rate. A request takes one out or is refused. What a group is, the
// dialect says (Dialect::limit_of()); groups are numbers that count up from 0.
//
// Buckets live in memory and are this node's own. At most Options::principals are remembered: then
// the one that asked longest ago is forgotten, and begins with full buckets when it is back. Ask
// for principals that were authenticated only, or strangers fill the memory and empty the buckets
// of others.
//
// The clock is read for its steady time. Should it go back all the same, nobody waits longer than
// an empty bucket takes; should it leap ahead, nobody gets more than a burst. Thread-safe.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coffer::gate {

struct RequestRate {
  double per_second = 1;  // 0.001 to 1,000,000
  double burst = 1;       // requests, 1 to 10,000,000, that come in a day or sooner
  friend bool operator==(const RequestRate&, const RequestRate&) = default;
};

// invalid_argument: it is out of its bounds. The message goes after a name.
Result<> check_rate(const RequestRate& rate);

class PrincipalLimits {
 public:
  static constexpr std::size_t kPrincipals = 10'000;

  struct Options {
    // By group. nullopt, and groups past the end: no limit. They pass check_rate().
    std::vector<std::optional<RequestRate>> rates;
    std::size_t principals = kPrincipals;  // at least 1
  };

  PrincipalLimits(Options options, const Clock& clock);

  // Nothing is limited: there is nothing to ask.
  [[nodiscard]] bool empty() const { return empty_; }

  // Whether one more request of the principal may pass; then it counts.
  [[nodiscard]] bool admit(std::string_view principal, std::uint16_t group);

  [[nodiscard]] std::size_t remembered() const;

 private:
  // Of a group: nanoseconds from one request to the next, and from empty to full. each 0: no limit.
  struct Pace {
    std::int64_t each = 0;
    std::int64_t whole = 0;
  };

  struct Bucket {
    std::uint16_t group = 0;
    std::int64_t full_at = 0;  // steady nanoseconds
  };

  struct Known {
    std::string principal;
    std::vector<Bucket> buckets;  // of the few groups that it asked for
  };

  static std::vector<Pace> paces_of(const Options& options);
  Bucket& bucket_of(std::string_view principal, std::uint16_t group);

  const std::vector<Pace> paces_;
  const bool empty_;
  const std::size_t principals_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::list<Known> known_;  // who asked last comes first
  std::unordered_map<std::string_view, std::list<Known>::iterator> by_name_;  // borrow known_
};

}  // namespace coffer::gate
