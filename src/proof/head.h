// Head: the state of the audit chain after one event; signed, it is the witness that an operator
// keeps.
//
//   canonical   version (2), log id (16 octets), u64 sequence, link (32 octets), u64 time,
//               row digest (32 octets)
//   signed      ECDSA P-256 over "coffer audit head v2" || canonical
//   text form   "coffer-head:v2:" || base64url (no padding) of canonical || bytes signature
//
// Version 1 has no row digest, and 1 in the place of each 2; it stays readable. The row digest says
// which rows stood in the store beside this head; only their server can compute it
// (rows/guard_digest.h), a verifier without its keys relies on the signature.
//
// The encodings are those of base/wire.h; grammar in docs/formats/audit.md. Every signed head has
// one encoding. Decoders check form, never the signature: that is verify_head(). Plain values.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/wire.h"
#include "crypto/hash.h"
#include "crypto/signature.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::proof {

inline constexpr std::size_t kLogIdSize = 16;
inline constexpr std::size_t kMaxHeadSignature = 256;  // octets
inline constexpr std::size_t kMaxHeadText = 512;       // characters

struct Head {
  Bytes log_id;                // 16 octets, drawn at init
  std::uint64_t sequence = 0;  // of the last event; from 1
  crypto::Digest link{};
  Timestamp time;
  std::optional<crypto::Digest> rows{};  // the row digest; nullopt: a head of version 1
  friend bool operator==(const Head&, const Head&) = default;
};

struct SignedHead {
  Head head;
  Bytes signature;
  friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

// Fails only where the key cannot sign.
Result<SignedHead> sign_head(Head head, const crypto::PrivateKey& key);
[[nodiscard]] bool verify_head(const SignedHead& head, const crypto::PublicKey& key);

// What an operator keeps. Refused text is invalid_argument.
std::string head_text(const SignedHead& head);
Result<SignedHead> parse_head(std::string_view text);

// The binary form inside batches; reads from where `in` stands. Code::corrupt.
void encode_head(const SignedHead& head, Bytes& out);
Result<SignedHead> decode_head(Reader& in);

// SHA-256 over the binary form: names a signed head in the batch that follows it.
crypto::Digest head_digest(const SignedHead& head);

// link(0): what the first event of a log is linked to.
crypto::Digest first_link(ByteView log_id);
// link(n), from link(n-1) and the canonical encoding of event n.
crypto::Digest next_link(const crypto::Digest& link, ByteView encoded_event);

}  // namespace coffer::proof
