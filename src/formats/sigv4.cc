#include "formats/sigv4.h"

#include "base/encoding.h"
#include "formats/sigv4_canonical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace coffer::formats {
namespace {

using namespace sigv4;

std::unexpected<Error> incomplete(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

std::unexpected<Error> mismatch(std::string message) {
  return fail(Code::permission_denied, std::move(message));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The one header of that name; nullopt: none. Two are an error.
Result<std::optional<std::string_view>> single(const SignedMessage& message,
                                               std::string_view name) {
  std::optional<std::string_view> found;
  for (const SignedHeader& header : message.headers) {
    if (header.name != name) continue;
    if (found) return incomplete("a header of the signature is repeated");
    found = trimmed(header.value);
  }
  return found;
}

// The parts of either form, as text.
struct Parts {
  std::string credential;
  std::string date;  // empty: in a header
  std::string expires;
  std::string signed_headers;
  std::string signature;
  std::string token;  // of the presigned form
};

Result<> take(std::string& part, std::string_view value) {
  if (!part.empty()) return incomplete("a part of the signature is repeated");
  if (value.empty()) return incomplete("a part of the signature is empty");
  part = value;
  return {};
}

// "Credential=…, SignedHeaders=…, Signature=…" in any order.
Result<Parts> header_parts(std::string_view text) {
  if (!text.starts_with(kAlgorithm)) return incomplete("the signature's algorithm is not known");
  text.remove_prefix(kAlgorithm.size());
  if (text.empty() || (text.front() != ' ' && text.front() != '\t')) {
    return incomplete("the signature's algorithm is not known");
  }
  Parts parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      return incomplete("the Authorization header is malformed");
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (name == "Credential") {
      COFFER_CHECK(take(parts.credential, value));
    } else if (name == "SignedHeaders") {
      COFFER_CHECK(take(parts.signed_headers, value));
    } else if (name == "Signature") {
      COFFER_CHECK(take(parts.signature, value));
    } else {
      return incomplete("the Authorization header has an unknown part");
    }
  }
  if (parts.credential.empty()) {
    return incomplete("Authorization header requires 'Credential' parameter.");
  }
  if (parts.signature.empty()) {
    return incomplete("Authorization header requires 'Signature' parameter.");
  }
  if (parts.signed_headers.empty()) {
    return incomplete("Authorization header requires 'SignedHeaders' parameter.");
  }
  return parts;
}

Result<Parts> query_parts(const std::vector<QueryPair>& pairs) {
  Parts parts;
  std::string algorithm;
  const std::array<std::pair<std::string_view, std::string*>, 7> wanted{
      {{"X-Amz-Algorithm", &algorithm},
       {"X-Amz-Credential", &parts.credential},
       {"X-Amz-Date", &parts.date},
       {"X-Amz-Expires", &parts.expires},
       {"X-Amz-SignedHeaders", &parts.signed_headers},
       {"X-Amz-Security-Token", &parts.token},
       {"X-Amz-Signature", &parts.signature}}};
  for (const QueryPair& pair : pairs) {
    const auto at = std::ranges::find(wanted, pair.name, [](const auto& w) { return w.first; });
    if (at == wanted.end()) continue;
    COFFER_TRY(const std::string value, unescaped(pair.value));
    COFFER_CHECK(take(*at->second, value));
  }
  for (const auto& [name, value] : wanted) {
    if (value->empty() && value != &parts.token) {
      return incomplete("AWS query-string parameters must include '" + std::string(name) + "'.");
    }
  }
  if (algorithm != kAlgorithm) return incomplete("the signature's algorithm is not known");
  return parts;
}

bool is_word(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.contains(c);
  });
}

// AKID/20150830/us-east-1/service/aws4_request
Result<> read_credential(std::string_view text, SignatureClaim& claim) {
  constexpr std::size_t kParts = 5;
  std::array<std::string_view, kParts> part;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t slash = text.find('/');
    if ((slash == std::string_view::npos) != (i + 1 == kParts)) {
      return incomplete("Credential must have exactly 5 slash-delimited elements.");
    }
    part[i] = text.substr(0, slash);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  }
  constexpr std::size_t kMaxKeyId = 128;
  constexpr std::size_t kMaxScopePart = 64;
  const auto [id, date, region, service, end] = part;
  if (id.empty() || id.size() > kMaxKeyId || !is_word(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")) {
    return incomplete("the access key id is malformed");
  }
  const bool digits = std::ranges::all_of(date, [](char c) { return c >= '0' && c <= '9'; });
  if (date.size() != 8 || !digits) return incomplete("the scope's date is malformed");
  for (const std::string_view word : {region, service}) {
    if (word.empty() || word.size() > kMaxScopePart || !is_word(word, "-")) {
      return incomplete("the scope's region or service is malformed");
    }
  }
  if (end != kTerminator) return mismatch("Credential should be scoped with a valid terminator");
  claim.access_key_id = id;
  claim.scope = {std::string(date), std::string(region), std::string(service)};
  return {};
}

// "host;x-amz-date": borrows `text`.
Result<std::vector<std::string_view>> read_names(std::string_view text) {
  std::vector<std::string_view> names;
  while (true) {
    const std::size_t end = text.find(';');
    const std::string_view name = text.substr(0, end);
    if (name.empty() || !is_word(name, "!#$%&'*+-.^_`|~")) {
      return incomplete("SignedHeaders is malformed");
    }
    if (!names.empty() && !(names.back() < name)) {
      return incomplete("SignedHeaders is not sorted, or repeats a name");
    }
    if (names.size() == kMaxSignedHeaders) return incomplete("too many signed headers");
    names.push_back(name);
    if (end == std::string_view::npos) return names;
    text.remove_prefix(end + 1);
  }
}

// `date` is the header that dates the request; empty: none does.
Result<> check_names(const SignedMessage& message,
                     const std::vector<std::string_view>& names,
                     std::string_view date) {
  const auto is_signed = [&](std::string_view name) {
    return std::ranges::binary_search(names, name);
  };
  if (!is_signed("host")) {
    return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (!date.empty() && !is_signed(date)) {
    return mismatch("The date header must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const SignedHeader& header : message.headers) {
    if (!header.name.starts_with("x-amz-") || header.name == "x-amz-security-token") continue;
    if (!is_signed(header.name)) {
      return mismatch("There were headers present in the request which were not signed.");
    }
  }
  for (const std::string_view name : names) {
    if (std::ranges::find(message.headers, name, &SignedHeader::name) == message.headers.end()) {
      return mismatch("A signed header is not in the request.");
    }
  }
  return {};
}

// What stands for the body in the canonical request.
Result<std::string> payload_of(const SignedMessage& message) {
  COFFER_TRY(const auto said, single(message, "x-amz-content-sha256"));
  if (!said) return std::string(message.body_sha256);
  if (*said == kUnsignedPayload) {
    if (!message.tls) return mismatch("An unsigned payload is accepted over TLS only.");
    return std::string(kUnsignedPayload);
  }
  if (said->starts_with("STREAMING-")) {
    return incomplete("Bodies that are signed in chunks are not accepted.");
  }
  if (!secure::equal(as_bytes(*said), as_bytes(message.body_sha256))) {
    return mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return std::string(message.body_sha256);
}

// RFC 9110 §5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
Result<Timestamp> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto bad = [] { return incomplete("the Date header is malformed"); };
  const bool shaped = text.size() == 29 && text[3] == ',' && text[4] == ' ' && text[7] == ' ' &&
                      text[11] == ' ' && text[16] == ' ' && text[19] == ':' && text[22] == ':' &&
                      text.ends_with(" GMT");
  if (!shaped) return bad();
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return bad();
  const auto number = static_cast<std::size_t>(month - kMonths.begin()) + 1;
  std::string basic(text.substr(12, 4));
  basic.append(number < 10 ? "0" : "").append(std::to_string(number)).append(text.substr(5, 2));
  basic.append("T").append(text.substr(17, 2)).append(text.substr(20, 2));
  basic.append(text.substr(23, 2)).append("Z");
  return parse_basic_time(basic);
}

// The day of the scope must be the day of the request.
Result<> check_day(const SignatureClaim& claim) {
  if (basic_time(claim.signed_at).starts_with(claim.scope.date)) return {};
  return mismatch(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
      "from HTTP.");
}

Result<> read_signature_text(std::string_view text, SignatureClaim& claim) {
  const bool shaped = text.size() == 2 * claim.signature.size() && is_word(text, "");
  if (!shaped || !hex_decode_to(text, claim.signature.data())) {
    return incomplete("the signature is not 64 hexadecimal digits");
  }
  return {};
}

Result<> take_token(std::string_view token, SignatureClaim& claim) {
  if (token.size() > kMaxSessionTokenText) return incomplete("the session token is too long");
  claim.session_token = secure::SecureText(token);
  return {};
}

// Which header dates the request, and when that is.
Result<std::string_view> read_date(const SignedMessage& message, SignatureClaim& claim) {
  COFFER_TRY(const auto amazon, single(message, "x-amz-date"));
  if (amazon) {
    COFFER_TRY(claim.signed_at, parse_basic_time(*amazon));
    return "x-amz-date";
  }
  COFFER_TRY(const auto date, single(message, "date"));
  if (!date) {
    return incomplete(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
        "header.");
  }
  auto at = parse_basic_time(*date);
  if (!at) at = parse_http_date(*date);
  COFFER_TRY(claim.signed_at, std::move(at));
  return "date";
}

Result<SignatureClaim> read_header_form(const SignedMessage& message,
                                        std::string_view authorization,
                                        std::vector<QueryPair> pairs) {
  SignatureClaim claim;
  COFFER_TRY(const Parts parts, header_parts(authorization));
  COFFER_CHECK(read_credential(parts.credential, claim));
  COFFER_CHECK(read_signature_text(parts.signature, claim));
  COFFER_TRY(const std::string_view date, read_date(message, claim));
  COFFER_CHECK(check_day(claim));
  COFFER_TRY(const auto token, single(message, "x-amz-security-token"));
  COFFER_CHECK(take_token(token.value_or(std::string_view()), claim));
  COFFER_TRY(const auto names, read_names(parts.signed_headers));
  COFFER_CHECK(check_names(message, names, date));
  COFFER_TRY(const std::string payload, payload_of(message));
  claim.string_to_sign = string_to_sign(
      basic_time(claim.signed_at),
      claim.scope,
      canonical_digest(message, canonical_query(std::move(pairs), {}), names, payload));
  return claim;
}

Result<Duration> read_lifetime(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return incomplete("X-Amz-Expires should be a number");
  }
  constexpr auto kMax = std::chrono::duration_cast<std::chrono::seconds>(kMaxPresignedLife).count();
  if (seconds < 1) return incomplete("X-Amz-Expires must be greater than 0");
  if (seconds > kMax) {
    return incomplete(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given "
        "X-Amz-Expires must be less than 604800 seconds");
  }
  return std::chrono::seconds(seconds);
}

Result<SignatureClaim> read_presigned(const SignedMessage& message, std::vector<QueryPair> pairs) {
  SignatureClaim claim;
  claim.presigned = true;
  COFFER_TRY(const Parts parts, query_parts(pairs));
  COFFER_CHECK(read_credential(parts.credential, claim));
  COFFER_CHECK(read_signature_text(parts.signature, claim));
  COFFER_TRY(claim.signed_at, parse_basic_time(parts.date));
  COFFER_CHECK(check_day(claim));
  COFFER_TRY(claim.lifetime, read_lifetime(parts.expires));
  COFFER_TRY(const auto header_token, single(message, "x-amz-security-token"));
  if (header_token) return incomplete("the session token is not where the signature is");
  COFFER_CHECK(take_token(parts.token, claim));
  COFFER_TRY(const auto names, read_names(parts.signed_headers));
  COFFER_CHECK(check_names(message, names, {}));
  COFFER_TRY(const std::string payload, payload_of(message));
  const auto text_without = [&](std::span<const std::string_view> except) {
    return string_to_sign(
        parts.date,
        claim.scope,
        canonical_digest(message, canonical_query(pairs, except), names, payload));
  };
  constexpr std::array<std::string_view, 2> kExcept{"X-Amz-Signature", "X-Amz-Security-Token"};
  claim.string_to_sign = text_without(std::span(kExcept).first(1));
  if (!parts.token.empty()) claim.string_without_token = text_without(kExcept);
  return claim;
}

bool is_presigned(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    if (item.starts_with("X-Amz-Signature=") || item.starts_with("X-Amz-Algorithm=")) return true;
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return false;
}

bool is_signature(const SignedHeader& header) {
  return header.name == "authorization" && header.value.starts_with("AWS4-");
}

}  // namespace

bool claims_signature(const SignedMessage& message) {
  return std::ranges::any_of(message.headers, is_signature) ||
         is_presigned(query_of(message.target));
}

Result<SignatureClaim> read_signature(const SignedMessage& message) {
  if (message.target.size() > kMaxSignedTarget) return incomplete("the request target is too long");
  COFFER_TRY(const auto authorization, single(message, "authorization"));
  COFFER_CHECK(single(message, "host"));
  COFFER_TRY(std::vector<QueryPair> pairs, query_pairs(query_of(message.target)));
  if (!is_presigned(query_of(message.target))) {
    if (!authorization) return incomplete("Missing Authentication Token");
    return read_header_form(message, *authorization, std::move(pairs));
  }
  if (authorization) return incomplete("Only one auth mechanism allowed");
  return read_presigned(message, std::move(pairs));
}

crypto::HmacKey signing_key(std::string_view secret, const SignatureScope& scope) {
  secure::SecureText seed;
  seed.reserve(4 + secret.size());
  seed.append("AWS4");
  seed.append(secret);
  crypto::Digest key = crypto::hmac_sha256(seed.view(), as_bytes(scope.date));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), kTerminator}) {
    const crypto::Digest next = crypto::hmac_sha256(key, as_bytes(part));
    key = next;
  }
  crypto::HmacKey made(key);
  secure::wipe(key.data(), key.size());
  return made;
}

bool signature_fits(const SignatureClaim& claim, const crypto::HmacKey& key) {
  const bool fits = secure::equal(key.mac(as_bytes(claim.string_to_sign)), claim.signature);
  if (claim.string_without_token.empty()) return fits;
  return secure::equal(key.mac(as_bytes(claim.string_without_token)), claim.signature) || fits;
}

Result<> check_signature_time(const SignatureClaim& claim, Timestamp now) {
  const std::string at = basic_time(claim.signed_at);
  const auto compared = [&](std::string_view relation, Timestamp bound, std::string_view sign) {
    return std::string(relation) + basic_time(bound) + " (" + basic_time(now) + " " +
           std::string(sign) + " 5 min.)";
  };
  if (claim.signed_at > now + kSignatureSkew) {
    return mismatch("Signature not yet current: " + at +
                    compared(" is still later than ", now + kSignatureSkew, "+"));
  }
  if (claim.presigned) {
    const Timestamp end = claim.signed_at + claim.lifetime;
    if (now <= end) return {};
    return mismatch("Signature expired: " + basic_time(end) + " is now earlier than " +
                    basic_time(now));
  }
  if (claim.signed_at + kSignatureSkew >= now) return {};
  return mismatch("Signature expired: " + at +
                  compared(" is now earlier than ", now - kSignatureSkew, "-"));
}

}  // namespace coffer::formats
