#include "base/encoding.h"
#include "base/uuid.h"
#include "crypto/shamir.h"
#include "keys/seal.h"

#include <algorithm>

namespace coffer::keys {
namespace {

constexpr std::uint64_t kFreeFailures = 10;
constexpr Duration kWaitAfterFailures = std::chrono::seconds(1);
constexpr std::string_view kOtherSources = "many";

bool is_of(const SealRecord& record, ByteView share) {
  const crypto::Digest digest = crypto::sha256(share);
  bool known = false;
  for (const crypto::Digest& good : record.share_digests) known |= secure::equal(digest, good);
  return known;
}

}  // namespace

Result<secure::SecureBytes> parse_share(std::string_view text) {
  constexpr std::size_t kMaxShare = 512;  // octets, in either spelling; the longest made have 33
  if (text.empty() || text.size() > 2 * kMaxShare) {
    return fail(Code::invalid_argument, "not a key share");
  }
  secure::SecureBytes out(text.size());
  auto size = hex_decode_to(text, out.mutable_view().data());
  if (!size) size = base64_decode_to(text, Base64::standard, out.mutable_view().data());
  if (!size) return fail(Code::invalid_argument, "'key' must be a valid hex or base64 string");
  if (*size > kMaxShare) return fail(Code::invalid_argument, "not a key share");
  out.resize(*size);
  return out;
}

ShareCollector::Tally& ShareCollector::tally(std::string_view source) {
  auto at = tallies_.find(source);
  if (at == tallies_.end()) {
    const std::string name(tallies_.size() < kMaxSources ? source : kOtherSources);
    at = tallies_.try_emplace(name).first;
    at->second.attempts.source = name;
  }
  return at->second;
}

std::unexpected<Error> ShareCollector::refuse(std::string_view source) {
  Tally& from = tally(source);
  const Duration now = clock_.steady();
  const bool hasty = from.streak >= kFreeFailures && now - from.last < kWaitAfterFailures;
  from.last = now;
  ++from.streak;
  ++from.attempts.wrong;
  ++failures_;
  if (hasty) return fail(Code::exhausted, "too many wrong key shares; wait a second");
  return fail(Code::invalid_argument, "the key share is not one of this seal");
}

Result<std::optional<secure::SecureBytes>> ShareCollector::add(const SealRecord& record,
                                                               ByteView share,
                                                               std::string_view source) {
  const std::scoped_lock lock(mutex_);
  if (!is_of(record, share)) return refuse(source);
  std::erase_if(given_, [&](const Given& g) { return !is_of(record, g.share.view()); });
  const bool given = std::ranges::any_of(
      given_, [&](const Given& g) { return secure::equal(g.share.view(), share); });
  if (!given) given_.push_back({secure::SecureBytes(share), std::string(source)});
  if (nonce_.empty()) nonce_ = uuid4(random_.array<16>());
  if (given_.size() < record.threshold) return std::optional<secure::SecureBytes>();

  std::vector<ByteView> views;
  for (const Given& g : given_) views.push_back(g.share.view());
  auto root = record.shares == 1 ? Result<secure::SecureBytes>(given_.front().share.clone())
                                 : crypto::shamir_combine(views);
  given_.clear();
  nonce_.clear();
  if (!root) return refuse(source);
  for (auto& [name, from] : tallies_) from.streak = 0;
  return std::optional(std::move(*root));
}

Result<> ShareCollector::reset(std::string_view nonce, std::string_view source) {
  const std::scoped_lock lock(mutex_);
  if (given_.empty()) return {};
  if (!secure::equal(as_bytes(nonce), as_bytes(nonce_))) {
    ++tally(source).attempts.refused_resets;
    return fail(Code::precondition_failed,
                "incorrect nonce; read the progress for the current one");
  }
  if (std::ranges::find(given_, source, &Given::source) == given_.end()) {
    ++tally(source).attempts.refused_resets;
    return fail(Code::permission_denied,
                "the shares can be forgotten from an address only that gave one of them");
  }
  ++tally(source).attempts.resets;
  given_.clear();
  nonce_.clear();
  return {};
}

void ShareCollector::clear() {
  const std::scoped_lock lock(mutex_);
  given_.clear();
  nonce_.clear();
}

Progress ShareCollector::progress(const SealRecord& record) const {
  const std::scoped_lock lock(mutex_);
  return {given_.size(), record.threshold, nonce_};
}

std::uint64_t ShareCollector::failures() const {
  const std::scoped_lock lock(mutex_);
  return failures_;
}

std::vector<Attempts> ShareCollector::attempts() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Attempts> out;
  for (const auto& [source, from] : tallies_) {
    const Attempts& tried = from.attempts;
    if (tried.wrong + tried.resets + tried.refused_resets != 0) out.push_back(tried);
  }
  return out;
}

void ShareCollector::reported(const std::vector<Attempts>& attempts) {
  const std::scoped_lock lock(mutex_);
  for (const Attempts& told : attempts) {
    const auto at = tallies_.find(told.source);
    if (at == tallies_.end()) continue;
    Attempts& left = at->second.attempts;
    left.wrong -= told.wrong;
    left.resets -= told.resets;
    left.refused_resets -= told.refused_resets;
    if (left == Attempts{.source = told.source} && at->second.streak == 0) tallies_.erase(at);
  }
}

}  // namespace coffer::keys
