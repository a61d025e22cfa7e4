#include "dialects/aws/answers.h"
#include "dialects/aws/aws_gate.h"
#include "dialects/aws/page_token.h"
#include "dialects/aws/params.h"
#include "gate/test_signing.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kModes[] = {"GCM", "CBC"};
constexpr Member kTagMembers[] = {
    {.name = "TagKey", .required = true, .min = 1, .max = 4},
    {.name = "TagValue", .required = true, .max = 4, .sensitive = true},
};
constexpr Shape kTag{kTagMembers};
constexpr Member kTagItem{.kind = Kind::structure, .of = &kTag};
constexpr Member kLabelItem{.min = 1, .max = 4};

constexpr bool is_even(std::string_view text) {
  return text.size() % 2 == 0;
}

constexpr Member kMembers[] = {
    {.name = "NumberOfBytes", .kind = Kind::integer, .min = 1, .max = 1024},
    {.name = "Mode", .values = kModes},
    {.name = "Name", .max = 8, .pattern = "[a-z/_-]+", .alphabet = "a-z/_-"},
    {.name = "Plaintext", .kind = Kind::blob, .min = 1, .max = 4, .sensitive = true},
    {.name = "Tags", .kind = Kind::list, .max = 2, .item = &kTagItem},
    {.name = "Labels", .kind = Kind::list, .min = 1, .max = 2, .item = &kLabelItem},
    {.name = "Even", .pattern = "(..)*", .accepts = is_even},
    {.name = "Context", .kind = Kind::map, .max = 2},
    {.name = "DryRun", .kind = Kind::boolean},
    {.name = "Since", .kind = Kind::timestamp},
};
constexpr Shape kShape{kMembers};
constexpr Member kRequired[] = {{.name = "KeyId", .required = true}};
constexpr Shape kRequiredShape{kRequired};

std::string refusal(const Shape& shape, std::string_view json) {
  const auto body = formats::JsonView::parse(json);
  const Result<> checked = check_shape(shape, *body);
  return checked ? "" : std::string(checked.error().name) + ": " + checked.error().message;
}

struct Refusal {
  const char* json;
  const char* text;
};

TEST(Shape, RefusesInTheWordsOfAws) {
  const std::string one = "ValidationException: 1 validation error detected: ";
  const Refusal refusals[] = {
      {R"({"NumberOfBytes":0})",
       "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater "
       "than or equal to 1"},
      {R"({"NumberOfBytes":1025})",
       "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less "
       "than or equal to 1024"},
      {R"({"Mode":"ECB"})",
       "Value 'ECB' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: "
       "[GCM, CBC]"},
      {R"({"Name":"A"})",
       "Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression "
       "pattern: [a-z/_-]+"},
      {R"({"Plaintext":"AAAAAAA="})",
       "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or "
       "equal to 4"},
      {R"({"Tags":[{"TagKey":"abcde","TagValue":""}]})",
       "Value 'abcde' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have "
       "length less than or equal to 4"},
      {R"({"Tags":[{"TagKey":"a","TagValue":"vwxyz"}]})",
       "Value at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length "
       "less than or equal to 4"},
      {R"({"Labels":["a","b","c"]})",
       "Value '[a, b, c]' at 'labels' failed to satisfy constraint: Member must have length less "
       "than or equal to 2"},
      {R"({"Labels":["a","vwxyz"]})",
       "Value '[a, vwxyz]' at 'labels' failed to satisfy constraint: Member must satisfy "
       "constraint: [Member must have length less than or equal to 4, Member must have length "
       "greater than or equal to 1]"},
      {R"({"Labels":[]})",
       "Value '[]' at 'labels' failed to satisfy constraint: Member must have length greater than "
       "or equal to 1"},
      {R"({"Even":"abc"})",
       "Value 'abc' at 'even' failed to satisfy constraint: Member must satisfy regular expression "
       "pattern: (..)*"},
      {R"({"Tags":[{"TagValue":""}]})",
       "Value null at 'tags.1.member.tagKey' failed to satisfy constraint: Member must not be "
       "null"},
  };
  for (const Refusal& r : refusals) EXPECT_EQ(refusal(kShape, r.json), one + r.text);
  EXPECT_EQ(refusal(kShape, R"({"NumberOfBytes":0,"Mode":"x"})").substr(0, 50),
            "ValidationException: 2 validation errors detected:");
  EXPECT_EQ(refusal(kRequiredShape, "{}"),
            one + "Value null at 'keyId' failed to satisfy constraint: Member must not be null");
}

TEST(Shape, RefusesOtherKinds) {
  for (const char* json : {R"({"NumberOfBytes":"x"})",
                           R"({"NumberOfBytes":1.5})",
                           R"({"Name":5})",
                           R"({"Plaintext":"***"})",
                           R"({"Plaintext":"AA"})",
                           R"({"Tags":{}})",
                           R"({"Tags":[5]})",
                           R"({"Labels":[5]})",
                           R"({"Context":{"a":1}})",
                           R"({"DryRun":"yes"})",
                           R"({"Since":"yesterday"})",
                           R"({"Since":-1})",
                           R"({"Since":1e300})"}) {
    EXPECT_EQ(refusal(kShape, json).substr(0, 22), "SerializationException") << json;
  }
}

TEST(Shape, TakesWhatIsWellFormed) {
  EXPECT_EQ(refusal(kShape, "{}"), "");
  EXPECT_EQ(refusal(kShape,
                    R"({"NumberOfBytes":"32","Mode":"GCM","Name":"a-b/c_","Plaintext":"AAAA",
                        "Labels":["a","b"],"Even":"ab",
                        "Tags":[{"TagKey":"k","TagValue":""}],"Context":{"a":"b"},"DryRun":"true",
                        "Since":1.5e9,"Newer":{"x":[1]}})"),
            "");
}

// A dialect of two operations.
struct ProbeGate : gate::TestGate {
  ProbeGate()
      : gate::TestGate([](gate::TestGate&) {
          OperationTable table;
          table.push_back(authenticated(Service::kms,
                                        "Probe",
                                        kRequiredShape,
                                        proof::EventType::system_read,
                                        "a test",
                                        [](gate::Call& call) {
                                          return json_answer([&](formats::JsonWriter& w) {
                                            w.key("Region").string(call.routing.region);
                                            w.key("Path").string(call.routing.path);
                                          });
                                        }));
          table.push_back(authenticated(
              Service::sts,
              "Probe",
              kNoInput,
              proof::EventType::system_read,
              "a test",
              [](gate::Call& call) -> Result<gate::Reply> {
                COFFER_TRY(const auto tags, text_or_empty(call.body, "A"));
                return xml_answer(call, Service::sts, "Probe", [&](formats::XmlWriter& x) {
                  x.element("A", tags);
                });
              }));
          std::vector<std::unique_ptr<gate::Dialect>> dialects;
          std::vector<OperationTable> families;
          families.push_back(std::move(table));
          dialects.push_back(std::make_unique<AwsDialect>(std::move(families)));
          return dialects;
        }) {}
};

TEST(AwsDialect, DispatchesOnTheTarget) {
  ProbeGate gate;
  const gate::TestKey key = gate::make_aws_user(gate, "bob");
  const std::string_view body = R"({"KeyId":"k"})";
  const auto signed_for = [&](std::string_view service) {
    return gate.call(
        "POST",
        "/",
        body,
        "",
        gate::sign(gate,
                   key,
                   {.service = service,
                    .region = "eu-west-1",
                    .body = body,
                    .headers = {{"host", "localhost"}, {"x-amz-target", "TrentService.Probe"}}}));
  };
  const auto answer = signed_for("kms");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.text("Path"), "aws/kms/Probe");
  EXPECT_EQ(answer.text("Region"), "eu-west-1");
  const auto other = signed_for("ssm");
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(other.text("__type"), "InvalidSignatureException");
  EXPECT_EQ(other.text("message"), "Credential should be scoped to correct service: 'kms'. ");
  const auto plain =
      gate.call("POST", "/", body, gate.root(), {{"x-amz-target", "TrentService.Probe"}});
  EXPECT_EQ(plain.status, 200) << plain.body;
  EXPECT_EQ(plain.content_type, kJsonType);
  EXPECT_EQ(plain.text("Region"), "us-east-1");
  const auto nobody = gate.call("POST", "/", body, "", {{"x-amz-target", "TrentService.Probe"}});
  EXPECT_EQ(nobody.status, 400);
  EXPECT_EQ(nobody.text("__type"), "MissingAuthenticationTokenException");
}

// The form of EKS's tokens and of boto3's presigned URLs.
TEST(AwsDialect, TakesPresignedRequests) {
  ProbeGate gate;
  const gate::TestKey key = gate::make_aws_user(gate, "bob");
  const std::vector<formats::SignedHeader> headers{{"host", "sts.eu-west-1.amazonaws.com"}};
  const std::string nothing = hex_encode(crypto::sha256({}));
  auto target =
      formats::presign_target({.method = "GET",
                               .target = "/?Action=Probe&Version=2011-06-15&A=x",
                               .headers = headers,
                               .body_sha256 = nothing},
                              {key.id, key.secret, {}},
                              {.region = "eu-west-1", .service = "sts", .now = gate.clock.now()},
                              std::chrono::seconds(60));
  const std::string url(gate::TestGate::value(std::move(target)).text());
  const auto get = [&](const std::string& at) {
    return gate.call("GET", at, "", "", {{"host", std::string(headers[0].value)}});
  };
  EXPECT_EQ(get(url).status, 200) << get(url).body;
  std::string other = url;
  other.replace(other.find("A=x"), 3, "A=y");
  const auto changed = get(other);
  EXPECT_EQ(changed.status, 403);
  EXPECT_NE(changed.body.find("<Code>SignatureDoesNotMatch</Code>"), std::string::npos);
  gate.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(get(url).status, 403);
}

TEST(AwsDialect, NamesFailuresAsTheServicesDo) {
  ProbeGate gate;
  const auto unknown =
      gate.call("POST", "/", "{}", gate.root(), {{"x-amz-target", "TrentService.Nothing"}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.text("__type"), "UnknownOperationException");
  EXPECT_EQ(unknown.text("message"), "");
  const auto invalid =
      gate.call("POST", "/", "{}", gate.root(), {{"x-amz-target", "TrentService.Probe"}});
  EXPECT_EQ(invalid.status, 400);
  EXPECT_EQ(invalid.text("__type"), "ValidationException");
  const auto malformed =
      gate.call("POST", "/", "{\"a\"", gate.root(), {{"x-amz-target", "TrentService.Probe"}});
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.text("__type"), "SerializationException");
  const auto query = gate.call("POST", "/", "Action=Nothing&Version=2011-06-15", gate.root());
  EXPECT_EQ(query.status, 400);
  EXPECT_EQ(query.content_type, kXmlType);
  EXPECT_NE(query.body.find("<Code>InvalidAction</Code>"), std::string::npos) << query.body;
}

TEST(AwsDialect, AnswersTheQueryProtocolInXml) {
  ProbeGate gate;
  const auto posted = gate.call("POST", "/", "Action=Probe&Version=2011-06-15&A=%3C", gate.root());
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.content_type, kXmlType);
  EXPECT_TRUE(posted.body.starts_with(
      "<ProbeResponse "
      "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><ProbeResult><A>&lt;</A>"))
      << posted.body;
  const auto got = gate.call("GET", "/?Action=Probe&Version=2011-06-15&A=x", "", gate.root());
  EXPECT_EQ(got.status, 200) << got.body;
}

TEST(PageToken, IsGoodForItsOwnListingOnly) {
  AwsGate gate;
  const auto unsealed = gate.lifecycle.current();
  const keys::Keyring& keyring = *unsealed->rows->keyring();
  const std::string token =
      gate::TestGate::value(seal_page_token(keyring, *gate.random, "ListKeys", "f", "here"));
  const auto open = [&](std::string_view operation, std::string_view request, std::string_view t) {
    return open_page_token(keyring, *gate.random, operation, request, t, "InvalidMarkerException");
  };
  EXPECT_EQ(gate::TestGate::value(open("ListKeys", "f", token)), "here");
  EXPECT_EQ(open("ListAliases", "f", token).error().name, "InvalidMarkerException");
  EXPECT_FALSE(open("ListKeys", "g", token));
  std::string bent = token;
  bent[10] = bent[10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(open("ListKeys", "f", bent));
  EXPECT_FALSE(open("ListKeys", "f", ""));
  EXPECT_FALSE(open("ListKeys", "f", std::string(5000, 'A')));
}

}  // namespace
}  // namespace coffer::dialects::aws
