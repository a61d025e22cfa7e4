// The subkeys of XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM with 24-octet nonces.
//
// Half of the nonce and the input key make, by the counter-mode KDF of NIST SP 800-108r1 over
// CMAC-AES256, a key for one message; the other half of the nonce is that message's GCM nonce. As
// the KDF's input is exactly one block, CMAC shrinks to one AES call on the block xored with the
// CMAC subkey K1, and K1 depends on the key alone. Safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "crypto/block_cipher.h"
#include "secure/bytes.h"

#include <array>

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
  BlockKey key_;
  std::array<std::uint8_t, 16> k1_;
};

}  // namespace coffer::crypto
