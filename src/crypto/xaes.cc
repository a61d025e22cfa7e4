#include "crypto/xaes.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::size_t kBlock = 16;

// Doubling in GF(2^128) as NIST SP 800-38B §6.1 wants it, without a branch on the secret top bit.
void double_block(std::array<std::uint8_t, kBlock>& block) {
  const unsigned reduce = 0x87U & (0U - (block[0] >> 7));
  for (std::size_t i = 0; i < kBlock; ++i) {
    const unsigned carry = i + 1 < kBlock ? block[i + 1] >> 7 : 0U;
    block[i] = static_cast<std::uint8_t>((unsigned{block[i]} << 1) | carry);
  }
  block[kBlock - 1] = static_cast<std::uint8_t>(block[kBlock - 1] ^ reduce);
}

}  // namespace

XaesKey::XaesKey(ByteView key) : key_(key), k1_{} {
  key_.encrypt(k1_, k1_);  // L, from the zero block
  double_block(k1_);
}

XaesKey::~XaesKey() {
  secure::wipe(k1_.data(), k1_.size());
  secure::wipe(subkey_.data(), subkey_.size());
}

void XaesKey::derive(ByteView nonce_head, std::array<std::uint8_t, 32>& out) const {
  const std::scoped_lock lock(mutex_);
  if (!known_ || !std::ranges::equal(nonce_head, head_)) {
    compute(nonce_head, subkey_);
    std::ranges::copy(nonce_head, head_.begin());
    known_ = true;
  }
  out = subkey_;
}

void XaesKey::compute(ByteView nonce_head, Subkey& out) const {
  // M1 and M2: a counter of 16 bits, the label "X", a separating zero, half of the nonce.
  for (std::size_t i = 0; i < 2; ++i) {
    std::uint8_t* block = out.data() + i * kBlock;
    block[0] = 0;
    block[1] = static_cast<std::uint8_t>(i + 1);
    block[2] = 'X';
    block[3] = 0;
    std::ranges::copy(nonce_head, block + 4);
    for (std::size_t k = 0; k < kBlock; ++k) block[k] ^= k1_[k];
  }
  key_.encrypt(out, out);
}

}  // namespace coffer::crypto
