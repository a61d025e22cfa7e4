// AssumeRoleWithWebIdentity: which tokens of identity providers are taken.

#include "base/encoding.h"
#include "crypto/signature.h"
#include "dialects/aws/oidc_keys.h"
#include "dialects/aws/sts_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using gate::TestKey;

constexpr std::string_view kIssuer = "https://issuer.example/id/1";
constexpr std::string_view kProvider =
    "arn:aws:iam::123456789012:oidc-provider/issuer.example/id/1";

std::string url(std::string_view text) {
  return base64_encode(as_bytes(text), Base64::url_raw);
}

struct Token {
  std::string header = R"({"alg":"ES256","kid":"k1"})";
  std::string issuer = std::string(kIssuer);
  std::string subject = "system:serviceaccount:ns:app";
  std::string audience = R"("sts.amazonaws.com")";
  std::int64_t expires_in = 600;
  std::string more;
};

class WebIdentity : public testing::Test {
 protected:
  void SetUp() override {
    admin_ = gate::make_aws_administrator(gate_);
    add_provider(std::string(kIssuer), key_);
    gate_.add_role("app",
                   trusting(R"({"Federated":")" + std::string(kProvider) + "\"}",
                            R"("sts:AssumeRoleWithWebIdentity")",
                            R"({"StringEquals":{"issuer.example/id/1:aud":"sts.amazonaws.com",)"
                            R"("issuer.example/id/1:sub":"system:serviceaccount:ns:app"}})"));
  }

  static std::string jwk_set(const PrivateKey& key) {
    const Bytes der = key.public_key().der();
    const auto tail = [&der](std::size_t from_end) {
      return base64_encode(ByteView(der).subspan(der.size() - from_end, 32), Base64::url_raw);
    };
    return R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":")" + tail(64) + R"(","y":")" +
           tail(32) + R"("}]})";
  }

  void add_provider(const std::string& issuer, const PrivateKey& key) {
    const TestAnswer answer = gate_.ask(admin_,
                                        "CreateOpenIDConnectProvider",
                                        {{"Url", issuer},
                                         {"ClientIDList.member.1", "sts.amazonaws.com"},
                                         {"ClientIDList.member.2", "other"},
                                         {"KeySet", jwk_set(key)}},
                                        "iam");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  std::string made(const Token& token, const PrivateKey& key) {
    const std::int64_t now = gate_.clock.now().ns / 1'000'000'000;
    const std::string claims = R"({"iss":")" + token.issuer + R"(","sub":")" + token.subject +
                               R"(","aud":)" + token.audience + R"(,"exp":)" +
                               std::to_string(now + token.expires_in) + token.more + "}";
    const std::string text = url(token.header) + "." + url(claims);
    const auto signature = crypto::ecdsa_to_raw(KeyKind::ecdsa_p256, *key.sign(as_bytes(text)));
    return text + "." + base64_encode(*signature, Base64::url_raw);
  }

  std::string made(const Token& token) { return made(token, key_); }

  TestAnswer present(const std::string& token, const std::string& role = "app") {
    return gate_.ask(
        {},
        "AssumeRoleWithWebIdentity",
        {{"RoleArn", role_arn(role)}, {"RoleSessionName", "pod"}, {"WebIdentityToken", token}});
  }

  std::string refusal(const Token& token) { return element_of(present(made(token)), "Code"); }

  StsGate gate_;
  TestKey admin_;
  PrivateKey key_ = *PrivateKey::generate(KeyKind::ecdsa_p256);
};

TEST_F(WebIdentity, LetsInWhomTheRoleTrusts) {
  const TestAnswer given = present(made({}));
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(element_of(given, "SubjectFromWebIdentityToken"), "system:serviceaccount:ns:app");
  EXPECT_EQ(element_of(given, "Audience"), "sts.amazonaws.com");
  EXPECT_EQ(element_of(given, "Provider"), kProvider);
  EXPECT_EQ(element_of(gate_.ask(credentials_in(given), "GetCallerIdentity"), "Arn"),
            "arn:aws:sts::123456789012:assumed-role/app/pod");
  // Twice at once is no problem: nothing is used up.
  EXPECT_EQ(present(made({})).status, 200);
}

TEST_F(WebIdentity, RefusesClaimsThatAreNotItsOwn) {
  EXPECT_EQ(refusal({.subject = "system:serviceaccount:ns:other"}), "AccessDenied");
  EXPECT_EQ(refusal({.audience = R"("other")"}), "AccessDenied");  // the provider's, not the role's
  EXPECT_EQ(refusal({.audience = R"("nobody")"}), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.audience = R"(["nobody","nowhere"])"}), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.audience = "[]"}), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.audience = R"("sts.amazonaws.com.evil.example")"}), "InvalidIdentityToken");
  // Two audiences: which one the role means is not known.
  EXPECT_EQ(refusal({.audience = R"(["sts.amazonaws.com","other"])"}), "AccessDenied");
  EXPECT_EQ(present(made({.audience = R"(["sts.amazonaws.com"])"})).status, 200);
  // The authorized party is who the token is for.
  EXPECT_EQ(refusal({.more = R"(,"azp":"nobody")"}), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.more = R"(,"azp":"other")"}), "AccessDenied");
}

TEST_F(WebIdentity, RefusesWhatIsNotOfNow) {
  EXPECT_EQ(refusal({.expires_in = 0}), "ExpiredTokenException");
  EXPECT_EQ(refusal({.expires_in = -3600}), "ExpiredTokenException");
  EXPECT_EQ(refusal({.more = R"(,"nbf":7000000000)"}), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.more = R"(,"iat":7000000000)"}), "InvalidIdentityToken");
}

// One issuer, octet for octet.
TEST_F(WebIdentity, RefusesForeignAndMissingIssuers) {
  for (const auto* const issuer : {"https://issuer.example/id/2",
                                   "https://issuer.example/id/1/",
                                   "https://ISSUER.example/id/1",
                                   "https://issuer.example/id/1#x",
                                   "https://issuer.example//id/1",
                                   "https://issuer.example/id/./1",
                                   "http://issuer.example/id/1",
                                   "issuer.example/id/1",
                                   ""}) {
    EXPECT_EQ(refusal({.issuer = issuer}), "InvalidIdentityToken") << issuer;
  }
  // Another provider's key does not speak for this one.
  const PrivateKey other = *PrivateKey::generate(KeyKind::ecdsa_p256);
  add_provider("https://second.example", other);
  EXPECT_EQ(element_of(present(made({}, other)), "Code"), "InvalidIdentityToken");
  EXPECT_EQ(element_of(present(made({.issuer = "https://second.example"}, other)), "Code"),
            "AccessDenied");
}

TEST_F(WebIdentity, RefusesNoneMacsAndChangedTokens) {
  const std::string good = made({});
  const std::string body = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  for (const auto* const algorithm : {"none", "None", "HS256"}) {
    const std::string head = url(R"({"alg":")" + std::string(algorithm) + R"(","kid":"k1"})");
    EXPECT_EQ(element_of(present(head + body + "."), "Code"), "InvalidIdentityToken");
    const auto mac =
        crypto::hmac(crypto::HashKind::sha256, as_bytes(jwk_set(key_)), as_bytes(head + body));
    EXPECT_EQ(element_of(present(head + body + "." + base64_encode(mac, Base64::url_raw)), "Code"),
              "InvalidIdentityToken");
  }
  std::string bent = good;
  bent[bent.size() - 8] = bent[bent.size() - 8] == 'A' ? 'B' : 'A';
  EXPECT_EQ(element_of(present(bent), "Code"), "InvalidIdentityToken");
  EXPECT_EQ(element_of(present("not.a.token"), "Code"), "InvalidIdentityToken");
  EXPECT_EQ(refusal({.header = R"({"alg":"ES256","kid":"k2"})"}), "InvalidIdentityToken");
}

TEST_F(WebIdentity, RolesThatDoNotTrustAreClosed) {
  EXPECT_EQ(element_of(present(made({}), "nothing"), "Code"), "AccessDenied");
  gate_.add_role("open", trusting("\"*\"", R"("sts:AssumeRoleWithWebIdentity")"));
  EXPECT_EQ(element_of(present(made({}), "open"), "Code"), "AccessDenied");
  const TestAnswer gone = gate_.ask(admin_,
                                    "DeleteOpenIDConnectProvider",
                                    {{"OpenIDConnectProviderArn", std::string(kProvider)}},
                                    "iam");
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(refusal({}), "InvalidIdentityToken");
}

// Nobody answers there: nobody is let in.
TEST_F(WebIdentity, UnreachableKeysDeny) {
  const TestAnswer made_provider =
      gate_.ask(admin_,
                "CreateOpenIDConnectProvider",
                {{"Url", "https://127.0.0.1:1"}, {"ClientIDList.member.1", "sts.amazonaws.com"}},
                "iam");
  ASSERT_EQ(made_provider.status, 200) << made_provider.body;
  const TestAnswer answer = present(made({.issuer = "https://127.0.0.1:1"}));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(element_of(answer, "Code"), "IDPCommunicationError");
}

// Whoever changes a provider chooses who may take the roles that trust it.
TEST_F(WebIdentity, ProvidersAreChangedByAdministratorsAlone) {
  const TestKey session =
      credentials_in(gate_.ask(admin_, "GetSessionToken", {{"DurationSeconds", "900"}}));
  const auto create = [&](const TestKey& key) {
    return gate_.ask(key, "CreateOpenIDConnectProvider", {{"Url", "https://other.example"}}, "iam");
  };
  EXPECT_EQ(element_of(create(session), "Code"), "AccessDenied");
  EXPECT_EQ(element_of(gate_.ask(session,
                                 "DeleteOpenIDConnectProvider",
                                 {{"OpenIDConnectProviderArn", std::string(kProvider)}},
                                 "iam"),
                       "Code"),
            "AccessDenied");
  EXPECT_EQ(create(admin_).status, 200);
  const std::string_view all = R"("create", "read", "update", "delete", "list")";
  const auto remove = [&](const std::string& capabilities) {
    return gate_
        .call("POST",
              "/",
              "Action=DeleteOpenIDConnectProvider&Version=2010-05-08&OpenIDConnectProviderArn=" +
                  url_encoded(kProvider),
              gate_.token_with(R"(path "aws/*" { capabilities = [)" + capabilities + "] }"),
              {{"content-type", "application/x-www-form-urlencoded"}})
        .status;
  };
  EXPECT_EQ(remove(std::string(all)), 403) << "tokens need sudo";
  EXPECT_EQ(remove(std::string(all) + R"(, "sudo")"), 200);
}

TEST_F(WebIdentity, ProvidersAreMadeReadAndListed) {
  const TestAnswer read = gate_.ask(admin_,
                                    "GetOpenIDConnectProvider",
                                    {{"OpenIDConnectProviderArn", std::string(kProvider)}},
                                    "iam");
  EXPECT_EQ(element_of(read, "Url"), "issuer.example/id/1");
  EXPECT_EQ(element_of(read, "member"), "sts.amazonaws.com");
  EXPECT_EQ(element_of(gate_.ask(admin_, "ListOpenIDConnectProviders", {}, "iam"), "Arn"),
            kProvider);
  const auto create = [this](const std::string& where) {
    return element_of(gate_.ask(admin_, "CreateOpenIDConnectProvider", {{"Url", where}}, "iam"),
                      "Code");
  };
  EXPECT_EQ(create(std::string(kIssuer)), "EntityAlreadyExists");
  for (const auto* const bad : {"http://a.example",
                                "https://",
                                "https://a.example?x",
                                "https://u@a.example",
                                "https://a.example/../b",
                                "https://a.example/#"}) {
    EXPECT_EQ(create(bad), "ValidationError") << bad;
  }
  EXPECT_EQ(
      element_of(
          gate_.ask(admin_,
                    "GetOpenIDConnectProvider",
                    {{"OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/none"}},
                    "iam"),
          "Code"),
      "NoSuchEntity");
  const TestKey bob = gate::make_aws_user(gate_, "bob");
  EXPECT_EQ(gate_.ask(bob, "ListOpenIDConnectProviders", {}, "iam").status, 403);
}

TEST(OidcKeys, AreLookedForOnTheIssuersOwnOriginOnly) {
  EXPECT_EQ(address_of("https://a.example").origin, "https://a.example:443");
  EXPECT_EQ(address_of("https://a.example:8443/x/").origin, "https://a.example:8443");
  EXPECT_EQ(address_of("https://a.example:8443/x/").path, "/x");
  const auto target = [](std::string_view issuer, std::string_view named, std::string_view keys) {
    const std::string text =
        R"({"issuer":")" + std::string(named) + R"(","jwks_uri":")" + std::string(keys) + "\"}";
    const auto found = jwks_target(issuer, text);
    return found ? *found : std::string("refused");
  };
  constexpr std::string_view kHere = "https://a.example/x";
  EXPECT_EQ(target(kHere, kHere, "https://a.example/keys?v=1"), "/keys?v=1");
  EXPECT_EQ(target(kHere, "https://a.example", "https://a.example/keys"), "refused");
  for (const auto* const elsewhere : {"https://b.example/keys",
                                      "http://a.example/keys",
                                      "https://a.example:444/keys",
                                      "https://a.example.evil.example/keys",
                                      "https://a.example@evil.example/keys",
                                      "https://a.example/keys\\r\\nX: y",
                                      "/keys"}) {
    EXPECT_EQ(target(kHere, kHere, elsewhere), "refused") << elsewhere;
  }
  EXPECT_FALSE(jwks_target(kHere, "[]"));
  EXPECT_FALSE(jwks_target(kHere, R"({"issuer":"https://a.example/x"})"));
}

TEST(OidcKeys, AreKeptForAWhile) {
  OidcKeys cache;
  const Timestamp now{1'700'000'000'000'000'000};
  cache.keep("a", std::make_shared<const std::vector<formats::Jwk>>(), now);
  EXPECT_TRUE(cache.find("a", now + OidcKeys::kKept).keys);
  EXPECT_FALSE(cache.find("a", now + OidcKeys::kKept + Duration(1)).keys);
  EXPECT_FALSE(cache.find("b", now).keys);
}

// Members that the operation does not have are ignored, also where its role asks for them.
TEST_F(WebIdentity, SaysNothingThatTheTokenDoesNot) {
  const std::string conditions[] = {
      R"({"StringEquals":{"sts:ExternalId":"e-1"}})",
      R"({"StringEquals":{"sts:SourceIdentity":"root"}})",
      R"({"StringEquals":{"aws:RequestTag/team":"red"}})",
      R"({"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}})",
      R"({"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"team"}})"};
  const StsGate::Parameters claims{{"ExternalId", "e-1"},
                                   {"SourceIdentity", "root"},
                                   {"Tags.member.1.Key", "team"},
                                   {"Tags.member.1.Value", "red"},
                                   {"TransitiveTagKeys.member.1", "team"}};
  for (std::size_t i = 0; i < std::size(conditions); ++i) {
    const std::string role = "limited-" + std::to_string(i);
    gate_.add_role(role,
                   trusting(R"({"Federated":")" + std::string(kProvider) + "\"}",
                            R"("sts:AssumeRoleWithWebIdentity")",
                            conditions[i]));
    StsGate::Parameters plain{
        {"RoleArn", role_arn(role)}, {"RoleSessionName", "pod"}, {"WebIdentityToken", made({})}};
    StsGate::Parameters claiming = plain;
    claiming.insert(claiming.end(), claims.begin(), claims.end());
    for (const StsGate::Parameters& parameters : {plain, claiming}) {
      EXPECT_EQ(element_of(gate_.ask({}, "AssumeRoleWithWebIdentity", parameters), "Code"),
                "AccessDenied")
          << conditions[i];
    }
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
