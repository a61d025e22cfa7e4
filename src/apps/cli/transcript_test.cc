// Transcripts: what each command line asks of the server, prints, and exits with.
#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Transcript {
  std::vector<std::string> words;
  std::string request;
};

class Requests : public testing::TestWithParam<Transcript> {};

TEST_P(Requests, AreThoseOfTheTranscript) {
  FakeWorld world;
  world.answer(200, R"({"data":{"keys":["a"],"data":{"value":"x"},"capabilities":["read"]}})");
  world.terminal.input = "from-stdin\n";
  world.run(GetParam().words);
  ASSERT_FALSE(world.script.requests.empty()) << world.terminal.errors;
  EXPECT_EQ(world.script.requests.back(), GetParam().request);
  EXPECT_EQ(world.script.tokens.back(), "hvs.test");
}

INSTANTIATE_TEST_SUITE_P(
    Commands,
    Requests,
    testing::Values(
        Transcript{{"secret", "get", "prod.db.billing-db.password"},
                   "GET /v1/secret/data/prod/db/billing-db/password"},
        Transcript{{"secret", "get", "/a.b", "-version=3", "-mount=kv"},
                   "GET /v1/kv/data/a.b?version=3"},
        Transcript{{"secret", "put", "a.b", "-"},
                   R"(POST /v1/secret/data/a/b {"data":{"value":"from-stdin"}})"},
        Transcript{{"secret", "put", "a/b", "user=u", "-cas=0"},
                   R"(POST /v1/secret/data/a/b {"data":{"user":"u"},"options":{"cas":0}})"},
        Transcript{{"secret", "list", "prod.db"}, "GET /v1/secret/metadata/prod/db?list=true"},
        Transcript{{"secret", "list"}, "GET /v1/secret/metadata/?list=true"},
        Transcript{{"secret", "delete", "a"}, "DELETE /v1/secret/data/a"},
        Transcript{{"secret", "destroy", "a", "-versions=1,02"},
                   R"(PUT /v1/secret/destroy/a {"versions":[1,2]})"},
        Transcript{{"unseal"}, R"(PUT /v1/sys/unseal {"key":"from-stdin"})"},
        Transcript{{"operator", "unseal", "-reset", "-nonce=n"},
                   R"(PUT /v1/sys/unseal {"reset":true,"nonce":"n"})"},
        Transcript{{"init", "-key-shares=1", "-key-threshold=1"},
                   R"(PUT /v1/sys/init {"secret_shares":1,"secret_threshold":1})"},
        Transcript{{"read", "auth/token/lookup-self"}, "GET /v1/auth/token/lookup-self"},
        Transcript{{"write", "a/b", "k=1", "k=2"}, R"(PUT /v1/a/b {"k":["1","2"]})"},
        Transcript{{"write", "-f", "sys/rotate"}, "PUT /v1/sys/rotate {}"},
        Transcript{{"secrets", "enable", "-path=x", "-version=2", "kv"},
                   R"(POST /v1/sys/mounts/x {"type":"kv","config":{},"options":{"version":"2"}})"},
        Transcript{{"auth", "disable", "userpass/"}, "DELETE /v1/sys/auth/userpass"},
        Transcript{{"policy", "list"}, "GET /v1/sys/policies/acl?list=true"},
        Transcript{{"policy", "write", "p", "-"},
                   "PUT /v1/sys/policies/acl/p {\"policy\":\"from-stdin\\n\"}"},
        Transcript{{"policy",
                    "explain",
                    "secret/data/a",
                    "--capability",
                    "read",
                    "--policy",
                    "p",
                    "--fact",
                    "source_ip=10.0.0.1"},
                   R"(POST /api/v1/policy/explain {"path":"secret/data/a","capability":"read",)"
                   R"("policies":["p"],"facts":{"source_ip":"10.0.0.1"}})"},
        Transcript{{"token", "create", "-policy=a", "-policy=b", "-ttl=1h"},
                   R"(POST /v1/auth/token/create {"policies":["a","b"],"ttl":"1h"})"},
        Transcript{{"token", "revoke", "-"}, R"(PUT /v1/auth/token/revoke {"token":"from-stdin"})"},
        Transcript{{"token", "renew", "-accessor=z", "-increment=5m"},
                   R"(PUT /v1/auth/token/renew-accessor {"accessor":"z","increment":"5m"})"},
        Transcript{{"token", "capabilities", "secret/a"},
                   R"(POST /v1/sys/capabilities-self {"paths":["secret/a"]})"},
        Transcript{{"approle", "secret-id", "web"}, "POST /v1/auth/approle/role/web/secret-id {}"},
        Transcript{{"lease", "revoke", "-prefix", "database/creds"},
                   "PUT /v1/sys/leases/revoke-prefix/database/creds {}"},
        Transcript{{"unwrap", "-"}, R"(PUT /v1/sys/wrapping/unwrap {"token":"from-stdin"})"},
        Transcript{{"rekey", "-init", "-key-shares=2", "-key-threshold=2"},
                   R"(PUT /v1/sys/rekey/init {"secret_shares":2,"secret_threshold":2})"},
        Transcript{{"generate-root", "-cancel"}, "DELETE /v1/sys/generate-root/attempt"},
        Transcript{{"list", "secret/metadata"}, "GET /v1/secret/metadata?list=true"}));

TEST(Cli, ReadsTheMountBeforeAKvCommand) {
  FakeWorld world;
  world.answer(200, R"({"data":{"path":"team/kv/","type":"kv","options":{"version":"2"}}})");
  world.answer(200, R"({"data":{"version":1}})");
  EXPECT_EQ(world.run({"kv", "put", "team/kv/a", "x=1"}), kExitOk);
  EXPECT_THAT(world.script.requests,
              ElementsAre("GET /v1/sys/internal/ui/mounts/team/kv/a",
                          R"(PUT /v1/team/kv/data/a {"data":{"x":"1"}})"));
}

TEST(Cli, NamesACommandThatItDoesNotKnow) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"nosuch"}, {"kv", "nosuch", "secret/a"}}) {
    FakeWorld world;
    EXPECT_EQ(world.run(words), kExitUsage);
    EXPECT_THAT(world.terminal.errors, HasSubstr("no such command: nosuch"));
  }
  FakeWorld world;
  EXPECT_EQ(world.run({"kv"}), kExitUsage);
  EXPECT_THAT(world.terminal.errors, Not(HasSubstr("no such command")));
}

constexpr std::string_view kTeamMount =
    R"({"data":{"path":"team/kv/","type":"kv","options":{"version":"2"}}})";
constexpr std::string_view kSecondVersion =
    R"({"data":{"data":{"a":"1","b":"2"},"metadata":{"version":2}}})";

TEST(Cli, PatchesWithReadAndWriteWhereTheServerDoesNotLetItPatch) {
  for (const int refusal : {403, 405}) {
    FakeWorld world;
    world.answer(200, std::string(kTeamMount));
    world.answer(refusal, R"({"errors":["no"]})");
    world.answer(200, std::string(kSecondVersion));
    world.answer(200, R"({"data":{"version":3}})");
    EXPECT_EQ(world.run({"kv", "patch", "team/kv/a", "b=3", "c=4"}), kExitOk);
    EXPECT_THAT(world.script.requests,
                ElementsAre("GET /v1/sys/internal/ui/mounts/team/kv/a",
                            R"(PATCH /v1/team/kv/data/a {"data":{"b":"3","c":"4"}})",
                            "GET /v1/team/kv/data/a",
                            R"(PUT /v1/team/kv/data/a {"data":{"a":"1","b":"3","c":"4"},)"
                            R"("options":{"cas":2}})"));
  }
}

TEST(Cli, PatchesInTheWayThatItIsTold) {
  FakeWorld reads;
  reads.answer(200, std::string(kTeamMount));
  reads.answer(200, std::string(kSecondVersion));
  reads.answer(200, R"({"data":{"version":3}})");
  EXPECT_EQ(reads.run({"kv", "patch", "-method=rw", "team/kv/a", "b=3"}), kExitOk);
  EXPECT_EQ(reads.script.requests.size(), 3U);
  EXPECT_THAT(reads.script.requests.back(), HasSubstr(R"("cas":2)"));
  FakeWorld patches;
  patches.answer(200, std::string(kTeamMount));
  patches.answer(403, R"({"errors":["permission denied"]})");
  EXPECT_EQ(patches.run({"kv", "patch", "-method=patch", "team/kv/a", "b=3"}), kExitDenied);
  EXPECT_EQ(patches.script.requests.size(), 2U);
  EXPECT_EQ(patches.run({"kv", "patch", "-method=x", "team/kv/a", "b=3"}), kExitUsage);
}

TEST(Cli, ChangesSomeCustomMetadata) {
  FakeWorld world;
  world.answer(200, std::string(kTeamMount));
  world.answer(204, "");
  EXPECT_EQ(world.run({"kv",
                       "metadata",
                       "patch",
                       "-custom-metadata=a=1",
                       "-remove-custom-metadata=b",
                       "-max-versions=3",
                       "team/kv/a"}),
            kExitOk);
  EXPECT_EQ(
      world.script.requests.back(),
      R"(PATCH /v1/team/kv/metadata/a {"max_versions":3,"custom_metadata":{"a":"1","b":null}})");
}

TEST(Cli, ForgetsTheUnsealProgressUnderWay) {
  FakeWorld world;
  world.answer(200, R"({"sealed":true,"progress":1,"nonce":"0-1"})");
  world.answer(200, R"({"sealed":true,"progress":0,"nonce":""})");
  EXPECT_EQ(world.run({"unseal", "--reset"}), kExitOk);
  EXPECT_THAT(
      world.script.requests,
      ElementsAre("GET /v1/sys/seal-status", R"(PUT /v1/sys/unseal {"reset":true,"nonce":"0-1"})"));
}

TEST(Cli, PrintsALoneValueByItself) {
  FakeWorld world;
  world.answer(200, R"({"data":{"data":{"value":"p\u00e4ss\nword"},"metadata":{"version":1}}})");
  EXPECT_EQ(world.run({"secret", "get", "a.b"}), kExitOk);
  EXPECT_EQ(world.terminal.output, "p\u00e4ss\nword\n");
}

TEST(Cli, EscapesControlCharactersInTables) {
  FakeWorld world;
  world.answer(200, R"({"data":{"data":{"a":"\u001b[2J","b":"x"},"metadata":{}}})");
  EXPECT_EQ(world.run({"secret", "get", "a.b"}), kExitOk);
  EXPECT_THAT(world.terminal.output, HasSubstr("\\x1b[2J"));
  EXPECT_EQ(world.terminal.output.find('\x1b'), std::string::npos);
}

TEST(Cli, EscapesControlCharactersOfTheServersWords) {
  const std::string evil = R"(\u001b[2J\u009b2J)";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"read", "a"}, {"status"}}) {
    FakeWorld world;
    world.answer(400, R"({"errors":["evil )" + evil + R"("]})");
    EXPECT_EQ(world.run(words), kExitError);
    EXPECT_THAT(world.terminal.errors, HasSubstr("evil \\x1b[2J\\xc2\\x9b2J"));
    EXPECT_EQ(world.terminal.errors.find('\x1b'), std::string::npos);
  }
  FakeWorld token;
  token.answer(200, R"({"data":{"capabilities":["read","x)" + evil + R"("]}})");
  EXPECT_EQ(token.run({"token", "capabilities", "secret/a"}), kExitOk);
  EXPECT_THAT(token.terminal.output, HasSubstr("read, x\\x1b[2J"));
  EXPECT_EQ(token.terminal.output.find('\x1b'), std::string::npos);
}

TEST(Cli, EscapesAPolicyOnATerminalOnly) {
  for (const bool interactive : {false, true}) {
    FakeWorld world;
    world.terminal.interactive = interactive;
    world.answer(200, R"({"data":{"policy":"path\t\"a\"\n# \u001b[2J\n"}})");
    EXPECT_EQ(world.run({"policy", "read", "p"}), kExitOk);
    EXPECT_EQ(world.terminal.output,
              interactive ? "path\t\"a\"\n# \\x1b[2J\n" : "path\t\"a\"\n# \x1b[2J\n\n");
  }
}

TEST(Cli, RefusesAValueOnTheCommandLine) {
  FakeWorld world;
  world.answer(200, "{}");
  EXPECT_EQ(world.run({"secret", "put", "a.b", "hunter2"}), kExitUsage);
  EXPECT_TRUE(world.script.requests.empty());
  EXPECT_EQ(world.terminal.errors.find("hunter2"), std::string::npos);
}

TEST(Cli, AsksForASecretTwiceOnATerminal) {
  FakeWorld world;
  world.answer(204, "");
  world.terminal.interactive = true;
  world.terminal.typed = {"one", "two"};
  EXPECT_EQ(world.run({"secret", "put", "a"}), kExitUsage);
  EXPECT_TRUE(world.script.requests.empty());
}

TEST(Cli, RollsBackWithCheckAndSet) {
  FakeWorld world;
  world.answer(200, R"({"data":{"current_version":7}})");
  world.answer(200, R"({"data":{"data":{"n":1.50},"metadata":{}}})");
  world.answer(200, R"({"data":{"version":8}})");
  EXPECT_EQ(world.run({"secret", "rollback", "a", "-version=3"}), kExitOk);
  EXPECT_EQ(world.script.requests.back(),
            R"(POST /v1/secret/data/a {"data":{"n":1.50},"options":{"cas":7}})");
}

TEST(Cli, HandsSecretsButNotItsTokenToAProgram) {
  FakeWorld world;
  world.answer(200, R"({"data":{"data":{"value":"new"}}})");
  world.answer(200, R"({"data":{"data":{"user":"u","port":5432}}})");
  EXPECT_EQ(world.run({"run",
                       "--secret",
                       "prod.db.password",
                       "--secret",
                       "prod/db=DB",
                       "--",
                       "psql",
                       "-field=x"}),
            kExitOk);
  ASSERT_EQ(world.launched.size(), 1U);
  EXPECT_THAT(world.launched[0].command, ElementsAre("psql", "-field=x"));
  std::vector<std::string> entries;
  for (const auto& entry : world.launched[0].environment) entries.emplace_back(entry.text());
  EXPECT_THAT(entries, ElementsAre("PATH=/bin", "PASSWORD=new", "DB_USER=u", "DB_PORT=5432"));
}

TEST(Cli, LaunchesNothingWhenTwoSecretsAreOneVariable) {
  const std::string alone = R"({"data":{"data":{"value":"x"}}})";

  struct Case {
    std::vector<std::string> secrets;
    std::string body;
    std::vector<std::string> said;
  };

  for (const Case& c :
       {Case{{"prod.db.password", "prod.mq.password"},
             alone,
             {"PASSWORD", "prod/db/password", "prod/mq/password"}},
        Case{{"one=DB"}, R"({"data":{"data":{"a-b":"1","a_b":"2"}}})", {"DB_A_B", "a-b", "a_b"}}}) {
    FakeWorld world;
    world.answer(200, c.body);
    std::vector<std::string> words{"run"};
    for (const std::string& secret : c.secrets) {
      words.insert(words.end(), {"--secret", secret});
    }
    words.insert(words.end(), {"--", "psql"});
    EXPECT_EQ(world.run(words), kExitError);
    for (const std::string& said : c.said) EXPECT_THAT(world.terminal.errors, HasSubstr(said));
    EXPECT_TRUE(world.launched.empty());
  }
}

TEST(Cli, LaunchesNothingWhenASecretIsMissing) {
  FakeWorld world;
  world.answer(404, R"({"errors":[]})");
  EXPECT_EQ(world.run({"run", "--secret", "a.b", "--", "true"}), kExitNotFound);
  EXPECT_TRUE(world.launched.empty());
}

TEST(Cli, FailsVerificationThatFindsOrBreaksOff) {
  struct Case {
    std::string body;
    int code;
  };

  for (const Case& c : {Case{"{\"checked\":1}\n{\"ok\":true}\n", kExitOk},
                        Case{"{\"finding\":\"row x\"}\n{\"ok\":false}\n", kExitTampered},
                        Case{"{\"finding\":\"row x\"}\n{\"ok\":true}\n", kExitTampered},
                        Case{"{\"checked\":1}\n", kExitUnavailable}}) {
    FakeWorld world;
    world.answer(200, c.body);
    EXPECT_EQ(world.run({"verify"}), c.code) << c.body;
  }
}

struct StatusCase {
  int status;
  std::string body;
  int code;
};

TEST(Cli, ExitsWithTheDocumentedCodes) {
  const std::vector<StatusCase> cases{
      {400, R"({"errors":["bad"]})", kExitError},
      {403, R"({"errors":["permission denied"]})", kExitDenied},
      {404, R"({"errors":[]})", kExitNotFound},
      {503, R"({"errors":["Vault is sealed"]})", kExitUnavailable},
      {412, R"({"errors":[]})", kExitConflict},
      {400,
       R"({"errors":["check-and-set parameter did not match the current version"]})",
       kExitConflict},
      {500, "not json", kExitError},
      {200, "not json", kExitUnavailable},
  };
  for (const StatusCase& c : cases) {
    FakeWorld world;
    world.answer(c.status, c.body);
    EXPECT_EQ(world.run({"read", "a"}), c.code) << c.status << c.body;
    EXPECT_THAT(world.terminal.errors, HasSubstr("Error: "));
  }
}

TEST(Cli, StatusExitsLikeVaults) {
  struct Case {
    int status;
    std::string body;
    int code;
  };

  for (const Case& c : {Case{200, R"({"sealed":false})", 0},
                        Case{200, R"({"sealed":true})", 2},
                        Case{500, "{}", 1}}) {
    FakeWorld world;
    world.answer(c.status, c.body);
    EXPECT_EQ(world.run({"status"}), c.code);
  }
}

TEST(Cli, FailsWhenItsOutputCannotBeWritten) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"init"},
                                                {"audit", "tail", "-f"},
                                                {"audit", "export"},
                                                {"completion", "bash"},
                                                {"--help"}}) {
    FakeWorld world;
    world.answer(200, R"({"keys_base64":["k"],"events":[{"sequence":1}],"next":1})");
    world.terminal.failure = "No space left on device";
    EXPECT_EQ(world.run(words), kExitError) << testing::PrintToString(words);
    EXPECT_THAT(world.terminal.errors, HasSubstr("standard output: No space left on device"));
  }
}

TEST(Cli, RefusesBadCommandLines) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"secret"},
                                             {"secret", "get"},
                                             {"read", "a", "--nope"},
                                             {"read", "a", "-format=xml"}}) {
    FakeWorld world;
    world.answer(200, "{}");
    EXPECT_EQ(world.run(words), kExitUsage);
    EXPECT_TRUE(world.script.requests.empty());
  }
}

TEST(Cli, TakesWordsThatAreAlsoCommandsAsValues) {
  FakeWorld world;
  world.answer(200, R"({"data":{"keys":[]}})");
  EXPECT_EQ(world.run({"list", "secret"}), kExitOk);
  EXPECT_EQ(world.script.requests.back(), "GET /v1/secret?list=true");
}

TEST(Cli, CompletionNamesCommandsAndOptions) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    FakeWorld world;
    EXPECT_EQ(world.run({"completion", shell}), kExitOk);
    EXPECT_THAT(world.terminal.output, HasSubstr("unseal"));
    EXPECT_THAT(world.terminal.output, HasSubstr("versions"));
  }
}

}  // namespace
}  // namespace coffer::cli
