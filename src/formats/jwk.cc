#include "formats/jwk.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::formats {
namespace {

// DER (X.690) of the two object identifiers' whole AlgorithmIdentifiers, RFC 3279 §2.3, RFC 5480
// §2.1.1, RFC 8410 §3.
constexpr std::array<std::uint8_t, 15> kRsa{
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
constexpr std::array<std::uint8_t, 21> kP256{0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                             0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
                                             0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 18> kP384{0x30,
                                             0x10,
                                             0x06,
                                             0x07,
                                             0x2a,
                                             0x86,
                                             0x48,
                                             0xce,
                                             0x3d,
                                             0x02,
                                             0x01,
                                             0x06,
                                             0x05,
                                             0x2b,
                                             0x81,
                                             0x04,
                                             0x00,
                                             0x22};
constexpr std::array<std::uint8_t, 7> kEd25519{0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::size_t kMaxNumber = 1024;

void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

Bytes element(std::uint8_t tag, ByteView content) {
  Bytes out{tag};
  const std::size_t size = content.size();
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else if (size < 0x100) {
    out.push_back(0x81);
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(size >> 8));
    out.push_back(static_cast<std::uint8_t>(size & 0xff));
  }
  append(out, content);
  return out;
}

Bytes unsigned_integer(ByteView number) {
  Bytes content;
  if (number.empty() || (number.front() & 0x80) != 0) content.push_back(0);
  append(content, number);
  return element(kInteger, content);
}

// SubjectPublicKeyInfo.
Bytes public_key_info(ByteView algorithm, ByteView key) {
  Bytes bits{0};
  append(bits, key);
  Bytes content(algorithm.begin(), algorithm.end());
  append(content, element(kBitString, bits));
  return element(kSequence, content);
}

std::string text_of(const JsonView& jwk, std::string_view name) {
  const auto value = jwk.find_value(name);
  if (!value) return {};
  const auto text = value->string();
  return text ? *text : std::string();
}

// A number in its one spelling; nullopt: absent or malformed.
std::optional<Bytes> number(const JsonView& jwk, std::string_view name) {
  const std::string text = text_of(jwk, name);
  auto octets = base64_decode(text, Base64::url_raw);
  if (!octets || octets->empty() || octets->size() > kMaxNumber) return std::nullopt;
  return *std::move(octets);
}

std::optional<Bytes> rsa_key(const JsonView& jwk) {
  const auto n = number(jwk, "n");
  const auto e = number(jwk, "e");
  if (!n || !e || n->front() == 0 || e->front() == 0) return std::nullopt;
  Bytes content = unsigned_integer(*n);
  append(content, unsigned_integer(*e));
  return public_key_info(kRsa, element(kSequence, content));
}

std::optional<Bytes> elliptic_key(const JsonView& jwk) {
  const std::string curve = text_of(jwk, "crv");
  const bool p256 = curve == "P-256";
  if (!p256 && curve != "P-384") return std::nullopt;
  const std::size_t width = p256 ? 32 : 48;
  const auto x = number(jwk, "x");
  const auto y = number(jwk, "y");
  if (!x || !y || x->size() != width || y->size() != width) return std::nullopt;
  Bytes point{0x04};  // uncompressed, SEC 1 §2.3.3
  append(point, *x);
  append(point, *y);
  return public_key_info(p256 ? ByteView(kP256) : ByteView(kP384), point);
}

std::optional<Bytes> edwards_key(const JsonView& jwk) {
  const auto x = number(jwk, "x");
  if (text_of(jwk, "crv") != "Ed25519" || !x || x->size() != 32) return std::nullopt;
  return public_key_info(kEd25519, *x);
}

std::optional<Bytes> key_info(const JsonView& jwk) {
  const std::string kind = text_of(jwk, "kty");
  if (kind == "RSA") return rsa_key(jwk);
  if (kind == "EC") return elliptic_key(jwk);
  if (kind == "OKP") return edwards_key(jwk);
  return std::nullopt;
}

// For signatures, as far as it says what it is for; no private half.
bool is_for_verifying(const JsonView& jwk) {
  if (jwk.find("d") || jwk.find("k")) return false;
  if (jwk.find("use") && text_of(jwk, "use") != "sig") return false;
  const auto operations = jwk.find_value("key_ops");
  if (!operations) return true;
  const auto all = operations->elements();
  return std::ranges::any_of(all, [](const JsonView& operation) {
    const auto text = operation.string();
    return text && *text == "verify";
  });
}

}  // namespace

std::optional<Jwk> usable_jwk(const JsonView& jwk) {
  if (!is_for_verifying(jwk)) return std::nullopt;
  std::optional<JoseAlgorithm> algorithm;
  if (jwk.find("alg")) {
    algorithm = parse_jose_algorithm(text_of(jwk, "alg"));
    if (!algorithm) return std::nullopt;
  }
  const auto info = key_info(jwk);
  if (!info) return std::nullopt;
  auto key = crypto::PublicKey::from_der(*info);
  if (!key) return std::nullopt;
  return Jwk{text_of(jwk, "kid"), algorithm, *std::move(key)};
}

}  // namespace coffer::formats
