#include "domain/auth/auth_world.h"
#include "domain/auth/lockouts.h"
#include "domain/auth/secret_ids.h"
#include "domain/auth/userpass.h"
#include "domain/auth/wraps.h"
#include "domain/identity/identity.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct RoleWorld : AuthWorld {
  RoleWorld() : approle(mount("approle/")) {}

  void write_role(const std::string& name, std::uint64_t uses = 0, Duration ttl = {}) {
    work::View view = this->view();
    AppRoleRow row = value(AppRoles(view, approle).fresh(name));
    row.role_id = name + "-id";
    row.secret_id_num_uses = uses;
    row.secret_id_ttl = ttl;
    row.token->policies = {"dev"};
    value(done(AppRoles(view, approle).write(std::move(row))));
    value(done(commit(view)));
  }

  IssuedSecretId secret_of(const std::string& name) {
    work::View view = this->view();
    const AppRolePtr role = value(AppRoles(view, approle).read(name));
    IssuedSecretId issued = value(SecretIds(view, role->row).issue({}));
    value(done(commit(view)));
    return issued;
  }

  Result<std::string> log_in(std::string_view role_id, std::string_view secret) {
    work::View view = this->view();
    view.enter_handler();
    AppRoleLogin login{.role_id = std::string(role_id),
                       .secret_id = secure::SecureText(secret),
                       .source_ip = "127.0.0.1",
                       .mount_path = "auth/approle/",
                       .role = {}};
    auto issued = domain::log_in(view, approle, login);
    if (!issued) view.drop_handler_part();
    COFFER_CHECK(commit(view));
    if (!issued) return std::unexpected(issued.error());
    return std::string(issued->text.text());
  }

  Mount approle;
};

TEST(AppRole, LogsInAndGivesAnEntity) {
  RoleWorld world;
  world.write_role("billing");
  const IssuedSecretId secret = world.secret_of("billing");
  const auto token = world.log_in("billing-id", secret.text.text());
  ASSERT_TRUE(token) << token.error().message;
  work::View view = world.view();
  const Principal principal = world.value(authenticate(view, *token, "127.0.0.1"));
  EXPECT_EQ(principal.display_name, "approle-billing");
  EXPECT_EQ(principal.token_policies, (std::vector<std::string>{"default", "dev"}));
  ASSERT_FALSE(principal.entity_id.empty());
  EXPECT_EQ(principal.facts.aliases.at(world.approle.accessor).metadata.at("role_name"), "billing");
}

TEST(AppRole, EveryBadLoginLooksAlike) {
  RoleWorld world;
  world.write_role("billing");
  world.write_role("other");
  const IssuedSecretId other = world.secret_of("other");
  for (const auto& [role, secret] : std::vector<std::pair<std::string, std::string>>{
           {"nobody", "x"},
           {"billing-id", "x"},
           {"billing-id", ""},
           {"billing-id", std::string(other.text.text())}}) {
    const auto result = world.log_in(role, secret);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), (Error{Code::invalid_argument, std::string(kBadRoleLogin)}));
  }
  work::View view = world.view();
  EXPECT_EQ(world.value(view.keys<TokenRow>({}, {}, 10)).size(), 1U) << "no token was made";
}

TEST(AppRole, SecretIdsBelongToTheirRole) {  // CVE-2023-24999
  RoleWorld world;
  world.write_role("mine");
  world.write_role("theirs");
  const IssuedSecretId theirs = world.secret_of("theirs");
  work::View view = world.view();
  const AppRolePtr mine = world.value(AppRoles(view, world.approle).read("mine"));
  SecretIds ids(view, mine->row);
  EXPECT_FALSE(world.value(ids.find(theirs.text.text())));
  EXPECT_FALSE(world.value(ids.by_accessor(*theirs.row.accessor)));
  EXPECT_TRUE(world.value(ids.accessors()).empty());
}

TEST(AppRole, ANewRoleOfTheSameNameHasNoneOfTheOldSecretIds) {
  RoleWorld world;
  world.write_role("billing");
  const IssuedSecretId old = world.secret_of("billing");
  {
    work::View view = world.view();
    ASSERT_TRUE(AppRoles(view, world.approle).remove("billing"));
    ASSERT_TRUE(world.commit(view));
  }
  world.write_role("billing");
  EXPECT_FALSE(world.log_in("billing-id", old.text.text()));
}

TEST(AppRole, UsesAndTimeOfSecretIds) {
  RoleWorld world;
  world.write_role("twice", 2, seconds(60));
  const IssuedSecretId secret = world.secret_of("twice");
  EXPECT_TRUE(world.log_in("twice-id", secret.text.text()));
  EXPECT_TRUE(world.log_in("twice-id", secret.text.text()));
  EXPECT_FALSE(world.log_in("twice-id", secret.text.text()));
  const IssuedSecretId late = world.secret_of("twice");
  world.clock.advance(seconds(61));
  EXPECT_FALSE(world.log_in("twice-id", late.text.text()));
}

TEST(AppRole, RefusesRootInEverySpelling) {
  RoleWorld world;
  for (const char* name : {"root", "Root", " root", "ROOT ", "r\xc3\xb3ot"}) {
    work::View view = world.view();
    AppRoleRow row = world.value(AppRoles(view, world.approle).fresh("r"));
    row.token->policies = {name};
    EXPECT_FALSE(AppRoles(view, world.approle).write(std::move(row))) << name;
    TokenRoleRow role;
    *role.name = "r";
    role.allowed_policies = std::vector<std::string>{name};
    EXPECT_FALSE(TokenRoles(view).write(std::move(role))) << name;
    EXPECT_FALSE(Userpass(view, world.approle)
                     .write("bob", {.policies = {name}}, PasswordHash{Bytes(16), {}}))
        << name;
  }
}

TEST(Userpass, EverySpellingSharesOneCounter) {
  AuthWorld world;
  const Mount mount = world.mount("userpass/");
  const secure::SecureBytes right(ByteView(to_bytes("right")));
  {
    work::View view = world.view();
    ASSERT_TRUE(Userpass(view, mount)
                    .write("Bob", {}, PasswordHash{Bytes(16), secure::SecureBytes(kPasswordHash)}));
    ASSERT_TRUE(world.commit(view));
  }
  FailedLogins failures;
  const auto attempt = [&](std::string_view name) {
    work::View view = world.view();
    view.enter_handler();
    Candidate given{right.clone()};
    const auto outcome = world.value(Userpass(view, mount).verify(name, given, failures));
    view.drop_handler_part();  // the request fails
    EXPECT_TRUE(world.commit(view));
    return outcome;
  };
  for (const char* name : {"bob", "BOB", " bob", "bob "}) {
    EXPECT_EQ(attempt(name), Userpass::Outcome::failed) << name;
  }
  EXPECT_EQ(attempt("bOb"), Userpass::Outcome::locked);
  FailedLogins none;  // as after a restart: what the rows say holds
  for (FailedLogins* memory : {&failures, &none}) {
    work::View view = world.view();
    const auto challenge = Userpass(view, mount).challenge("boB", *memory);
    ASSERT_FALSE(challenge);
    EXPECT_EQ(challenge.error().code, Code::permission_denied);
    Candidate late{right.clone()};
    const auto refused = Userpass(view, mount).verify("bob", late, *memory);
    ASSERT_FALSE(refused) << "it was locked while the password was hashed";
    EXPECT_EQ(refused.error().code, Code::permission_denied);
  }
  world.clock.advance(minutes(16));
  work::View view = world.view();
  EXPECT_TRUE(Userpass(view, mount).challenge("bob", failures));
}

TEST(Userpass, AnAttemptThatRunsAgainCountsOnce) {
  AuthWorld world;
  const Mount mount = world.mount("userpass/");
  FailedLogins failures;
  Candidate wrong{secure::SecureBytes(kPasswordHash)};
  for (int run = 0; run < 3; ++run) {
    work::View view = world.view();
    EXPECT_EQ(world.value(Userpass(view, mount).verify("bob", wrong, failures)),
              Userpass::Outcome::failed);
  }
  EXPECT_EQ(failures.count(mount.id, "bob", world.clock.now()), 1U);
}

TEST(Userpass, AbsentUsersLookLikePresentOnes) {
  AuthWorld world;
  const Mount mount = world.mount("userpass/");
  work::View view = world.view();
  FailedLogins failures;
  const Bytes salt = world.value(Userpass(view, mount).challenge("nobody", failures));
  EXPECT_EQ(salt.size(), 16U);
  EXPECT_EQ(world.value(Userpass(view, mount).challenge(" NOBODY", failures)), salt);
  Candidate zeros{secure::SecureBytes(kPasswordHash)};
  EXPECT_EQ(world.value(Userpass(view, mount).verify("nobody", zeros, failures)),
            Userpass::Outcome::failed)
      << "the hash that is compared with for absent users opens nothing";
}

TEST(Entities, DisabledOnesLetNothingPass) {
  RoleWorld world;
  world.write_role("billing");
  const IssuedSecretId secret = world.secret_of("billing");
  const std::string token = *world.log_in("billing-id", secret.text.text());
  {
    work::View view = world.view();
    const Principal principal = world.value(authenticate(view, token, "127.0.0.1"));
    EXPECT_FALSE(Entities(view).set_policies(principal.entity_id, {"Root"}));
    ASSERT_TRUE(Entities(view).set_disabled(principal.entity_id, true));
    ASSERT_TRUE(world.commit(view));
  }
  EXPECT_FALSE(world.passes(token));
  EXPECT_FALSE(world.log_in("billing-id", secret.text.text()));
}

TEST(Wraps, OpenOnce) {
  AuthWorld world;
  work::View view = world.view();
  const WrapInfo info =
      world.value(Wraps(view).wrap(secure::SecureText("{}"), seconds(60), "secret/data/a", ""));
  ASSERT_TRUE(world.commit(view));
  EXPECT_FALSE(world.passes(info.token.text())) << "a wrapping token is no token";
  work::View first = world.view();
  EXPECT_EQ(world.value(Wraps(first).unwrap(info.token.text())).text(), "{}");
  work::View second = world.view();
  EXPECT_TRUE(Wraps(second).unwrap(info.token.text()));
  ASSERT_TRUE(world.commit(first));
  EXPECT_EQ(world.commit(second).error().code, Code::conflict);
  work::View third = world.view();
  EXPECT_EQ(Wraps(third).unwrap(info.token.text()).error().message, kNoSuchWrap);
}

TEST(Wraps, EndAtTheirTime) {
  AuthWorld world;
  work::View view = world.view();
  const WrapInfo info =
      world.value(Wraps(view).wrap(secure::SecureText("{}"), seconds(60), "p", ""));
  ASSERT_TRUE(world.commit(view));
  world.clock.advance(seconds(60));
  work::View later = world.view();
  EXPECT_FALSE(Wraps(later).look_up(info.token.text()));
}

TEST(Credentials, AreNowhereInTheStore) {
  RoleWorld world;
  world.write_role("billing");
  const IssuedSecretId secret = world.secret_of("billing");
  const std::string token = *world.log_in("billing-id", secret.text.text());
  work::View view = world.view();
  const WrapInfo wrap = world.value(
      Wraps(view).wrap(secure::SecureText("{\"a\":\"canary-value\"}"), seconds(60), "p", ""));
  ASSERT_TRUE(world.commit(view));
  const std::vector<std::string> canaries = {token.substr(4),
                                             world.root.substr(4),
                                             std::string(secret.text.text()),
                                             std::string(wrap.token.text().substr(4)),
                                             "canary-value"};
  std::size_t seen = 0;
  const auto check = [&](ByteView octets) {
    ++seen;
    for (const std::string& canary : canaries) EXPECT_FALSE(as_text(octets).contains(canary));
    return Result<>();
  };
  store::Store::Visitor visitor;
  visitor.record = [&](store::LogId, const store::LogRecord& r) { return check(r.record); };
  visitor.row = [&](const auto& row) -> Result<> {
    COFFER_CHECK(check(row.key.key));
    for (const store::IndexEntry& entry : row.index) COFFER_CHECK(check(entry.key));
    return check(row.blob);
  };
  ASSERT_TRUE(world.store->visit(visitor));
  EXPECT_GT(seen, 20U);
}

}  // namespace
}  // namespace coffer::domain
