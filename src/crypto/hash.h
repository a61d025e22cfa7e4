// SHA-2, SHA-3 and HMAC (FIPS 180-4, FIPS 202, RFC 2104). SHA-1 is here for OAEP and HMAC, which
// its collisions do not touch; nothing signs with it.
//
// A hash of 32 octets costs about 0.3 us, an HMAC of as much with a kept key 0.6 us. All are safe
// for concurrent use. Nothing here can fail on any input; a broken OpenSSL is an exception.
#pragma once

#include "base/bytes.h"
#include "secure/bytes.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

namespace coffer::crypto {

using Digest = std::array<std::uint8_t, 32>;

enum class HashKind : std::uint8_t {
  sha224 = 1,  // values are stored on disk
  sha256 = 2,
  sha384 = 3,
  sha512 = 4,
  sha1 = 5,
  sha3_224 = 6,
  sha3_256 = 7,
  sha3_384 = 8,
  sha3_512 = 9,
};

// Octets of a digest.
std::size_t digest_size(HashKind kind);

Digest sha256(ByteView data);
Digest sha256(std::initializer_list<ByteView> parts);  // of the concatenation
Bytes hash(HashKind kind, ByteView data);

// SHA-256 of public octets that come in pieces. finish() once.
class RunningSha256 {
 public:
  RunningSha256();
  RunningSha256(RunningSha256&&) noexcept;
  RunningSha256& operator=(RunningSha256&&) noexcept;
  RunningSha256(const RunningSha256&) = delete;
  RunningSha256& operator=(const RunningSha256&) = delete;
  ~RunningSha256();

  void update(ByteView data);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest hmac_sha256(ByteView key, ByteView data);
Bytes hmac(HashKind kind, ByteView key, ByteView data);
// The same into `out` of digest_size(kind) octets, for results that are keys and live in wiped
// memory.
void hmac_to(HashKind kind, ByteView key, ByteView data, MutableBytes out);

// HMAC-SHA-256 under one key, many times: the padded key blocks are hashed once. Safe for
// concurrent use.
class HmacKey {
 public:
  explicit HmacKey(ByteView key);
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  ~HmacKey();

  [[nodiscard]] Digest mac(ByteView data) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coffer::crypto
