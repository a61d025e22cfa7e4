// JOSE, as identity providers use it: signed tokens in the compact form (RFC 7515 §3.1, RFC 7519),
// sets of public keys (RFC 7517, RFC 7518 §6, RFC 8037), and their verification.
//
// Algorithms: RS256, RS384, RS512, PS256, ES256, ES384, EdDSA (Ed25519). Everything else is
// refused, "none" and all of the HS family above all: a public key is never used as the secret of a
// MAC. A key verifies only with an algorithm of its own kind, and only with the one that it names,
// if it names one. Headers that point at keys ("jwk", "jku", "x5u", "x5c") are not followed; "crit"
// is refused. Base64url without padding, one spelling a value. JSON as formats/json.h reads it: no
// name twice.
//
// Limits: a token of 20,000 octets, a set of 256 KiB and 128 keys. Errors are invalid_argument and
// say nothing of the token. Values; verification is safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "secure/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxJws = 20'000;
inline constexpr std::size_t kMaxJwkSet = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxJwks = 128;

enum class JoseAlgorithm : std::uint8_t { rs256, rs384, rs512, ps256, es256, es384, eddsa };

std::optional<JoseAlgorithm> parse_jose_algorithm(std::string_view name);

struct Jws {
  JoseAlgorithm algorithm{};
  std::string key_id;   // empty: none
  std::string payload;  // decoded, not trusted yet
  std::string signed_text;
  Bytes signature;
};

Result<Jws> parse_jws(std::string_view text);

struct Jwk {
  std::string id;                          // empty: none
  std::optional<JoseAlgorithm> algorithm;  // nullopt: whatever its kind can
  crypto::PublicKey key;
};

// The keys of the set that may verify one of the algorithms. Keys of other kinds, uses and
// algorithms, secret and private ones, and those with malformed numbers are left out.
Result<std::vector<Jwk>> parse_jwk_set(std::string_view text);

// Whether the signature holds under one of the keys: under that with the token's key id, or, where
// either has none, under any that fits.
bool verify_jws(const Jws& jws, const std::vector<Jwk>& keys);

// The registered claims of RFC 7519 §4.1 that decide about a token, each with the right type.
struct JwtClaims {
  std::string issuer;
  std::string subject;
  std::vector<std::string> audience;
  std::string authorized_party;  // "azp"; empty: none
  Timestamp expires;
  std::optional<Timestamp> not_before;
  std::optional<Timestamp> issued;
};

// iss, sub, aud and exp must be there.
Result<JwtClaims> parse_jwt_claims(std::string_view payload);

}  // namespace coffer::formats
