#include "rows/guard_digest.h"

#include "base/wire.h"

namespace coffer::rows {
namespace {

constexpr std::string_view kKeyLabel = "coffer guarded rows v1";
constexpr std::uint8_t kTermMark = 0;
constexpr std::uint8_t kSumMark = 1;

}  // namespace

GuardDigest::GuardDigest(const keys::Keyring& keyring)
    : key_(std::make_shared<const crypto::HmacKey>(keyring.lookup_digest(kKeyLabel, {}))) {}

crypto::Digest GuardDigest::term(const store::Key& key, const RowState& state) const {
  Bytes input;
  input.reserve(key.key.size() + 48);
  Writer w(input);
  w.u8(kTermMark);
  w.u16(key.table.value());
  w.u32(key.realm.value());
  w.bytes(key.key);
  w.u64(state.revision);
  append(input, state.seal);
  return key_->mac(input);
}

void GuardDigest::add(const store::Key& key, const RowState& state) {
  const crypto::Digest more = term(key, state);
  unsigned carry = 0;
  for (std::size_t i = sum_.size(); i-- > 0;) {
    carry += static_cast<unsigned>(sum_[i]) + more[i];
    sum_[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
}

void GuardDigest::remove(const store::Key& key, const RowState& state) {
  const crypto::Digest less = term(key, state);
  unsigned borrow = 0;
  for (std::size_t i = sum_.size(); i-- > 0;) {
    const unsigned difference = 0x100U + sum_[i] - less[i] - borrow;
    sum_[i] = static_cast<std::uint8_t>(difference);
    borrow = difference < 0x100U ? 1U : 0U;
  }
}

crypto::Digest GuardDigest::value() const {
  Bytes input{kSumMark};
  append(input, sum_);
  return key_->mac(input);
}

}  // namespace coffer::rows
