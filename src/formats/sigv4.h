// AWS Signature Version 4: what a signed request claims, whether its signature fits, and signing.
// One implementation reads, verifies and signs.
//
// Two forms: the header form (Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…,
// Signature=…) and the presigned form (the same in query parameters X-Amz-…, with a lifetime).
// read_signature() does all that needs no key: it takes the claim apart, holds it to the rules
// below and computes the string to sign, so that a check costs one HMAC. It says nothing about who
// signed: only signature_fits() under the key of the named access key does.
//
// Rules, beyond the syntax of https://docs.aws.amazon.com/general/latest/gr/sigv4-signed-request-
// examples.html: exactly one form, each of its parts once. The headers `host`, the date that was
// used and every received x-amz-* header are signed, a session token excepted, which clients may
// add after signing. Names in SignedHeaders are lower case, sorted, unique and received. The
// scope's date is the day of the request's date. x-amz-content-sha256 is the hash of the body as
// received, or UNSIGNED-PAYLOAD over TLS; bodies signed in chunks (STREAMING-…) are refused. In
// queries '+' counts as a space, as for whoever reads them (net/target.h). Paths are normalised
// (empty and dot segments go) and their octets escaped once more, as every service but S3 signs
// them.
//
// Errors: invalid_argument for what cannot be read (IncompleteSignature of AWS), permission_denied
// for what breaks a rule (SignatureDoesNotMatch). Messages hold no part of the request. Limits: a
// target of 16 KiB, 128 signed headers, 8 KiB of session token. Pure functions.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "secure/bytes.h"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxSignedTarget = 16 * 1024;
inline constexpr std::size_t kMaxSignedHeaders = 128;
inline constexpr std::size_t kMaxSessionTokenText = 8 * 1024;
inline constexpr Duration kSignatureSkew = std::chrono::minutes(5);
inline constexpr Duration kMaxPresignedLife = std::chrono::days(7);

struct SignedHeader {
  std::string_view name;  // lower case
  std::string_view value;
};

// Borrows everything.
struct SignedMessage {
  std::string_view method;
  std::string_view target;                // path and query as sent
  std::span<const SignedHeader> headers;  // in the order received
  std::string_view body_sha256;  // of the octets received: 64 hexadecimal digits, lower case
  bool tls = false;
  bool normalise_path = true;  // S3 alone signs paths as they are
};

// What a signing key is good for: one day, region and service.
struct SignatureScope {
  std::string date;  // YYYYMMDD
  std::string region;
  std::string service;
  friend auto operator<=>(const SignatureScope&, const SignatureScope&) = default;
};

struct SignatureClaim {
  bool presigned = false;
  std::string access_key_id;
  SignatureScope scope;
  Timestamp signed_at;
  Duration lifetime{};               // of the presigned form
  secure::SecureText session_token;  // empty: none
  std::string string_to_sign;
  // Of a presigned request whose token may have been added after signing; else empty.
  std::string string_without_token;
  crypto::Digest signature{};
};

// Whether the message says that it is signed, in either form, well or not.
bool claims_signature(const SignedMessage& message);

Result<SignatureClaim> read_signature(const SignedMessage& message);

// The key that a secret access key has for a scope; it may be kept for the day.
crypto::HmacKey signing_key(std::string_view secret, const SignatureScope& scope);

// In constant time.
bool signature_fits(const SignatureClaim& claim, const crypto::HmacKey& key);

// Whether the claim is good at `now`: within kSignatureSkew of its date, or, presigned, not before
// its date less the skew and not after its lifetime. permission_denied, in the words of AWS.
Result<> check_signature_time(const SignatureClaim& claim, Timestamp now);

struct SigningCredentials {
  std::string_view access_key_id;
  std::string_view secret;
  std::string_view session_token;  // empty: none
};

struct Signing {
  std::string_view region;
  std::string_view service;
  Timestamp now;
  bool hash_header = false;  // adds x-amz-content-sha256
  bool sign_token = true;    // false: the token is added after signing
};

// The headers to add: x-amz-date, and what else is asked for; authorization last. Every header of
// the message is signed. The message has no authorization or x-amz-date of its own.
Result<std::vector<std::pair<std::string, secure::SecureText>>> sign_headers(
    const SignedMessage& message, const SigningCredentials& credentials, const Signing& how);

// The target with the signature in its query, good for `lifetime` (whole seconds).
Result<secure::SecureText> presign_target(const SignedMessage& message,
                                          const SigningCredentials& credentials,
                                          const Signing& how,
                                          Duration lifetime);

}  // namespace coffer::formats
