// The canonical request of AWS Signature V4 and the string to sign: for the sigv4 files of this
// folder, which read and make signatures.
#pragma once

#include "formats/sigv4.h"

#include <span>
#include <string>
#include <string_view>

namespace coffer::formats::sigv4 {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kTerminator = "aws4_request";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Everything but unreserved characters (RFC 3986 §2.3) as %XX, upper case.
void append_escaped(std::string& out, std::string_view text);
// %XX and '+' decoded; invalid_argument for a broken escape.
Result<std::string> unescaped(std::string_view text);

std::string canonical_path(std::string_view path, bool normalise);

// One pair of a query, both escaped canonically.
struct QueryPair {
  std::string name;
  std::string value;
  friend auto operator<=>(const QueryPair&, const QueryPair&) = default;
};

Result<std::vector<QueryPair>> query_pairs(std::string_view query);
// Sorted, without the pairs whose escaped name is among `except`.
std::string canonical_query(std::vector<QueryPair> pairs, std::span<const std::string_view> except);

// SHA-256 of the canonical request. `names` are the signed headers, sorted.
crypto::Digest canonical_digest(const SignedMessage& message,
                                std::string_view query,
                                std::span<const std::string_view> names,
                                std::string_view payload);

// "20150830/us-east-1/service/aws4_request"
std::string scope_text(const SignatureScope& scope);

std::string string_to_sign(std::string_view date,
                           const SignatureScope& scope,
                           const crypto::Digest& canonical);

std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);

// "20150830T123600Z"
std::string basic_time(Timestamp at);
Result<Timestamp> parse_basic_time(std::string_view text);

}  // namespace coffer::formats::sigv4
