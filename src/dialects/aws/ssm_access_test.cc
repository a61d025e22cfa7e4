// Who may read parameters: the keys of secure strings, folders over regions, policies of resources.
#include "dialects/aws/home.h"
#include "dialects/aws/signed_call.h"
#include "dialects/aws/sts_gate.h"
#include "domain/kms/key_aliases.h"
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"
#include "domain/parameters/parameters.h"
#include "store/forwarding_store.h"

#include <gtest/gtest.h>

#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kHere = "us-east-1";
constexpr std::string_view kThere = "eu-north-1";
constexpr std::string_view kReading =
    R"("ssm:GetParameter","ssm:GetParameters","ssm:GetParameterHistory","ssm:GetParametersByPath")";

// A policy of one statement, as JSON.
std::string iam_policy(std::string_view effect,
                       std::string_view actions,
                       std::string_view resources,
                       std::string_view more = "") {
  return R"({"Effect":")" + std::string(effect) + R"(","Action":[)" + std::string(actions) +
         R"(],"Resource":[)" + std::string(resources) + "]" + std::string(more) + "}";
}

std::string document(std::string_view statements) {
  return R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}";
}

std::string parameter_arn(std::string_view region, std::string_view path) {
  return "\"arn:aws:ssm:" + std::string(region) + ":123456789012:parameter/" + std::string(path) +
         "\"";
}

// In a string of JSON.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class SsmAccessTest : public testing::Test {
 protected:
  TestAnswer ssm(const gate::TestKey& key,
                 std::string_view operation,
                 std::string_view body,
                 std::string_view region = kHere) {
    return signed_call(gate_, key, "ssm", "AmazonSSM." + std::string(operation), body, region);
  }

  TestAnswer kms(std::string_view operation,
                 std::string_view body,
                 std::string_view region = kHere) {
    return signed_call(
        gate_, admin_, "kms", "TrentService." + std::string(operation), body, region);
  }

  void put(std::string_view name,
           std::string_view value,
           std::string_view more,
           std::string_view region = kHere) {
    const TestAnswer done =
        ssm(admin_,
            "PutParameter",
            R"({"Name":")" + std::string(name) + R"(","Value":")" + std::string(value) +
                R"(","Overwrite":true)" + std::string(more) + "}",
            region);
    EXPECT_EQ(done.status, 200) << done.body;
  }

  // A key that these users alone may use; its id.
  std::string key_of(std::string_view users, std::string_view region = kHere) {
    const std::string policy =
        document(R"({"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":[)" +
                 std::string(users) + "]}}");
    const TestAnswer made =
        kms("CreateKey",
            R"({"BypassPolicyLockoutSafetyCheck":true,"Policy":")" + escaped(policy) + "\"}",
            region);
    EXPECT_EQ(made.status, 200) << made.body;
    return made.text("KeyMetadata", "KeyId");
  }

  void name_key(std::string_view operation, std::string_view id, std::string_view region = kHere) {
    const TestAnswer done = kms(
        operation, R"({"AliasName":"alias/app","TargetKeyId":")" + std::string(id) + "\"}", region);
    EXPECT_EQ(done.status, 200) << done.body;
  }

  // What every operation that decrypts answers for /prod/db: its value, or its error.
  std::vector<std::string> readings(const gate::TestKey& key, std::string_view region = kHere) {
    std::vector<std::string> out;
    for (const auto& [operation, body] :
         {std::pair<std::string_view, std::string_view>{"GetParameter", R"("Name":"/prod/db")"},
          {"GetParameters", R"("Names":["/prod/db"])"},
          {"GetParameterHistory", R"("Name":"/prod/db")"},
          {"GetParametersByPath", R"("Path":"/prod")"}}) {
      out.push_back(outcome(
          ssm(key, operation, "{" + std::string(body) + R"(,"WithDecryption":true})", region)));
    }
    return out;
  }

  // The error, or "ok" and the secrets that are in the answer.
  static std::string outcome(const TestAnswer& answer) {
    if (answer.status != 200) return answer.text("__type");
    std::string out = "ok";
    for (const std::string_view value : {"first", "second"}) {
      if (answer.body.contains(value)) out += " " + std::string(value);
    }
    return out;
  }

  static std::vector<std::string> four(std::string_view outcome) {
    return std::vector<std::string>(4, std::string(outcome));
  }

  std::string by_path(const gate::TestKey& key,
                      std::string_view region = kHere,
                      std::string_view more = "") {
    return outcome(ssm(key,
                       "GetParametersByPath",
                       R"({"Path":"/app","WithDecryption":true)" + std::string(more) + "}",
                       region));
  }

  gate::TestKey user(const std::string& name, std::string_view statements) {
    const gate::TestKey key = gate::make_aws_user(gate_, name);
    gate_.allow_user(name, document(statements));
    return key;
  }

  StsGate gate_;
  gate::TestKey admin_ = gate::make_aws_administrator(gate_);
  gate::TestKey bob_ = user("bob", iam_policy("Allow", kReading, "\"*\""));
};

constexpr std::string_view kAdminAlone = R"("arn:aws:iam::123456789012:user/admin")";
constexpr std::string_view kBobToo =
    R"("arn:aws:iam::123456789012:user/admin","arn:aws:iam::123456789012:user/bob")";
constexpr std::string_view kUnderApp = R"(,"Type":"SecureString","KeyId":"alias/app")";

TEST_F(SsmAccessTest, ASecureStringNeedsTheKeyThatItIsUnderInEveryRegion) {
  name_key("CreateAlias", key_of(kAdminAlone));
  name_key("CreateAlias", key_of(kBobToo, kThere), kThere);
  put("/prod/db", "first", kUnderApp);
  EXPECT_EQ(readings(bob_), four("AccessDeniedException"));
  EXPECT_EQ(readings(bob_, kThere), four("AccessDeniedException"));
  EXPECT_EQ(readings(admin_), four("ok first"));
  EXPECT_EQ(readings(admin_, kThere), four("ok first"));
}

TEST_F(SsmAccessTest, AnAliasThatMovesOrGoesChangesNothingAboutWhatIsStored) {
  const std::string closed = key_of(kAdminAlone);
  name_key("CreateAlias", closed);
  put("/prod/db", "first", kUnderApp);
  name_key("UpdateAlias", key_of(kBobToo));
  EXPECT_EQ(readings(bob_), four("AccessDeniedException"));
  EXPECT_EQ(readings(admin_), four("ok first"));
  EXPECT_EQ(kms("DeleteAlias", R"({"AliasName":"alias/app"})").status, 200);
  EXPECT_EQ(readings(admin_), four("ok first"));
  EXPECT_EQ(readings(bob_), four("AccessDeniedException"));
}

TEST_F(SsmAccessTest, AHistoryNeedsEveryKeyThatIsUnderItOnce) {
  name_key("CreateAlias", key_of(kBobToo));
  put("/prod/db", "first", kUnderApp);
  name_key("UpdateAlias", key_of(kAdminAlone));
  put("/prod/db", "second", kUnderApp);
  put("/prod/db", "second", kUnderApp);
  const std::string body = R"({"Name":"/prod/db","WithDecryption":true})";
  EXPECT_EQ(outcome(ssm(bob_, "GetParameterHistory", body)), "AccessDeniedException");
  EXPECT_EQ(outcome(ssm(bob_, "GetParameter", R"({"Name":"/prod/db:1","WithDecryption":true})")),
            "ok first");
  gate_.events();
  EXPECT_EQ(outcome(ssm(admin_, "GetParameterHistory", body)), "ok first second");
  const auto events = gate_.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().accesses.size(), 3U);  // the parameter and two keys
}

TEST_F(SsmAccessTest, TheServicesOwnKeyIsAskedForNothing) {
  put("/prod/db", "first", R"(,"Type":"SecureString")", kThere);
  EXPECT_EQ(readings(bob_), four("ok first"));
  EXPECT_EQ(readings(bob_, kThere), four("ok first"));
}

// As the first versions of this server made it.
TEST_F(SsmAccessTest, TheServicesFormerKeyIsAskedForNothing) {
  const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
  const auto home = home_for_write(view, Home::keys);
  ASSERT_TRUE(home);
  domain::MasterKeys keys(view, (*home)->id, unsealed->kms);
  domain::KeySpec spec;
  spec.name = "aws-ssm-us-east-1";
  spec.uid = domain::new_key_uid(*gate_.random);
  spec.region = kHere;
  spec.manager = "AWS";
  const domain::KeyMaterial material =
      domain::generate_material(spec.type, spec.key_size, *gate_.random);
  ASSERT_TRUE(keys.create(spec, &material));
  const auto made = keys.find(spec.name);
  ASSERT_TRUE(made && *made);
  ASSERT_TRUE(
      domain::KeyAliases(view, (*home)->id).put(kHere, domain::kDefaultParameterKey, (*made)->row));
  proof::Event event;
  event.time = gate_.clock.now();
  event.type = proof::EventType::key_created;
  event.outcome = proof::Outcome::allowed;
  event.realm = 1;
  ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  put("/prod/db", "first", R"(,"Type":"SecureString")");
  EXPECT_EQ(readings(bob_), four("ok first"));
}

TEST_F(SsmAccessTest, AFolderNeedsPermissionInEveryRegionThatItsParametersAreOf) {
  put("/app/a", "first", R"(,"Type":"String")");
  put("/app/b", "second", R"(,"Type":"String")", kThere);
  const std::string_view action = R"("ssm:GetParametersByPath")";
  const std::string here = parameter_arn(kHere, "app");
  const std::string there = parameter_arn(kThere, "app");
  const gate::TestKey one = user("one", iam_policy("Allow", action, here));
  const gate::TestKey both = user("both", iam_policy("Allow", action, here + "," + there));
  const gate::TestKey denied = user(
      "denied", iam_policy("Allow", action, "\"*\"") + "," + iam_policy("Deny", action, there));
  EXPECT_EQ(by_path(one), "AccessDeniedException");
  EXPECT_EQ(by_path(both), "ok first second");
  EXPECT_EQ(by_path(both, kThere), "ok first second");
  EXPECT_EQ(by_path(denied), "AccessDeniedException");
  // The first page has none of the other region's.
  EXPECT_EQ(by_path(one, kHere, R"(,"MaxResults":1)"), "ok first");
  EXPECT_EQ(by_path(denied, kHere, R"(,"MaxResults":1)"), "ok first");
  // Where nothing is found the folder is the caller's region's.
  EXPECT_EQ(outcome(ssm(one, "GetParametersByPath", R"({"Path":"/none"})")),
            "AccessDeniedException");
}

TEST_F(SsmAccessTest, AFolderIsAskedForAsItIsSearched) {
  put("/app/a", "first", R"(,"Type":"String")");
  const gate::TestKey flat =
      user("flat",
           iam_policy("Allow",
                      R"("ssm:GetParametersByPath")",
                      "\"*\"",
                      R"(,"Condition":{"StringEquals":{"ssm:Recursive":"false"}})"));
  EXPECT_EQ(by_path(flat), "ok first");
  EXPECT_EQ(by_path(flat, kHere, R"(,"Recursive":true)"), "AccessDeniedException");
}

TEST_F(SsmAccessTest, AParametersOwnPolicyIsAskedAboutItsOwnArn) {
  put("/app/a", "first", R"(,"Type":"String","Tier":"Advanced")");
  put("/app/b", "second", R"(,"Type":"String")");
  EXPECT_EQ(by_path(bob_), "ok first second");
  const std::string arn = parameter_arn(kHere, "app/a");
  const std::string policy =
      document(iam_policy("Deny",
                          R"("ssm:GetParametersByPath")",
                          arn,
                          R"(,"Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"})"));
  const TestAnswer shared =
      ssm(admin_,
          "PutResourcePolicy",
          R"({"ResourceArn":)" + arn + R"(,"Policy":")" + escaped(policy) + "\"}");
  ASSERT_EQ(shared.status, 200) << shared.body;
  EXPECT_EQ(by_path(bob_), "AccessDeniedException");
  EXPECT_EQ(by_path(admin_), "ok first second");
  // What it allows to a user by name needs no other policy, but the folder does.
  const gate::TestKey carol = user("carol", iam_policy("Allow", R"("ssm:GetParameter")", "\"*\""));
  EXPECT_EQ(by_path(carol), "AccessDeniedException");
}

TEST_F(SsmAccessTest, AResourcePolicyNeedsSudoOfTokens) {
  put("/app/a", "first", R"(,"Type":"String","Tier":"Advanced")");
  const std::string updates =
      gate_.token_with(R"(path "parameter/metadata/*" { capabilities = ["update"] })");
  const std::string sudo =
      gate_.token_with(R"(path "parameter/metadata/*" { capabilities = ["sudo"] })");
  const std::string arn = R"({"ResourceArn":)" + parameter_arn(kHere, "app/a");
  const std::string policy =
      document(iam_policy("Allow", R"("ssm:GetParameter")", "\"*\"", R"(,"Principal":"*")"));
  const std::string asked = arn + R"(,"Policy":")" + escaped(policy) + "\"}";
  const auto as = [&](std::string_view token, std::string_view operation, std::string_view body) {
    return gate_.json_as(token, "AmazonSSM." + std::string(operation), body);
  };
  EXPECT_EQ(outcome(as(updates, "PutResourcePolicy", asked)), "AccessDeniedException");
  const TestAnswer made = as(sudo, "PutResourcePolicy", asked);
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string that = arn + R"(,"PolicyId":")" + made.text("PolicyId") +
                           R"(","PolicyHash":")" + made.text("PolicyHash") + "\"}";
  EXPECT_EQ(outcome(as(updates, "DeleteResourcePolicy", that)), "AccessDeniedException");
  EXPECT_EQ(outcome(as(sudo, "DeleteResourcePolicy", that)), "ok");
}

class SsmReferenceTest : public SsmAccessTest {
 protected:
  void SetUp() override {
    const auto secrets = [this](std::string_view operation, std::string_view body) {
      EXPECT_EQ(gate_.json("secretsmanager." + std::string(operation), body).status, 200);
    };
    secrets("CreateSecret",
            R"({"Name":"db","SecretString":"first",
                "ClientRequestToken":"00000000-0000-4000-8000-000000000001"})");
    secrets("PutSecretValue",
            R"({"SecretId":"db","SecretString":"second",
                "ClientRequestToken":"00000000-0000-4000-8000-000000000002"})");
  }

  gate::TestKey reader(const std::string& name, std::string_view condition) {
    return user(name,
                iam_policy("Allow",
                           R"("secretsmanager:GetSecretValue")",
                           "\"*\"",
                           R"(,"Condition":{"StringEquals":{)" + std::string(condition) + "}}"));
  }

  // With one request for one name, and one for many.
  std::string read(const gate::TestKey& key,
                   std::string_view selector,
                   std::string_view more = "") {
    const std::string name = "\"/aws/reference/secretsmanager/db" + std::string(selector) + "\"";
    const std::string rest = R"(,"WithDecryption":true)" + std::string(more) + "}";
    const std::string one = outcome(ssm(key, "GetParameter", R"({"Name":)" + name + rest));
    EXPECT_EQ(outcome(ssm(key, "GetParameters", R"({"Names":[)" + name + "]" + rest)), one);
    return one;
  }
};

TEST_F(SsmReferenceTest, ConditionsSeeTheSelectorAndNoMemberOfTheBody) {
  const std::string_view previous_id = ":00000000-0000-4000-8000-000000000001";
  const gate::TestKey current = reader("current", R"("secretsmanager:VersionStage":"AWSCURRENT")");
  EXPECT_EQ(read(current, ":AWSCURRENT"), "ok second");
  EXPECT_EQ(read(current, ":AWSPREVIOUS"), "AccessDeniedException");
  EXPECT_EQ(read(current, ":AWSPREVIOUS", R"(,"VersionStage":"AWSCURRENT")"),
            "AccessDeniedException");
  EXPECT_EQ(read(current, previous_id, R"(,"VersionStage":"AWSCURRENT")"), "AccessDeniedException");
  const gate::TestKey by_id =
      reader("by_id", R"("secretsmanager:VersionId":"00000000-0000-4000-8000-000000000001")");
  EXPECT_EQ(read(by_id, previous_id), "ok first");
  EXPECT_EQ(read(by_id, ":AWSCURRENT", R"(,"VersionId":"00000000-0000-4000-8000-000000000001")"),
            "AccessDeniedException");
  const gate::TestKey named = reader("named", R"("secretsmanager:Description":"mine")");
  EXPECT_EQ(read(named, "", R"(,"Description":"mine")"), "AccessDeniedException");
}

// Runs `then` once, when the keys of parameters' secrets are listed for the time that is set.
class ListedStore final : public store::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  mutable int listings_left = 0;
  std::function<void()> then;

  Result<std::vector<Bytes>> scan_keys(store::TableId table,
                                       store::RealmId realm,
                                       ByteView prefix,
                                       ByteView after,
                                       std::size_t limit) const override {
    if (table == rows::tables::kSecrets.id && listings_left > 0 && --listings_left == 0) then();
    return ForwardingStore::scan_keys(table, realm, prefix, after, limit);
  }
};

// A parameter that comes while a folder is read is shown with its permission or not at all.
TEST(SsmRace, AFolderShowsOnlyWhatWasAskedFor) {
  for (int listing = 1; listing <= 6; ++listing) {
    auto made = std::make_unique<ListedStore>(store::make_memory_store());
    ListedStore& store = *made;
    AwsGate gate(std::move(made));
    const auto ssm = [&](std::string_view operation, std::string_view body) {
      return gate.json("AmazonSSM." + std::string(operation), body);
    };
    ASSERT_EQ(gate.json("TrentService.CreateKey", "{}").status, 200);
    const std::string key = gate.json("TrentService.CreateKey", "{}").text("KeyMetadata", "KeyId");
    ASSERT_EQ(ssm("PutParameter", R"({"Name":"/app/b","Value":"there","Type":"String"})").status,
              200);
    store.then = [&] {
      const TestAnswer put = ssm("PutParameter",
                                 R"({"Name":"/app/a","Value":"s3cret","Type":"SecureString",
                                     "KeyId":")" +
                                     key + "\"}");
      EXPECT_EQ(put.status, 200) << put.body;
    };
    gate.events();
    store.listings_left = listing;
    const TestAnswer got = ssm("GetParametersByPath", R"({"Path":"/app","WithDecryption":true})");
    store.listings_left = 0;
    ASSERT_EQ(got.status, 200) << got.body;
    bool asked = false;
    for (const proof::Event& event : gate.events()) {
      for (const proof::AccessRecord& access : event.accesses) {
        asked = asked || access.action == "kms.decrypt";
      }
    }
    EXPECT_EQ(got.body.contains("s3cret"), asked) << listing;
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
