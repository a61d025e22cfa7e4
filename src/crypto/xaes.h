// The subkeys of XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM with 24-octet nonces.
//
// Half of the nonce and the input key make, by the counter-mode KDF of NIST SP 800-108r1 over
// CMAC-AES256, a key for one message; the other half of the nonce is that message's GCM nonce. As
// the KDF's input is exactly one block, CMAC shrinks to one AES call on the block xored with the
// CMAC subkey K1, and K1 depends on the key alone. The last subkey is remembered beside the key: a
// value that is read again needs none derived. Safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "crypto/block_cipher.h"
#include "secure/bytes.h"

#include <array>
#include <mutex>

namespace coffer::crypto {

class XaesKey {
 public:
  static constexpr std::size_t kDerivedFrom = 12;  // leading octets of the nonce

  explicit XaesKey(ByteView key);  // of 32 octets
  XaesKey(const XaesKey&) = delete;
  XaesKey& operator=(const XaesKey&) = delete;
  ~XaesKey();

  // The AES-256-GCM key for a message whose nonce starts with `nonce_head`, written to `out`.
  void derive(ByteView nonce_head, std::array<std::uint8_t, 32>& out) const;

 private:
  using Subkey = std::array<std::uint8_t, 32>;

  void compute(ByteView nonce_head, Subkey& out) const;

  BlockKey key_;
  std::array<std::uint8_t, 16> k1_;
  mutable std::mutex mutex_;
  // Guarded by mutex_: the last subkey and what it was derived from.
  mutable bool known_ = false;
  mutable std::array<std::uint8_t, kDerivedFrom> head_{};
  mutable Subkey subkey_{};
};

}  // namespace coffer::crypto
