#include "formats/sigv4.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "formats/sigv4_canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>

namespace coffer::formats {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kBody = R"({"KeyId":"alias/a"})";

// A request that a test may change after it was signed.
struct Sent {
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{
      {"host", "kms.example.com:8443"},
      {"content-type", "application/x-amz-json-1.1"},
      {"x-amz-target", "TrentService.DescribeKey"}};
  std::string body{kBody};
  bool tls = true;
  std::vector<SignedHeader> views;
  std::string hash;

  SignedMessage message() {
    hash = hex_encode(crypto::sha256(as_bytes(body)));
    views.clear();
    for (const auto& [name, value] : headers) views.push_back({name, value});
    return {.method = method, .target = target, .headers = views, .body_sha256 = hash, .tls = tls};
  }

  std::string& header(std::string_view name) {
    return std::ranges::find(headers, name, [](const auto& h) { return h.first; })->second;
  }

  void erase(std::string_view name) {
    std::erase_if(headers, [&](const auto& h) { return h.first == name; });
  }
};

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

Signing how() {
  return {.region = "us-east-1",
          .service = "kms",
          .now = parse_rfc3339("2026-08-03T10:15:00Z").value()};
}

Sent in_headers(std::string_view token = {}, const Signing& signing = how(), Sent sent = {}) {
  const auto added = sign_headers(sent.message(), {"AKIDEXAMPLE", kSecret, token}, signing);
  for (const auto& [name, value] : added.value()) sent.headers.emplace_back(name, value.text());
  return sent;
}

Sent in_query(std::string_view token = {}, const Signing& signing = how()) {
  Sent sent;
  sent.method = "GET";
  sent.body.clear();
  sent.target = "/?Action=GetCallerIdentity&Version=2011-06-15";
  sent.headers = {{"host", "sts.example.com"}, {"x-k8s-aws-id", "cluster"}};
  const auto target = presign_target(
      sent.message(), {"AKIDEXAMPLE", kSecret, token}, signing, std::chrono::seconds(60));
  sent.target = std::string(target.value().text());
  return sent;
}

bool passes(Sent sent) {
  const auto claim = read_signature(sent.message());
  return claim && signature_fits(*claim, signing_key(kSecret, claim->scope));
}

std::optional<Code> refusal(Sent sent) {
  const auto claim = read_signature(sent.message());
  return claim ? std::nullopt : std::optional(claim.error().code);
}

TEST(SigV4, ReadsWhatItSigned) {
  Sent sent = in_headers("token+/=");
  const auto claim = read_signature(sent.message());
  ASSERT_TRUE(claim) << claim.error().message;
  EXPECT_EQ(claim->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(claim->scope, (SignatureScope{"20260803", "us-east-1", "kms"}));
  EXPECT_EQ(claim->session_token.text(), "token+/=");
  EXPECT_FALSE(claim->presigned);
  EXPECT_TRUE(passes(in_headers()));
  EXPECT_TRUE(passes(in_query()));
  EXPECT_TRUE(passes(in_query("token+/=")));
}

TEST(SigV4, TakesATokenThatWasAddedAfterSigning) {
  Signing signing = how();
  signing.sign_token = false;
  EXPECT_TRUE(passes(in_headers("token", signing)));
  EXPECT_TRUE(passes(in_query("token", signing)));
}

TEST(SigV4, CoversEverything) {
  const std::vector<std::pair<std::string, std::function<void(Sent&)>>> changes{
      {"host", [](Sent& s) { s.header("host") = "kms.example.org:8443"; }},
      {"port", [](Sent& s) { s.header("host") = "kms.example.com"; }},
      {"body", [](Sent& s) { s.body += " "; }},
      {"path", [](Sent& s) { s.target = "/x"; }},
      {"query", [](Sent& s) { s.target = "/?a=b"; }},
      {"method", [](Sent& s) { s.method = "PUT"; }},
      {"operation", [](Sent& s) { s.header("x-amz-target") = "TrentService.Decrypt"; }},
      {"moment", [](Sent& s) { s.header("x-amz-date") = "20260803T101501Z"; }},
      {"region", [](Sent& s) { replace(s.header("authorization"), "us-east-1", "us-east-2"); }},
      {"service", [](Sent& s) { replace(s.header("authorization"), "/kms/", "/ssm/"); }},
      {"day",
       [](Sent& s) {
         replace(s.header("authorization"), "20260803", "20260804");
         s.header("x-amz-date") = "20260804T101500Z";
       }},
      {"signature", [](Sent& s) { s.header("authorization").back() ^= 1; }},
  };
  for (const auto& [what, change] : changes) {
    Sent sent = in_headers();
    change(sent);
    EXPECT_FALSE(passes(sent)) << what;
  }
}

TEST(SigV4, CoversThePresignedForm) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"GetCallerIdentity", "GetSessionToken"},
           {"X-Amz-Expires=60", "X-Amz-Expires=61"},
           {"us-east-1", "us-east-2"},
           {"101500Z", "101501Z"},
           {"x-k8s-aws-id", "x-k8s-aws-ie"},
           {"Version=2011-06-15", "Version=2011-06-16"}}) {
    Sent sent = in_query();
    replace(sent.target, from, to);
    EXPECT_FALSE(passes(sent)) << from;
  }
  Sent with_body = in_query();
  with_body.body = "x";
  EXPECT_FALSE(passes(with_body));
  Sent other_cluster = in_query();
  other_cluster.header("x-k8s-aws-id") = "other";
  EXPECT_FALSE(passes(other_cluster));
}

// Vault's clients build "https://sts" + "/" + "/".
TEST(SigV4, NormalisesPaths) {
  Sent sent = in_headers();
  sent.target = "//";
  EXPECT_TRUE(passes(sent));
  sent.target = "/./";
  EXPECT_TRUE(passes(sent));
  EXPECT_EQ(sigv4::canonical_path("/a%20b//c/../d/.", true), "/a%2520b/d");
  EXPECT_EQ(sigv4::canonical_path("/../..", true), "/");
  EXPECT_EQ(sigv4::canonical_path("", true), "/");
  EXPECT_EQ(sigv4::canonical_path("/a//b/../", false), "/a//b/../");
}

TEST(SigV4, FoldsBlanksOfHeaders) {
  Sent sent = in_headers();
  sent.header("content-type") = "  application/x-amz-json-1.1\t ";
  EXPECT_TRUE(passes(sent));
}

// Octet by octet, as Signature V4 has it: "Trimall".
std::string plain_folded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

TEST(SigV4, FoldsBlanksAsThePlainFormDoes) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same values each time
  constexpr std::string_view kOctets = "  \tab\xc3\xa9";
  const std::array<std::string_view, 1> names{"x"};
  for (int round = 0; round < 5'000; ++round) {
    std::string value(random() % 50, 'z');
    for (std::size_t changes = random() % 30; changes > 0 && !value.empty(); --changes) {
      value[random() % value.size()] = kOctets[random() % kOctets.size()];
    }
    Sent sent;
    sent.headers = {{"x", value}};
    ASSERT_EQ(sigv4::canonical_digest(sent.message(), "", names, "hash"),
              crypto::sha256(as_bytes("POST\n/\n\nx:" + plain_folded(value) + "\n\nx\nhash")))
        << value;
  }
}

TEST(SigV4, SpacesOfQueriesHaveOneCanonicalForm) {
  const auto canonical = [](std::string_view query) {
    return sigv4::canonical_query(sigv4::query_pairs(query).value(), {});
  };
  EXPECT_EQ(canonical("b=1&a=x+y"), "a=x%20y&b=1");
  EXPECT_EQ(canonical("a=x%20y&b=1"), "a=x%20y&b=1");
  EXPECT_EQ(canonical("a=%2b&a&%7e=%c3%a4"), "a=&a=%2B&~=%C3%A4");
  EXPECT_FALSE(sigv4::query_pairs("a=%2"));
  EXPECT_FALSE(sigv4::query_pairs("a=%zz"));
}

TEST(SigV4, RefusesWhatIsNotSigned) {
  Sent extra = in_headers();
  extra.headers.emplace_back("x-amz-user-agent", "sdk");
  EXPECT_EQ(refusal(extra), Code::permission_denied);
  extra.headers.back().first = "user-agent";
  EXPECT_TRUE(passes(extra)) << "what no service reads need not be signed";
  Sent no_host = in_headers();
  replace(no_host.header("authorization"), "content-type;host", "content-type");
  EXPECT_EQ(refusal(no_host), Code::permission_denied);
  Sent no_date = in_headers();
  replace(no_date.header("authorization"), "x-amz-date;", "");
  EXPECT_EQ(refusal(no_date), Code::permission_denied);
  Sent gone = in_headers();
  gone.erase("content-type");
  EXPECT_EQ(refusal(gone), Code::permission_denied);
}

TEST(SigV4, RefusesRepeatedHeaders) {
  for (const std::string name :
       {"authorization", "host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}) {
    Signing signing = how();
    signing.hash_header = true;
    Sent sent = in_headers("token", signing);
    sent.headers.emplace_back(name, sent.header(name));
    EXPECT_EQ(refusal(sent), Code::invalid_argument) << name;
  }
}

TEST(SigV4, RefusesMalformedAuthorizations) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"},
           {"AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256"},
           {"AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"},
           {"AWS4-HMAC-SHA256", "Bearer"},
           {"Credential=", "credential="},
           {"Credential=AKIDEXAMPLE/", "Credential="},
           {"AKIDEXAMPLE/", "AKID/EXAMPLE/"},
           {"AKIDEXAMPLE/", "AKID EXAMPLE/"},
           {"AKIDEXAMPLE/", "/"},
           {"20260803", "2026080"},
           {"20260803", "2026O803"},
           {"us-east-1", "us_east_1"},
           {"us-east-1", "*"},
           {"us-east-1", ""},
           {"/kms/", "/KMS/"},
           {"/aws4_request", ""},
           {"content-type;host", "host;content-type"},
           {"content-type;host", "content-type;host;host"},
           {"content-type;host", "Content-Type;host"},
           {"content-type;host", ";host"},
           {"SignedHeaders=", "SignedHeaders=;"},
           {", Signature=", ", Signature=0"},
           {", Signature=", ", Signature=A"},
           {", Signature=", ", Signature=, Signature="},
           {", Signature=", ", Credential=x, Signature="},
           {", Signature=", ", Version=1, Signature="}}) {
    Sent sent = in_headers();
    replace(sent.header("authorization"), from, to);
    EXPECT_EQ(refusal(sent), Code::invalid_argument) << from << " -> " << to;
  }
  Sent other_end = in_headers();
  replace(other_end.header("authorization"), "aws4_request", "aws4_reply");
  EXPECT_EQ(refusal(other_end), Code::permission_denied);
  Sent nothing;
  EXPECT_EQ(refusal(nothing), Code::invalid_argument);
}

TEST(SigV4, RefusesMalformedPresignedRequests) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"},
           {"X-Amz-Expires=60", "X-Amz-Expires=0"},
           {"X-Amz-Expires=60", "X-Amz-Expires=-1"},
           {"X-Amz-Expires=60", "X-Amz-Expires=604801"},
           {"X-Amz-Expires=60", "X-Amz-Expires=6x"},
           {"X-Amz-Expires=60", "X-Amz-Expires=99999999999999999999"},
           {"X-Amz-Expires=60", "X-Amz-Expires=60&X-Amz-Expires=60"},
           {"&X-Amz-Date=", "&X-Amz-Dote="},
           {"&X-Amz-Credential=", "&X-Amz-Creden="},
           {"101500Z", "101500"},
           {"X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=%00host"}}) {
    Sent sent = in_query();
    replace(sent.target, from, to);
    EXPECT_EQ(refusal(sent), Code::invalid_argument) << from << " -> " << to;
  }
  Sent both = in_query();
  both.headers.emplace_back("authorization", in_headers().header("authorization"));
  EXPECT_EQ(refusal(both), Code::invalid_argument);
  Sent token = in_query();
  token.headers.emplace_back("x-amz-security-token", "t");
  EXPECT_EQ(refusal(token), Code::invalid_argument);
  Sent long_target = in_query();
  long_target.target.append("&a=").append(kMaxSignedTarget, 'a');
  EXPECT_EQ(refusal(long_target), Code::invalid_argument);
}

TEST(SigV4, HoldsTheScopeToTheDateOfTheRequest) {
  Sent sent = in_headers();
  sent.header("x-amz-date") = "20260804T000000Z";
  EXPECT_EQ(refusal(sent), Code::permission_denied);
  for (const std::string_view bad :
       {"20261303T101500Z", "20260803T251500Z", "20260803T101500", "2026-08-03T10:15:00Z", ""}) {
    sent.header("x-amz-date") = bad;
    EXPECT_EQ(refusal(sent), Code::invalid_argument) << bad;
  }
  sent.erase("x-amz-date");
  EXPECT_EQ(refusal(sent), Code::invalid_argument);
}

// What old clients send instead of x-amz-date.
TEST(SigV4, ReadsTheDateHeader) {
  for (const std::string date : {"Mon, 03 Aug 2026 10:15:00 GMT", "20260803T101500Z"}) {
    Sent sent;
    sent.headers.emplace_back("date", date);
    sent = in_headers({}, how(), std::move(sent));
    sent.erase("x-amz-date");
    replace(sent.header("authorization"), ";x-amz-date", "");
    const auto claim = read_signature(sent.message());
    ASSERT_TRUE(claim) << claim.error().message;
    EXPECT_EQ(claim->signed_at, how().now);
    EXPECT_TRUE(claim->string_to_sign.contains("\n20260803T101500Z\n"));
    replace(sent.header("authorization"), "date;", "");
    EXPECT_EQ(refusal(sent), Code::permission_denied) << "it must be signed";
  }
  Sent sent;
  sent.headers.emplace_back("date", "Mon, 03 Aug 2026 10:15:00 CET");
  sent = in_headers({}, how(), std::move(sent));
  sent.erase("x-amz-date");
  replace(sent.header("authorization"), ";x-amz-date", "");
  EXPECT_EQ(refusal(sent), Code::invalid_argument);
}

TEST(SigV4, HoldsTheHashHeaderToTheBody) {
  Signing signing = how();
  signing.hash_header = true;
  Sent sent = in_headers({}, signing);
  EXPECT_TRUE(passes(sent));
  sent.body += " ";
  EXPECT_EQ(refusal(sent), Code::permission_denied);
}

TEST(SigV4, TakesUnsignedPayloadsOverTlsOnly) {
  // Signed by hand: sign_headers() always signs the body.
  Sent sent;
  sent.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  SignedMessage message = sent.message();
  message.body_sha256 = "UNSIGNED-PAYLOAD";
  for (const auto& [name, value] :
       sign_headers(message, {"AKIDEXAMPLE", kSecret, {}}, how()).value()) {
    sent.headers.emplace_back(name, value.text());
  }
  EXPECT_TRUE(passes(sent));
  sent.tls = false;
  EXPECT_EQ(refusal(sent), Code::permission_denied);
  for (const std::string_view streamed :
       {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}) {
    sent.header("x-amz-content-sha256") = streamed;
    EXPECT_EQ(refusal(sent), Code::invalid_argument) << streamed;
  }
}

TEST(SigV4, HoldsWithinFiveMinutes) {
  Sent sent = in_headers();
  const SignatureClaim claim = read_signature(sent.message()).value();
  const Timestamp at = how().now;
  EXPECT_TRUE(check_signature_time(claim, at + kSignatureSkew));
  EXPECT_TRUE(check_signature_time(claim, at - kSignatureSkew));
  const auto late = check_signature_time(claim, at + std::chrono::minutes(35));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message,
            "Signature expired: 20260803T101500Z is now earlier than 20260803T104500Z "
            "(20260803T105000Z - 5 min.)");
  const auto early = check_signature_time(claim, at - std::chrono::minutes(6));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().message,
            "Signature not yet current: 20260803T101500Z is still later than 20260803T101400Z "
            "(20260803T100900Z + 5 min.)");
}

TEST(SigV4, PresignedRequestsEndWithTheirLifetime) {
  Sent sent = in_query();
  const SignatureClaim claim = read_signature(sent.message()).value();
  const Timestamp at = how().now;
  EXPECT_TRUE(check_signature_time(claim, at + std::chrono::seconds(60)));
  EXPECT_FALSE(check_signature_time(claim, at + std::chrono::seconds(61)));
  EXPECT_FALSE(check_signature_time(claim, at - std::chrono::minutes(6)));
}

TEST(SigV4, RefusesLongTokens) {
  EXPECT_TRUE(passes(in_headers(std::string(kMaxSessionTokenText, 'a'))));
  EXPECT_EQ(refusal(in_headers(std::string(kMaxSessionTokenText + 1, 'a'))),
            Code::invalid_argument);
}

}  // namespace
}  // namespace coffer::formats
