#include "gate/rate_limits.h"

#include "formats/cidr.h"

#include <algorithm>
#include <array>

namespace coffer::gate {
namespace {

// What an operator needs to undo a quota that is too small, or to shut the server; and its state,
// since a 429 of sys/health means a server on standby.
constexpr std::array<std::string_view, 4> kNeverLimited{
    "sys/quotas/", "sys/seal", "sys/unseal", "sys/health"};

constexpr double kThousand = 1'000;

}  // namespace

RateLimits::Bucket& RateLimits::bucket_of(Key key, double size, Duration now) {
  if (buckets_.size() >= kMaxBuckets && !buckets_.contains(key)) {
    if (now - purged_ >= kPurgePeriod) {
      purged_ = now;
      std::erase_if(buckets_, [now](const auto& one) {
        return now >= one.second.full_at && now >= one.second.blocked_until;
      });
    }
    if (buckets_.size() >= kMaxBuckets) key.second = "many";
  }
  return buckets_.try_emplace(std::move(key), Bucket{size, now, now, now}).first->second;
}

bool RateLimits::admit(const domain::RateQuotasRow& quotas,
                       std::string_view path,
                       std::string_view address,
                       Duration now) {
  if (quotas.quotas->empty()) return true;
  if (std::ranges::any_of(kNeverLimited, [&](auto one) { return path.starts_with(one); })) {
    return true;
  }
  const auto* const found = domain::quota_for(quotas, path);
  if (found == nullptr) return true;
  const domain::RateQuota& quota = found->second;
  const double size = std::max(1.0, static_cast<double>(quota.thousandths) / kThousand);
  const double each = static_cast<double>(quota.interval.count()) * kThousand /
                      static_cast<double>(quota.thousandths);  // nanoseconds for one request
  const std::scoped_lock lock(mutex_);
  Bucket& bucket = bucket_of({found->first, formats::neighbourhood_of(address)}, size, now);
  if (now < bucket.blocked_until) return false;
  bucket.left += static_cast<double>((now - bucket.seen).count()) / each;
  bucket.left = std::min(bucket.left, size);
  bucket.seen = now;
  const bool passes = bucket.left >= 1;
  if (passes) bucket.left -= 1;
  if (!passes) bucket.blocked_until = now + quota.block;
  bucket.full_at = now + Duration(static_cast<std::int64_t>((size - bucket.left) * each));
  return passes;
}

}  // namespace coffer::gate
