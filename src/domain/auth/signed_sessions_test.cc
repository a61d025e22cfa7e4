#include "domain/auth/signed_sessions.h"

#include "base/encoding.h"
#include "domain/auth/auth_world.h"
#include "domain/auth/aws_caller.h"
#include "domain/identity/aws_identities.h"

#include <gtest/gtest.h>

#include <set>

namespace coffer::domain {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kAccount = "123456789012";

struct Credentials {
  std::string id;
  std::string secret;
  std::string token;
};

class SignedSessionsTest : public testing::Test {
 protected:
  SignedSessionsTest() {
    change(
        [](AwsIdentities& iam) { return iam.create_user({.name = "Bob", .tags = {{"a", "1"}}}); });
    bob_ = key("bob");
  }

  void change(const auto& what) {
    work::View view = world_.view();
    AwsIdentities iam(view, policies_, kAccount);
    const auto done = what(iam);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(world_.commit(view));
  }

  // A role is put as it is: no policy has to compile.
  void put_role(std::string name) {
    work::View view = world_.view();
    AwsRoleRow role;
    role.name = std::move(name);
    role.path = std::string("/team/");
    role.id = new_aws_id("AROA", view.random());
    role.grants->tags = {{"Team", "red"}, {"a", "role"}};
    ASSERT_TRUE(view.put(std::move(role)));
    ASSERT_TRUE(world_.commit(view));
  }

  Credentials key(std::string_view user) {
    work::View view = world_.view();
    const NewAwsAccessKey made = AwsIdentities(view, policies_, kAccount).create_key(user).value();
    EXPECT_TRUE(world_.commit(view));
    return {made.id, std::string(made.secret.text()), ""};
  }

  AwsSession role_session(std::string_view role) {
    work::View view = world_.view();
    AwsSession session;
    session.kind = AwsSessionKind::role;
    session.principal = role;
    session.principal_id = *AwsIdentities(view, policies_, kAccount).role(role).value()->row.id;
    session.name = "s1";
    session.issued = view.now();
    session.expires = view.now() + hours(1);
    session.tags = {{"A", "session"}};
    session.parents = begin(bob_).value()->principal.aws->lineage;
    return session;
  }

  Credentials issue(AwsSession session) {
    IssuedAwsSession issued =
        issue_aws_session(*world_.keyring, work::kTestRealm, *world_.random, std::move(session))
            .value();
    return {std::move(issued.access_key_id),
            std::string(issued.secret.text()),
            std::string(issued.token.text())};
  }

  formats::SignatureClaim sign(const Credentials& with,
                               std::string_view service = "kms",
                               std::optional<Timestamp> at = std::nullopt) {
    const std::string hash(64, '0');
    const std::vector<formats::SignedHeader> headers{{"host", "localhost"}};
    formats::SignedMessage message{
        .method = "POST", .target = "/", .headers = headers, .body_sha256 = hash};
    const auto added = formats::sign_headers(
        message,
        {with.id, with.secret, with.token},
        {.region = "us-east-1", .service = service, .now = at.value_or(world_.clock.now())});
    std::vector<formats::SignedHeader> whole = headers;
    for (const auto& [name, value] : *added) whole.push_back({name, value.text()});
    message.headers = whole;
    return formats::read_signature(message).value();
  }

  Result<SessionPtr> begin(const formats::SignatureClaim& claim) {
    work::View view = world_.view();
    COFFER_TRY(SessionPtr session, sessions_.begin(view, policies_, claim, kAccount));
    view.enter_handler();
    COFFER_CHECK(world_.commit(view));
    return session;
  }

  Result<SessionPtr> begin(const Credentials& with) { return begin(sign(with)); }

  std::string refusal(const Credentials& with) {
    const auto session = begin(with);
    return session ? "" : std::string(session.error().name);
  }

  AuthWorld world_;
  PolicyCache policies_;
  SignedSessions sessions_;
  Credentials bob_;
};

TEST_F(SignedSessionsTest, KnowAUserByItsKey) {
  const SessionPtr session = begin(bob_).value();
  const Principal& principal = session->principal;
  EXPECT_EQ(principal.type, "iam_user");
  EXPECT_EQ(principal.accessor, bob_.id);
  EXPECT_EQ(principal.display_name, "arn:aws:iam::123456789012:user/Bob");
  ASSERT_TRUE(principal.facts.iam);
  EXPECT_EQ(principal.facts.iam->username, "Bob");
  EXPECT_TRUE(principal.facts.iam->userid.starts_with("AIDA"));
  EXPECT_EQ(principal.facts.iam->tags.at("a"), "1");
  EXPECT_EQ(principal.aws->lineage.size(), 2U);
}

TEST_F(SignedSessionsTest, AreKeptWhileNothingGuardedChanges) {
  const SessionPtr first = begin(bob_).value();
  EXPECT_EQ(begin(bob_).value(), first);
  work::View view = world_.view();
  ASSERT_TRUE(sessions_.begin(view, policies_, sign(bob_), kAccount));
  EXPECT_TRUE(view.reads().empty()) << "a kept session reads nothing";
  change([](AwsIdentities& iam) { return iam.create_user({.name = "Eve"}); });
  EXPECT_NE(begin(bob_).value(), first);
}

TEST_F(SignedSessionsTest, KeepAFewScopesEach) {
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < SignedSessions::kScopes + 3; ++i) {
      EXPECT_TRUE(begin(sign(bob_, "service" + std::to_string(i))));
    }
  }
}

// Nobody learns which access keys exist.
TEST_F(SignedSessionsTest, SayTheSameOfUnknownKeysAndBadSignatures) {
  ASSERT_TRUE(begin(bob_));
  Credentials wrong = bob_;
  wrong.secret += "x";
  const auto bad = begin(wrong);
  const auto unknown = begin(Credentials{"AKIAUNKNOWNUNKNOWN22", "x", ""});
  change([&](AwsIdentities& iam) { return iam.set_key_active("bob", bob_.id, false); });
  const auto inactive = begin(wrong);
  const auto late = begin(sign(wrong, "kms", world_.clock.now() - hours(1)));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().name, "InvalidSignatureException");
  for (const auto& other : {unknown, inactive, late}) {
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error(), bad.error());
  }
}

TEST_F(SignedSessionsTest, EndWithTheKeyAndItsUser) {
  ASSERT_TRUE(begin(bob_));
  change([&](AwsIdentities& iam) { return iam.set_key_active("Bob", bob_.id, false); });
  EXPECT_EQ(refusal(bob_), "UnrecognizedClientException");
  change([&](AwsIdentities& iam) { return iam.set_key_active("Bob", bob_.id, true); });
  EXPECT_EQ(refusal(bob_), "");
  change([&](AwsIdentities& iam) { return iam.remove_key("Bob", bob_.id); });
  EXPECT_EQ(refusal(bob_), "InvalidSignatureException");
}

TEST_F(SignedSessionsTest, AreNotThoseOfAnotherUserOfTheName) {
  work::View view = world_.view();
  ASSERT_TRUE(view.erase<AwsUserRow>(to_bytes("bob")));  // its key stays behind
  ASSERT_TRUE(world_.commit(view));
  change([](AwsIdentities& iam) { return iam.create_user({.name = "bob"}); });
  EXPECT_EQ(refusal(bob_), "UnrecognizedClientException");
}

TEST_F(SignedSessionsTest, RefuseReplaysOutsideTheWindow) {
  const formats::SignatureClaim claim = sign(bob_);
  EXPECT_TRUE(begin(claim));
  world_.clock.advance(minutes(4));
  EXPECT_TRUE(begin(claim)) << "within the window a request may come again";
  world_.clock.advance(minutes(2));
  const auto replayed = begin(claim);
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().name, "InvalidSignatureException");
  EXPECT_TRUE(replayed.error().message.starts_with("Signature expired: "));
  const auto early = begin(sign(bob_, "kms", world_.clock.now() + minutes(6)));
  ASSERT_FALSE(early);
  EXPECT_TRUE(early.error().message.starts_with("Signature not yet current: "));
}

TEST_F(SignedSessionsTest, KnowARoleByItsSessionToken) {
  put_role("Reader");
  const Credentials temporary = issue(role_session("reader"));
  EXPECT_TRUE(temporary.id.starts_with("ASIA"));
  const SessionPtr session = begin(temporary).value();
  EXPECT_EQ(begin(temporary).value(), session);
  const Principal& principal = session->principal;
  EXPECT_EQ(principal.type, "iam_role_session");
  EXPECT_EQ(principal.display_name, "arn:aws:sts::123456789012:assumed-role/Reader/s1");
  const policy::IamPrincipal& iam = *principal.facts.iam;
  EXPECT_EQ(iam.role_arn, "arn:aws:iam::123456789012:role/team/Reader");
  EXPECT_TRUE(iam.userid.starts_with("AROA"));
  EXPECT_TRUE(iam.userid.ends_with(":s1"));
  EXPECT_EQ(iam.tags, (std::map<std::string, std::string>{{"A", "session"}, {"Team", "red"}}));
  EXPECT_EQ(principal.aws->lineage.size(), 3U);
}

TEST_F(SignedSessionsTest, EndWithTheTokensTime) {
  put_role("Reader");
  const Credentials temporary = issue(role_session("reader"));
  ASSERT_TRUE(begin(temporary));
  world_.clock.advance(hours(1) + seconds(1));
  EXPECT_EQ(refusal(temporary), "ExpiredTokenException");
}

TEST_F(SignedSessionsTest, EndWithAnythingThatTheyCameFrom) {
  put_role("Reader");
  const Credentials by_role = issue(role_session("reader"));
  put_role("Reader");  // another one
  EXPECT_EQ(refusal(by_role), "UnrecognizedClientException");
  const Credentials by_key = issue(role_session("reader"));
  ASSERT_TRUE(begin(by_key));
  change([&](AwsIdentities& iam) { return iam.set_key_active("bob", bob_.id, false); });
  EXPECT_EQ(refusal(by_key), "UnrecognizedClientException");
  change([&](AwsIdentities& iam) { return iam.set_key_active("bob", bob_.id, true); });
  ASSERT_TRUE(begin(by_key));
  change([&](AwsIdentities& iam) { return iam.remove_user("bob", true); });
  EXPECT_EQ(refusal(by_key), "UnrecognizedClientException");
}

TEST_F(SignedSessionsTest, RefuseTokensThatAreNotTheKeys) {
  put_role("Reader");
  const Credentials temporary = issue(role_session("reader"));
  const Credentials other = issue(role_session("reader"));
  Credentials mixed = temporary;
  mixed.token = other.token;
  EXPECT_EQ(refusal(mixed), "InvalidSignatureException");
  Credentials without = temporary;
  without.token.clear();
  EXPECT_EQ(refusal(without), "InvalidSignatureException");
  Credentials foreign = temporary;
  foreign.token = "AQoDYXdzEPT";
  EXPECT_EQ(refusal(foreign), "UnrecognizedClientException");
  Credentials with_token = bob_;
  with_token.token = temporary.token;
  EXPECT_EQ(refusal(with_token), "InvalidSignatureException");
  Credentials stolen = temporary;  // the token without its secret
  stolen.secret = "guessed";
  EXPECT_EQ(refusal(stolen), "InvalidSignatureException");
}

TEST_F(SignedSessionsTest, GiveFederatedUsersNothingOfTheirOwn) {
  AwsSession session;
  session.kind = AwsSessionKind::federated;
  session.principal = "Bob";
  session.principal_id = begin(bob_).value()->principal.aws->id;
  session.name = "guest";
  session.expires = world_.clock.now() + hours(1);
  const SessionPtr begun = begin(issue(std::move(session))).value();
  EXPECT_EQ(begun->principal.display_name, "arn:aws:sts::123456789012:federated-user/guest");
  ASSERT_EQ(begun->session_policies.size(), 1U);
  EXPECT_EQ(begun->session_policies.front(), nullptr) << "which denies everything";
}

TEST_F(SignedSessionsTest, NoteTheUseOfAKeyNowAndThen) {
  const auto last = [&] {
    work::View view = world_.view();
    return AwsIdentities(view, policies_, kAccount).key_use(bob_.id).value().last;
  };
  EXPECT_FALSE(last());
  ASSERT_TRUE(begin(sign(bob_, "ssm")));
  const Timestamp first = *last().value().last;
  EXPECT_EQ(*last()->service, "ssm");
  world_.clock.advance(minutes(14));
  ASSERT_TRUE(begin(bob_));
  EXPECT_EQ(*last()->last, first);
  world_.clock.advance(minutes(2));
  ASSERT_TRUE(begin(bob_));
  EXPECT_GT(*last()->last, first);
  EXPECT_EQ(*last()->service, "kms");
}

// The key was good when the request began, and its session came from before.
TEST_F(SignedSessionsTest, AWriteInAKeptSessionConflictsWithADeletion) {
  ASSERT_TRUE(begin(bob_));
  work::View view = world_.view();
  ASSERT_TRUE(sessions_.begin(view, policies_, sign(bob_), kAccount));
  AwsIdentities iam(view, policies_, kAccount);
  ASSERT_TRUE(iam.create_user({.name = "Eve"}));
  change([&](AwsIdentities& other) { return other.remove_key("bob", bob_.id); });
  EXPECT_EQ(world_.commit(view).error().code, Code::conflict);
}

TEST_F(SignedSessionsTest, TokensHaveALimit) {
  AwsSession session;
  session.policy = std::string(formats::kMaxSessionTokenText, 'a');
  const auto issued =
      issue_aws_session(*world_.keyring, work::kTestRealm, *world_.random, std::move(session));
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().name, "PackedPolicyTooLargeException");
  AwsSession deep;
  deep.parents.resize(kMaxAwsParents + 1);
  EXPECT_FALSE(
      issue_aws_session(*world_.keyring, work::kTestRealm, *world_.random, std::move(deep)));
}

TEST_F(SignedSessionsTest, TokensAreOfTheirRealm) {
  put_role("Reader");
  const Credentials temporary = issue(role_session("reader"));
  EXPECT_TRUE(open_aws_session(*world_.keyring, work::kTestRealm, temporary.token));
  EXPECT_FALSE(open_aws_session(*world_.keyring, store::RealmId(2), temporary.token));
}

}  // namespace
}  // namespace coffer::domain
