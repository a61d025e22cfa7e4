// RateLimits: who made how many requests lately, under the rate quotas (domain/realms/quotas.h).
//
// A bucket for each quota and address (of IPv6: block of 64 bits) holds what the address may still
// make: it is full at first, never holds more than an interval's worth (and at least one), and
// fills evenly. Counts live in memory and are this node's own. At most kMaxBuckets: beyond them,
// what has filled up again is forgotten, looked for at most once in kPurgePeriod, and further
// addresses share one bucket. Thread-safe.
#pragma once

#include "base/clock.h"
#include "domain/realms/quotas.h"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace coffer::gate {

class RateLimits {
 public:
  static constexpr std::size_t kMaxBuckets = 65'536;
  static constexpr Duration kPurgePeriod = std::chrono::seconds(1);

  // Whether a request for `path` may pass; then it counts. `now` is steady time.
  [[nodiscard]] bool admit(const domain::RateQuotasRow& quotas,
                           std::string_view path,
                           std::string_view address,
                           Duration now);

 private:
  struct Bucket {
    double left = 0;
    Duration seen{};           // when `left` was right
    Duration blocked_until{};  // refused before this
    Duration full_at{};        // if nobody asks again
  };

  using Key = std::pair<std::string, std::string>;  // quota, address

  Bucket& bucket_of(Key key, double size, Duration now);

  std::mutex mutex_;
  std::map<Key, Bucket> buckets_;
  Duration purged_{};
};

}  // namespace coffer::gate
