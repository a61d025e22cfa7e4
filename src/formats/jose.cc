#include "formats/jose.h"

#include "base/encoding.h"
#include "base/enum_table.h"
#include "formats/json.h"
#include "formats/jwk.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace coffer::formats {
namespace {

using crypto::KeyKind;

constexpr std::size_t kMaxKeyId = 512;
constexpr std::size_t kMaxClaim = 2048;
constexpr std::size_t kMaxAudiences = 64;

constexpr EnumTable<JoseAlgorithm, 7> kAlgorithms{{{{JoseAlgorithm::rs256, "RS256"},
                                                    {JoseAlgorithm::rs384, "RS384"},
                                                    {JoseAlgorithm::rs512, "RS512"},
                                                    {JoseAlgorithm::ps256, "PS256"},
                                                    {JoseAlgorithm::es256, "ES256"},
                                                    {JoseAlgorithm::es384, "ES384"},
                                                    {JoseAlgorithm::eddsa, "EdDSA"}}}};

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::invalid_argument, std::string(what));
}

Result<std::string> decoded(std::string_view part) {
  auto octets = base64_decode(part, Base64::url_raw);
  if (!octets) return malformed("token is not base64url");
  return std::string(as_text(*octets));
}

Result<JsonView> object_in(std::string_view text) {
  const auto view = JsonView::parse(text, 10'000);
  if (!view || view->kind() != JsonKind::object) return malformed("token is not JSON");
  return *view;
}

bool is_rsa(KeyKind kind) {
  return kind == KeyKind::rsa2048 || kind == KeyKind::rsa3072 || kind == KeyKind::rsa4096;
}

bool fits(KeyKind kind, JoseAlgorithm algorithm) {
  switch (algorithm) {
    case JoseAlgorithm::rs256:
    case JoseAlgorithm::rs384:
    case JoseAlgorithm::rs512:
    case JoseAlgorithm::ps256:
      return is_rsa(kind);
    case JoseAlgorithm::es256:
      return kind == KeyKind::ecdsa_p256;
    case JoseAlgorithm::es384:
      return kind == KeyKind::ecdsa_p384;
    case JoseAlgorithm::eddsa:
      return kind == KeyKind::ed25519;
  }
  return false;
}

crypto::HashKind hash_of(JoseAlgorithm algorithm) {
  switch (algorithm) {
    case JoseAlgorithm::rs384:
    case JoseAlgorithm::es384:
      return crypto::HashKind::sha384;
    case JoseAlgorithm::rs512:
      return crypto::HashKind::sha512;
    case JoseAlgorithm::rs256:
    case JoseAlgorithm::ps256:
    case JoseAlgorithm::es256:
    case JoseAlgorithm::eddsa:
      break;
  }
  return crypto::HashKind::sha256;
}

crypto::Padding padding_of(JoseAlgorithm algorithm) {
  switch (algorithm) {
    case JoseAlgorithm::rs256:
    case JoseAlgorithm::rs384:
    case JoseAlgorithm::rs512:
      return crypto::Padding::pkcs1;
    case JoseAlgorithm::ps256:
      return crypto::Padding::pss;
    case JoseAlgorithm::es256:
    case JoseAlgorithm::es384:
    case JoseAlgorithm::eddsa:
      break;
  }
  return crypto::Padding::none;
}

bool holds_under(const Jws& jws, const crypto::PublicKey& key) {
  Bytes signature = jws.signature;
  if (jws.algorithm == JoseAlgorithm::es256 || jws.algorithm == JoseAlgorithm::es384) {
    auto der = crypto::ecdsa_from_raw(key.kind(), signature);
    if (!der) return false;
    signature = *std::move(der);
  }
  return key.verify(
      as_bytes(jws.signed_text), signature, hash_of(jws.algorithm), padding_of(jws.algorithm));
}

// Seconds since 1970; fractions are allowed and dropped (RFC 7519 §2, NumericDate).
Result<std::optional<Timestamp>> moment(const JsonView& claims, std::string_view name) {
  const auto value = claims.find_value(name);
  if (!value) return std::optional<Timestamp>();
  double seconds = 0;
  const std::string_view raw = value->raw();
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), seconds);
  constexpr double kLast = 7'258'118'400;  // the year 2200
  if (value->kind() != JsonKind::number || error != std::errc() || end != raw.data() + raw.size() ||
      !(seconds >= 0 && seconds < kLast)) {
    return malformed("token has a malformed date");
  }
  return std::optional(Timestamp{static_cast<std::int64_t>(std::floor(seconds)) * 1'000'000'000});
}

Result<std::string> text_claim(const JsonView& claims, std::string_view name) {
  const auto value = claims.find_value(name);
  if (!value) return std::string();
  auto text = value->string();
  if (!text || text->size() > kMaxClaim) return malformed("token has a malformed claim");
  return *std::move(text);
}

Result<std::vector<std::string>> audiences(const JsonView& claims) {
  const auto value = claims.find_value("aud");
  std::vector<std::string> out;
  if (!value) return out;
  const bool list = value->kind() == JsonKind::array;
  const std::vector<JsonView> items = list ? value->elements() : std::vector{*value};
  if (items.size() > kMaxAudiences) return malformed("token has too many audiences");
  for (const JsonView& item : items) {
    auto text = item.string();
    if (!text || text->empty() || text->size() > kMaxClaim) {
      return malformed("token has a malformed audience");
    }
    out.push_back(*std::move(text));
  }
  return out;
}

}  // namespace

std::optional<JoseAlgorithm> parse_jose_algorithm(std::string_view name) {
  return kAlgorithms.parse(name);
}

Result<Jws> parse_jws(std::string_view text) {
  if (text.size() > kMaxJws) return malformed("token is too long");
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first == std::string_view::npos ? first : first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos ||
      text.find('.', second + 1) != std::string_view::npos) {
    return malformed("token has not three parts");
  }
  COFFER_TRY(const std::string head, decoded(text.substr(0, first)));
  COFFER_TRY(const JsonView header, object_in(head));
  for (const auto* const name : {"crit", "b64", "enc"}) {
    if (header.find(name)) return malformed("token has a header that is not understood");
  }
  Jws out;
  COFFER_TRY(const std::string algorithm, text_claim(header, "alg"));
  const auto known = parse_jose_algorithm(algorithm);
  if (!known) return malformed("token has an algorithm that is not accepted");
  out.algorithm = *known;
  COFFER_TRY(out.key_id, text_claim(header, "kid"));
  if (out.key_id.size() > kMaxKeyId) return malformed("token has a malformed claim");
  COFFER_TRY(out.payload, decoded(text.substr(first + 1, second - first - 1)));
  out.signed_text = text.substr(0, second);
  auto signature = base64_decode(text.substr(second + 1), Base64::url_raw);
  if (!signature || signature->empty()) return malformed("token has no signature");
  out.signature = *std::move(signature);
  return out;
}

bool verify_jws(const Jws& jws, const std::vector<Jwk>& keys) {
  return std::ranges::any_of(keys, [&jws](const Jwk& jwk) {
    const bool named = jws.key_id.empty() || jwk.id.empty() || jws.key_id == jwk.id;
    const bool agreed = !jwk.algorithm || *jwk.algorithm == jws.algorithm;
    return named && agreed && fits(jwk.key.kind(), jws.algorithm) && holds_under(jws, jwk.key);
  });
}

Result<std::vector<Jwk>> parse_jwk_set(std::string_view text) {
  if (text.size() > kMaxJwkSet) return malformed("key set is too long");
  const auto root = JsonView::parse(text);
  const auto list = root ? root->find_value("keys") : std::nullopt;
  if (!list || list->kind() != JsonKind::array) return malformed("key set is malformed");
  const std::vector<JsonView> items = list->elements();
  if (items.size() > kMaxJwks) return malformed("key set has too many keys");
  std::vector<Jwk> out;
  for (const JsonView& item : items) {
    if (item.kind() != JsonKind::object) return malformed("key set is malformed");
    if (auto key = usable_jwk(item)) out.push_back(*std::move(key));
  }
  std::erase_if(
      out, [](const Jwk& jwk) { return jwk.algorithm && !fits(jwk.key.kind(), *jwk.algorithm); });
  return out;
}

Result<JwtClaims> parse_jwt_claims(std::string_view payload) {
  COFFER_TRY(const JsonView claims, object_in(payload));
  JwtClaims out;
  COFFER_TRY(out.issuer, text_claim(claims, "iss"));
  COFFER_TRY(out.subject, text_claim(claims, "sub"));
  COFFER_TRY(out.authorized_party, text_claim(claims, "azp"));
  COFFER_TRY(out.audience, audiences(claims));
  COFFER_TRY(const auto expires, moment(claims, "exp"));
  COFFER_TRY(out.not_before, moment(claims, "nbf"));
  COFFER_TRY(out.issued, moment(claims, "iat"));
  if (out.issuer.empty() || out.subject.empty() || out.audience.empty() || !expires) {
    return malformed("token has no iss, sub, aud or exp");
  }
  out.expires = *expires;
  return out;
}

}  // namespace coffer::formats
