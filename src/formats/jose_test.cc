// What tokens and key sets are accepted and refused.

#include "formats/jose.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::formats {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;

constexpr std::string_view kClaims =
    R"({"iss":"https://issuer.example","sub":"s","aud":"a","exp":2000000000})";

std::string url(std::string_view text) {
  return base64_encode(as_bytes(text), Base64::url_raw);
}

std::string header(std::string_view algorithm, std::string_view more = R"(,"kid":"k1")") {
  return R"({"alg":")" + std::string(algorithm) + "\"" + std::string(more) + "}";
}

std::string unsigned_token(std::string_view head, std::string_view claims = kClaims) {
  return url(head) + "." + url(claims);
}

std::string signed_token(const PrivateKey& key,
                         std::string_view head,
                         crypto::HashKind hash,
                         crypto::Padding padding,
                         std::string_view claims = kClaims) {
  const std::string text = unsigned_token(head, claims);
  auto signature = key.sign(as_bytes(text), hash, padding);
  EXPECT_TRUE(signature);
  if (key.kind() == KeyKind::ecdsa_p256 || key.kind() == KeyKind::ecdsa_p384) {
    signature = crypto::ecdsa_to_raw(key.kind(), *signature);
  }
  return text + "." + base64_encode(*signature, Base64::url_raw);
}

// The numbers of a public key out of its SubjectPublicKeyInfo: both kinds of curves end in them,
// RSA in n and e (65537: five octets with tag and length).
std::string jwk_of(const PrivateKey& key, std::string_view more = R"(,"kid":"k1")") {
  const Bytes der = key.public_key().der();
  const auto tail = [&der](std::size_t from_end, std::size_t count) {
    return base64_encode(ByteView(der).subspan(der.size() - from_end, count), Base64::url_raw);
  };
  std::string out;
  if (key.kind() == KeyKind::ecdsa_p256) {
    out = R"("kty":"EC","crv":"P-256","x":")" + tail(64, 32) + R"(","y":")" + tail(32, 32) + "\"";
  } else if (key.kind() == KeyKind::ecdsa_p384) {
    out = R"("kty":"EC","crv":"P-384","x":")" + tail(96, 48) + R"(","y":")" + tail(48, 48) + "\"";
  } else if (key.kind() == KeyKind::ed25519) {
    out = R"("kty":"OKP","crv":"Ed25519","x":")" + tail(32, 32) + "\"";
  } else {
    out = R"("kty":"RSA","e":"AQAB","n":")" + tail(256 + 5, 256) + "\"";
  }
  return "{" + out + std::string(more) + "}";
}

std::vector<Jwk> set_of(std::initializer_list<std::string> keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& key : keys) text += (text.back() == '[' ? "" : ",") + key;
  auto set = parse_jwk_set(text + "]}");
  EXPECT_TRUE(set) << text;
  return set ? *std::move(set) : std::vector<Jwk>();
}

bool holds(std::string_view token, const std::vector<Jwk>& keys) {
  const auto jws = parse_jws(token);
  return jws && verify_jws(*jws, keys);
}

class JoseKeys : public testing::Test {
 protected:
  [[nodiscard]] const PrivateKey& rsa() const { return rsa_; }

 private:
  PrivateKey rsa_ = *PrivateKey::generate(KeyKind::rsa2048);
};

TEST_F(JoseKeys, VerifyWithTheAlgorithmsOfTheirKind) {
  using crypto::HashKind;
  using crypto::Padding;
  const std::array<std::tuple<const char*, HashKind, Padding>, 4> kinds{
      {{"RS256", HashKind::sha256, Padding::pkcs1},
       {"RS384", HashKind::sha384, Padding::pkcs1},
       {"RS512", HashKind::sha512, Padding::pkcs1},
       {"PS256", HashKind::sha256, Padding::pss}}};
  const auto keys = set_of({jwk_of(rsa())});
  ASSERT_EQ(keys.size(), 1U);
  for (const auto& [name, hash, padding] : kinds) {
    EXPECT_TRUE(holds(signed_token(rsa(), header(name), hash, padding), keys)) << name;
    // The same signature under another name of the family.
    const char* other = name == std::string("RS256") ? "PS256" : "RS256";
    EXPECT_FALSE(holds(signed_token(rsa(), header(other), hash, padding), keys)) << name;
  }
  for (const auto& [kind, name, hash] : {std::tuple(KeyKind::ecdsa_p256, "ES256", HashKind::sha256),
                                         std::tuple(KeyKind::ecdsa_p384, "ES384", HashKind::sha384),
                                         std::tuple(KeyKind::ed25519, "EdDSA", HashKind::sha256)}) {
    const PrivateKey key = *PrivateKey::generate(kind);
    const auto set = set_of({jwk_of(key)});
    ASSERT_EQ(set.size(), 1U) << name;
    const std::string token = signed_token(key, header(name), hash, Padding::none);
    EXPECT_TRUE(holds(token, set)) << name;
    EXPECT_FALSE(holds(token, keys)) << name;
    std::string changed = token;
    changed[changed.find('.') + 3] ^= 1;
    EXPECT_FALSE(holds(changed, set)) << name;
  }
}

// CVE-2015-9235 and its kin: the public key as the secret of a MAC, or no signature at all.
TEST_F(JoseKeys, NoneAndMacsAreRefused) {
  const auto keys = set_of({jwk_of(rsa())});
  for (const auto* const name : {"none", "None", "NONE", "HS256", "HS384", "HS512", "", "rs256"}) {
    const std::string text = unsigned_token(header(name));
    EXPECT_FALSE(parse_jws(text + ".")) << name;
    EXPECT_FALSE(parse_jws(text + ".AAAA")) << name;
  }
  const std::string text = unsigned_token(header("HS256"));
  const auto mac =
      crypto::hmac(crypto::HashKind::sha256, as_bytes(rsa().public_key().pem()), as_bytes(text));
  EXPECT_FALSE(holds(text + "." + base64_encode(mac, Base64::url_raw), keys));
  // A secret in the set is no key either.
  EXPECT_TRUE(set_of({R"({"kty":"oct","k":"AAAA","kid":"k1"})"}).empty());
}

TEST_F(JoseKeys, AreChosenByIdAndAlgorithm) {
  using crypto::HashKind;
  using crypto::Padding;
  const std::string token = signed_token(rsa(), header("RS256"), HashKind::sha256, Padding::pkcs1);
  const std::string nameless =
      signed_token(rsa(), header("RS256", ""), HashKind::sha256, Padding::pkcs1);
  EXPECT_TRUE(holds(token, set_of({jwk_of(rsa(), "")})));
  EXPECT_TRUE(holds(nameless, set_of({jwk_of(rsa())})));
  EXPECT_FALSE(holds(token, set_of({jwk_of(rsa(), R"(,"kid":"k2")")})));
  EXPECT_FALSE(holds(token, set_of({jwk_of(rsa(), R"(,"kid":"k1","alg":"RS512")")})));
  EXPECT_FALSE(holds(token, {}));
  for (const auto* const unusable : {R"(,"use":"enc")",
                                     R"(,"key_ops":["encrypt"])",
                                     R"(,"alg":"ES256")",
                                     R"(,"alg":"RSA-OAEP")",
                                     R"(,"d":"AAAA")"}) {
    EXPECT_TRUE(set_of({jwk_of(rsa(), unusable)}).empty()) << unusable;
  }
}

TEST(JoseSets, RefuseAndLeaveOut) {
  for (const auto* const bad :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":["x"]})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(parse_jwk_set(bad)) << bad;
  }
  for (const auto* const unusable :
       {"{}",
        R"({"kty":"RSA"})",
        R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
        R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
        R"({"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"})",
        R"({"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
        R"({"kty":7})"}) {
    EXPECT_TRUE(set_of({unusable}).empty()) << unusable;
  }
  std::string many = R"({"keys":[{})";
  for (std::size_t i = 0; i < kMaxJwks; ++i) many += ",{}";
  EXPECT_FALSE(parse_jwk_set(many + "]}"));
  EXPECT_FALSE(parse_jwk_set(std::string(kMaxJwkSet, ' ') + "{}"));
}

TEST(JoseTokens, RefuseWhatIsMalformed) {
  const std::string good = unsigned_token(header("RS256")) + ".AAAA";
  ASSERT_TRUE(parse_jws(good));
  for (const std::string& bad : std::vector<std::string>{
           "",
           "..",
           "a.b",
           good + ".",
           good + "=",
           "." + good,
           unsigned_token("[]") + ".AAAA",
           unsigned_token("{}") + ".AAAA",
           unsigned_token(R"({"alg":["RS256"]})") + ".AAAA",
           unsigned_token(R"({"alg":"RS256","alg":"none"})") + ".AAAA",
           unsigned_token(R"({"alg":"RS256","kid":7})") + ".AAAA",
           unsigned_token(header("RS256", R"(,"crit":["exp"])")) + ".AAAA",
           unsigned_token(header("RS256", R"(,"b64":false)")) + ".AAAA",
           unsigned_token(header("RS256")) + ".",
           unsigned_token(header("RS256")) + ".A",
           unsigned_token(header("RS256")) + ".AAA+",
           good + std::string(kMaxJws, 'A'),
       }) {
    EXPECT_FALSE(parse_jws(bad)) << bad.substr(0, 80);
  }
}

TEST(JoseClaims, MustSayWhoForWhomAndUntilWhen) {
  const auto claims = parse_jwt_claims(
      R"({"iss":"i","sub":"s","aud":["a","b"],"azp":"p","exp":1700000000.9,"nbf":1,"iat":2})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->audience, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(claims->authorized_party, "p");
  EXPECT_EQ(claims->expires.ns, 1'700'000'000'000'000'000);
  for (const auto* const bad : {"",
                                "[]",
                                R"({"sub":"s","aud":"a","exp":1})",
                                R"({"iss":"","sub":"s","aud":"a","exp":1})",
                                R"({"iss":["i"],"sub":"s","aud":"a","exp":1})",
                                R"({"iss":"i","aud":"a","exp":1})",
                                R"({"iss":"i","sub":"s","exp":1})",
                                R"({"iss":"i","sub":"s","aud":[],"exp":1})",
                                R"({"iss":"i","sub":"s","aud":"","exp":1})",
                                R"({"iss":"i","sub":"s","aud":[1],"exp":1})",
                                R"({"iss":"i","sub":"s","aud":"a"})",
                                R"({"iss":"i","sub":"s","aud":"a","exp":"1"})",
                                R"({"iss":"i","sub":"s","aud":"a","exp":-1})",
                                R"({"iss":"i","sub":"s","aud":"a","exp":1e300})",
                                R"({"iss":"i","sub":"s","aud":"a","exp":1,"nbf":true})",
                                R"({"iss":"i","iss":"j","sub":"s","aud":"a","exp":1})"}) {
    EXPECT_FALSE(parse_jwt_claims(bad)) << bad;
  }
}

}  // namespace
}  // namespace coffer::formats
