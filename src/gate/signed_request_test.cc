// The gate with a dialect whose requests are signed.
#include "gate/test_signing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

constexpr std::string_view kBody = R"({"do":"it"})";

// The operation is named by x-amz-target; the answer's body is the caller, or the error's name.
class SignedDialect final : public Dialect {
 public:
  explicit SignedDialect(Credentials credentials) : credentials_(credentials) {
    const Handler who = [](Call& call) -> Result<Reply> {
      Reply reply;
      reply.body = secure::SecureText(call.principal ? call.principal->display_name : "nobody");
      return reply;
    };
    operations_.emplace_back("open", proof::EventType::system_read, Public{"a test"}, who);
    operations_.emplace_back("who", proof::EventType::system_read, AnyToken{"a test"}, who);
    operations_.emplace_back("either", proof::EventType::system_read, OptionalToken{"a test"}, who);
  }

  [[nodiscard]] std::string_view name() const override { return "signed"; }

  [[nodiscard]] bool owns(std::string_view path) const override { return path == "/"; }

  [[nodiscard]] Credentials credentials() const override { return credentials_; }

  [[nodiscard]] std::string_view credential(const net::Request& request) const override {
    return request.header("x-vault-token");
  }

  // As a dialect may: what was signed is gone.
  Result<formats::JsonView> parse_body(net::Request& request) const override {
    request.body = secure::SecureText(R"({"converted":true})");
    return formats::JsonView::parse(request.body.text());
  }

  Result<const Operation*> route(Call& call) const override {
    if (call.signature != nullptr) call.note("region", call.signature->scope.region);
    for (const Operation& operation : operations_) {
      if (operation.name() == call.request.header("x-amz-target")) return &operation;
    }
    return fail(Code::not_found, "no such operation");
  }

  net::Response success(const Call&, Reply reply) const override {
    net::Response response;
    response.body = std::move(reply.body);
    return response;
  }

  net::Response failure(const net::Request&, const Error& error, std::string_view) const override {
    net::Response response;
    response.status = 400;
    response.body = secure::SecureText(std::string(error.name) + ": " + error.message);
    return response;
  }

 private:
  Credentials credentials_;
  std::vector<Operation> operations_;
};

class SignedRequestTest : public testing::Test {
 protected:
  static std::vector<std::unique_ptr<Dialect>> dialects(Credentials credentials) {
    std::vector<std::unique_ptr<Dialect>> made;
    made.push_back(std::make_unique<SignedDialect>(credentials));
    return made;
  }

  // Replaces the gate by one that answers to "localhost" only.
  void serve(Credentials credentials) {
    world.gate = std::make_unique<Gate>(GateOptions{.allowed_hosts = {"localhost"}},
                                        world.lifecycle,
                                        world.workers,
                                        world.metrics,
                                        world.clock,
                                        *world.random,
                                        dialects(credentials));
  }

  static TestSigning to(std::string_view operation, std::string_view host = "localhost") {
    return {.body = kBody,
            .headers = {{"host", std::string(host)}, {"x-amz-target", std::string(operation)}}};
  }

  TestAnswer send(const TestHeaders& headers,
                  std::string_view body = kBody,
                  std::string_view target = "/",
                  std::string_view token = "") {
    return world.call("POST", target, body, token, headers);
  }

  TestGate world{[](TestGate&) { return dialects(Credentials::signature); }};
  TestKey bob = make_aws_user(world, "bob");
};

constexpr std::string_view kBob = "arn:aws:iam::123456789012:user/bob";

TEST_F(SignedRequestTest, KnowsWhoSigned) {
  world.events();
  EXPECT_EQ(send(sign(world, bob, to("who"))).body, kBob);
  const std::vector<proof::Event> events = world.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].actor_type, "iam_user");
  EXPECT_EQ(events[0].actor_id, bob.id);
  EXPECT_EQ(events[0].actor_name, kBob);
  EXPECT_THAT(events[0].facts, testing::Contains(proof::Fact{"region", "us-east-1"}));
}

TEST_F(SignedRequestTest, RefusesWhatWasChangedAfterSigning) {
  const auto refusal = [&](const TestHeaders& headers,
                           std::string_view body = kBody,
                           std::string_view target = "/") {
    return send(headers, body, target).body.substr(0, 25);
  };
  const TestHeaders headers = sign(world, bob, to("who"));
  EXPECT_EQ(refusal(headers, R"({"do":"more"})"), "InvalidSignatureException");
  EXPECT_EQ(refusal(headers, kBody, "/?a=b"), "InvalidSignatureException");
  for (const std::string_view changed : {"host", "x-amz-target", "x-amz-date"}) {
    TestHeaders other = headers;
    for (auto& [name, value] : other) {
      if (name == "host") value = changed == name ? "localhost:1" : value;
      if (name == "x-amz-target") value = changed == name ? "either" : value;
      if (name == "x-amz-date" && changed == name) value[14] = value[14] == '0' ? '1' : '0';
    }
    EXPECT_EQ(refusal(other), "InvalidSignatureException") << changed;
  }
  for (const std::string_view scope : {"us-east-1", "kms"}) {
    TestHeaders other = headers;
    std::string& authorization = other.back().second;
    authorization.replace(authorization.find(scope), scope.size(), "xx");
    EXPECT_EQ(refusal(other), "InvalidSignatureException") << scope;
  }
}

TEST_F(SignedRequestTest, RefusesReplaysAfterFiveMinutes) {
  const TestHeaders headers = sign(world, bob, to("who"));
  EXPECT_EQ(send(headers).status, 200);
  world.clock.advance(std::chrono::minutes(6));
  const TestAnswer late = send(headers);
  EXPECT_TRUE(late.body.starts_with("InvalidSignatureException: Signature expired"));
  // By which SDKs set their clock.
  EXPECT_EQ(std::ranges::count(late.headers, "date", [](const auto& h) { return h.first; }), 1);
}

TEST_F(SignedRequestTest, AnswersUnknownKeysLikeBadSignatures) {
  TestKey wrong = bob;
  wrong.secret += "x";
  const TestAnswer bad = send(sign(world, wrong, to("who")));
  const TestAnswer unknown = send(sign(world, {"AKIAUNKNOWNUNKNOWN22", "x", ""}, to("who")));
  EXPECT_TRUE(bad.body.starts_with("InvalidSignatureException"));
  EXPECT_EQ(bad.body, unknown.body);
  EXPECT_EQ(bad.status, unknown.status);
}

TEST_F(SignedRequestTest, TellsWhatIsMissing) {
  const TestHeaders plain = to("who").headers;
  EXPECT_EQ(send(plain).body, "MissingAuthenticationTokenException: Missing Authentication Token");
  EXPECT_EQ(send(plain, kBody, "/", world.root()).body,
            "MissingAuthenticationTokenException: Missing Authentication Token")
      << "a token is no signature";
  TestHeaders malformed = plain;
  malformed.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=x");
  EXPECT_TRUE(send(malformed).body.starts_with("IncompleteSignatureException"));
}

TEST_F(SignedRequestTest, RefusesRepeatedHeaders) {
  for (const std::string_view name : {"authorization", "host", "x-amz-date"}) {
    TestHeaders headers = sign(world, bob, to("who"));
    for (const auto& [known, value] : TestHeaders(headers)) {
      if (known == name) headers.emplace_back(known, value);
    }
    EXPECT_TRUE(send(headers).body.starts_with("IncompleteSignatureException")) << name;
  }
}

TEST_F(SignedRequestTest, TakesTheDoubledSlashOfVaultsClients) {
  EXPECT_EQ(send(sign(world, bob, to("who")), kBody, "//").body, kBob);
  EXPECT_EQ(send(sign(world, bob, to("who")), kBody, "///").status, 400);
}

// A browser under a foreign name has no key to sign with.
TEST_F(SignedRequestTest, LetsASignatureVouchForTheHost) {
  serve(Credentials::signature);
  EXPECT_EQ(send(sign(world, bob, to("who", "sts.amazonaws.com"))).body, kBob);
  EXPECT_EQ(send(to("open", "sts.amazonaws.com").headers).status, 403);
  EXPECT_EQ(send(to("open").headers).body, "nobody");
  // What is open to all looks at no signature: the name must be ours.
  EXPECT_EQ(send(sign(world, bob, to("open", "evil.example"))).status, 400);
  EXPECT_EQ(send(sign(world, bob, to("open"))).body, "nobody");
}

TEST_F(SignedRequestTest, TokensVouchForNoHost) {
  serve(Credentials::token);
  EXPECT_EQ(send(sign(world, bob, to("who", "sts.amazonaws.com"))).status, 403);
}

TEST_F(SignedRequestTest, TakesEitherWhereTheDialectSaysSo) {
  serve(Credentials::either);
  const TestHeaders plain = to("either").headers;
  EXPECT_EQ(send(sign(world, bob, to("either"))).body, kBob);
  EXPECT_EQ(send(plain, kBody, "/", world.root()).body, "root");
  EXPECT_EQ(send(plain).body, "nobody");
  TestKey wrong = bob;
  wrong.secret += "x";
  EXPECT_EQ(send(sign(world, wrong, to("either"))).status, 400) << "nobody falls back";
}

}  // namespace
}  // namespace coffer::gate
