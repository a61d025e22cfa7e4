#include "base/encoding.h"
#include "base/uuid.h"
#include "crypto/shamir.h"
#include "keys/seal.h"

#include <algorithm>

namespace coffer::keys {
namespace {

constexpr std::uint64_t kFreeFailures = 10;
constexpr Duration kWaitAfterFailures = std::chrono::seconds(1);

bool is_of(const SealRecord& record, ByteView share) {
  const crypto::Digest digest = crypto::sha256(share);
  bool known = false;
  for (const crypto::Digest& good : record.share_digests) known |= secure::equal(digest, good);
  return known;
}

}  // namespace

Result<secure::SecureBytes> parse_share(std::string_view text) {
  constexpr std::size_t kMaxText = 1024;
  if (text.empty() || text.size() > kMaxText)
    return fail(Code::invalid_argument, "not a key share");
  secure::SecureBytes out(text.size());
  auto size = hex_decode_to(text, out.mutable_view().data());
  if (!size) size = base64_decode_to(text, Base64::standard, out.mutable_view().data());
  if (!size) return fail(Code::invalid_argument, "'key' must be a valid hex or base64 string");
  out.resize(*size);
  return out;
}

Result<> ShareCollector::admit() {
  const Duration now = clock_.steady();
  if (failures_ >= kFreeFailures && now - last_attempt_ < kWaitAfterFailures) {
    return fail(Code::exhausted, "too many wrong key shares; wait a second");
  }
  last_attempt_ = now;
  return {};
}

std::unexpected<Error> ShareCollector::refuse() {
  ++failures_;
  ++total_failures_;
  return fail(Code::invalid_argument, "the key share is not one of this seal");
}

Result<std::optional<secure::SecureBytes>> ShareCollector::add(const SealRecord& record,
                                                               ByteView share) {
  const std::scoped_lock lock(mutex_);
  COFFER_CHECK(admit());
  if (!is_of(record, share)) return refuse();
  std::erase_if(given_, [&](const secure::SecureBytes& g) { return !is_of(record, g.view()); });
  const bool given = std::ranges::any_of(
      given_, [&](const secure::SecureBytes& g) { return secure::equal(g.view(), share); });
  if (!given) given_.emplace_back(share);
  if (nonce_.empty()) nonce_ = uuid4(random_.array<16>());
  if (given_.size() < record.threshold) return std::optional<secure::SecureBytes>();

  std::vector<ByteView> views;
  for (const secure::SecureBytes& g : given_) views.push_back(g.view());
  auto root = record.shares == 1 ? Result<secure::SecureBytes>(given_.front().clone())
                                 : crypto::shamir_combine(views);
  given_.clear();
  nonce_.clear();
  if (!root) return refuse();
  failures_ = 0;
  return std::optional(std::move(*root));
}

Result<> ShareCollector::reset(std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  if (!nonce_.empty() && !secure::equal(as_bytes(nonce), as_bytes(nonce_))) {
    return fail(Code::precondition_failed,
                "incorrect nonce; read the progress for the current one");
  }
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
  return total_failures_;
}

}  // namespace coffer::keys
