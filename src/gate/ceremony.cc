#include "gate/ceremony.h"

#include "base/encoding.h"
#include "base/uuid.h"

namespace coffer::gate {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

secure::SecureText base62_password(std::size_t size, crypto::Random& random) {
  // Octets from 248 on would favour the first letters.
  constexpr std::uint8_t kUnbiased = 256 / kBase62.size() * kBase62.size();
  secure::SecureText out;
  out.reserve(size);
  while (out.size() < size) {
    const secure::SecureBytes octets = random.bytes(size);
    for (const std::uint8_t octet : octets.view()) {
      if (octet < kUnbiased && out.size() < size) out.push_back(kBase62[octet % kBase62.size()]);
    }
  }
  return out;
}

// True when the share completes the set and the set makes the server's root key.
Result<bool> collect(keys::ShareCollector& collector, const SealInForce& seal, ByteView share) {
  COFFER_TRY(const auto root, collector.add(seal.record, share));
  if (!root) return false;
  if (!secure::equal(root->view(), seal.root)) {
    return fail(Code::invalid_argument, "the shares do not make this server's root key");
  }
  return true;
}

Result<> check_nonce(std::string_view given, std::string_view own) {
  if (secure::equal(as_bytes(given), as_bytes(own))) return {};
  return fail(Code::precondition_failed, "incorrect nonce; read the progress for the current one");
}

}  // namespace

RootCeremony::RootCeremony(const Clock& clock, crypto::Random& random)
    : random_(random), collector_(clock, random) {}

CeremonyStatus RootCeremony::status(const keys::SealRecord& record) const {
  const std::scoped_lock lock(mutex_);
  return {.started = !nonce_.empty(),
          .nonce = nonce_,
          .progress = collector_.progress(record).given,
          .required = record.threshold};
}

Result<secure::SecureText> RootCeremony::start(std::size_t size) {
  secure::SecureText password = base62_password(size, random_);
  COFFER_CHECK(start_with(password.clone()));
  return password;
}

Result<> RootCeremony::start_with(secure::SecureText password) {
  const std::scoped_lock lock(mutex_);
  if (!nonce_.empty()) {
    return fail(Code::precondition_failed, "root generation already in progress");
  }
  clear();
  nonce_ = uuid4(random_.array<16>());
  password_ = std::move(password);
  return {};
}

void RootCeremony::cancel() {
  const std::scoped_lock lock(mutex_);
  clear();
}

Result<bool> RootCeremony::submit(const SealInForce& seal, ByteView share, std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  COFFER_CHECK(check(nonce));
  return collect(collector_, seal, share);
}

Result<secure::SecureText> RootCeremony::mask(std::string_view token,
                                              std::string_view nonce) const {
  const std::scoped_lock lock(mutex_);
  COFFER_CHECK(check(nonce));
  if (token.size() != password_.size()) {
    return fail(Code::internal, "the one-time password does not fit the token");
  }
  secure::SecureBytes mixed(token.size());
  for (std::size_t i = 0; i < token.size(); ++i) {
    mixed.mutable_view()[i] = as_bytes(token)[i] ^ password_.view()[i];
  }
  secure::SecureBytes text(base64_encoded_size(mixed.size(), Base64::standard_raw));
  base64_encode_to(
      mixed.view(), Base64::standard_raw, reinterpret_cast<char*>(text.mutable_view().data()));
  return secure::SecureText(std::move(text));
}

void RootCeremony::finish(std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  if (secure::equal(as_bytes(nonce), as_bytes(nonce_))) clear();
}

Result<> RootCeremony::check(std::string_view nonce) const {
  if (nonce_.empty()) return fail(Code::precondition_failed, "no root generation in progress");
  return check_nonce(nonce, nonce_);
}

void RootCeremony::clear() {
  collector_.clear();
  nonce_.clear();
  password_ = {};
}

RekeyCeremony::RekeyCeremony(const Clock& clock, crypto::Random& random)
    : random_(random), collector_(clock, random), verifier_(clock, random) {}

RekeyCeremony::Status RekeyCeremony::status(const keys::SealRecord& record) const {
  const std::scoped_lock lock(mutex_);
  return {{.started = !nonce_.empty(),
           .nonce = nonce_,
           .progress = collector_.progress(record).given,
           .required = record.threshold},
          wish_,
          verification_nonce_};
}

Result<> RekeyCeremony::start(const Wish& wish) {
  COFFER_CHECK(keys::check_numbers(wish.numbers));
  const std::scoped_lock lock(mutex_);
  if (!nonce_.empty()) return fail(Code::precondition_failed, "rekey already in progress");
  clear();
  nonce_ = uuid4(random_.array<16>());
  wish_ = wish;
  return {};
}

void RekeyCeremony::cancel() {
  const std::scoped_lock lock(mutex_);
  clear();
}

Result<RekeyCeremony::Made> RekeyCeremony::submit(const SealInForce& seal,
                                                  ByteView share,
                                                  std::string_view nonce,
                                                  const Make& make) {
  const std::scoped_lock lock(mutex_);
  COFFER_CHECK(check(nonce));
  if (pending_) {
    return fail(Code::precondition_failed, "the new shares are there and await verification");
  }
  COFFER_TRY(const bool complete, collect(collector_, seal, share));
  if (!complete) return Made{};
  COFFER_TRY(keys::NewSeal made, make(wish_.numbers));
  auto sealed = std::make_shared<const keys::NewSeal>(std::move(made));
  if (wish_.verification) {
    pending_ = sealed;
    verification_nonce_ = uuid4(random_.array<16>());
  }
  return Made{std::move(sealed), verification_nonce_};
}

RekeyCeremony::Status RekeyCeremony::verification() const {
  const std::scoped_lock lock(mutex_);
  if (!pending_) return {};
  return {{.started = true,
           .nonce = verification_nonce_,
           .progress = verifier_.progress(pending_->record).given,
           .required = pending_->record.threshold},
          wish_,
          verification_nonce_};
}

Result<NewSealPtr> RekeyCeremony::verify(ByteView share, std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  if (!pending_) return fail(Code::precondition_failed, "no rekey verification in progress");
  COFFER_CHECK(check_nonce(nonce, verification_nonce_));
  COFFER_TRY(const bool complete,
             collect(verifier_, {pending_->record, pending_->root.view()}, share));
  return complete ? pending_ : nullptr;
}

Result<> RekeyCeremony::restart_verification() {
  const std::scoped_lock lock(mutex_);
  if (!pending_) return fail(Code::precondition_failed, "no rekey verification in progress");
  verifier_.clear();
  verification_nonce_ = uuid4(random_.array<16>());
  return {};
}

void RekeyCeremony::finish(std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  if (secure::equal(as_bytes(nonce), as_bytes(nonce_))) clear();
}

Result<> RekeyCeremony::check(std::string_view nonce) const {
  if (nonce_.empty()) return fail(Code::precondition_failed, "no rekey in progress");
  return check_nonce(nonce, nonce_);
}

void RekeyCeremony::clear() {
  collector_.clear();
  verifier_.clear();
  nonce_.clear();
  wish_ = {};
  pending_.reset();
  verification_nonce_.clear();
}

}  // namespace coffer::gate
