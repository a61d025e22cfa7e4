#include "gate/principal_limits.h"

#include <algorithm>

namespace coffer::gate {
namespace {

constexpr double kSlowest = 0.001;
constexpr double kFastest = 1'000'000;
constexpr double kLargestBurst = 10'000'000;
constexpr double kDay = 86'400;
constexpr double kSecond = 1'000'000'000;

}  // namespace

Result<> check_rate(const RequestRate& rate) {
  // Written so that what is no number does not pass.
  if (!(rate.per_second >= kSlowest && rate.per_second <= kFastest)) {
    return fail(Code::invalid_argument, "must be a rate from 0.001 to 1000000 a second");
  }
  if (!(rate.burst >= 1 && rate.burst <= kLargestBurst)) {
    return fail(Code::invalid_argument, "must have a burst from 1 to 10000000");
  }
  if (rate.burst > rate.per_second * kDay) {
    return fail(Code::invalid_argument, "must have a burst that comes in a day or sooner");
  }
  return {};
}

std::vector<PrincipalLimits::Pace> PrincipalLimits::paces_of(const Options& options) {
  std::vector<Pace> paces;
  for (const std::optional<RequestRate>& rate : options.rates) {
    Pace& pace = paces.emplace_back();
    if (!rate) continue;
    pace.each = static_cast<std::int64_t>(kSecond / rate->per_second);
    pace.whole = static_cast<std::int64_t>(static_cast<double>(pace.each) * rate->burst);
  }
  return paces;
}

PrincipalLimits::PrincipalLimits(Options options, const Clock& clock)
    : paces_(paces_of(options)),
      empty_(std::ranges::all_of(paces_, [](const Pace& pace) { return pace.each == 0; })),
      principals_(std::max<std::size_t>(options.principals, 1)),
      clock_(clock) {}

PrincipalLimits::Bucket& PrincipalLimits::bucket_of(std::string_view principal,
                                                    std::uint16_t group) {
  const auto at = by_name_.find(principal);
  if (at != by_name_.end()) {
    known_.splice(known_.begin(), known_, at->second);
  } else {
    if (known_.size() >= principals_) {
      by_name_.erase(known_.back().principal);
      known_.pop_back();
    }
    known_.push_front({std::string(principal), {}});
    by_name_.emplace(known_.front().principal, known_.begin());
  }
  std::vector<Bucket>& buckets = known_.front().buckets;
  const auto bucket = std::ranges::find(buckets, group, &Bucket::group);
  return bucket != buckets.end() ? *bucket : buckets.emplace_back(group, 0);
}

bool PrincipalLimits::admit(std::string_view principal, std::uint16_t group) {
  if (group >= paces_.size() || paces_[group].each == 0) return true;
  const Pace pace = paces_[group];
  const std::int64_t now = clock_.steady().count();
  const std::scoped_lock lock(mutex_);
  Bucket& bucket = bucket_of(principal, group);
  // A bucket that fills up later than an empty one does is from before the clock went back.
  bucket.full_at = std::clamp(bucket.full_at, now, now + pace.whole);
  if (bucket.full_at + pace.each > now + pace.whole) return false;
  bucket.full_at += pace.each;
  return true;
}

std::size_t PrincipalLimits::remembered() const {
  const std::scoped_lock lock(mutex_);
  return known_.size();
}

}  // namespace coffer::gate
