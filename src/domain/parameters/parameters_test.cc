#include "domain/parameters/parameters.h"

#include "base/time_text.h"
#include "domain/parameters/expire_parameters.h"
#include "domain/secrets/secrets_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

class ParametersTest : public SecretsTest {
 protected:
  ParametersTest() { kv_.path = "parameter/"; }

  template <class F>
  auto with(F&& work) {
    work::View view = world_.view();
    Parameters parameters(view, kv_, state_, "arn:aws:iam::1:user/a");
    auto result = work(parameters);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) {
        result = std::unexpected(done.error());
      }
    }
    return result;
  }

  Result<ParameterVersion> put(const ParameterPut& put) {
    return with([&](Parameters& parameters) -> Result<ParameterVersion> {
      COFFER_TRY(PlannedPut planned, parameters.plan(put, ParameterTier::standard));
      return parameters.put(std::move(planned), put.value);
    });
  }

  static ParameterPut string(std::string_view name, std::string_view value) {
    return {.name = name,
            .value = value,
            .type = ParameterType::string,
            .region = "eu-north-1",
            .author = "arn:aws:iam::1:user/a"};
  }

  static ParameterPut again(std::string_view name, std::string_view value) {
    return {.name = name, .value = value, .overwrite = true, .region = "us-east-1"};
  }

  // "value@version", or the error's message.
  std::string get(std::string_view text) {
    const auto read = with([&](Parameters& parameters) -> Result<std::string> {
      COFFER_TRY(const auto reference, parse_parameter_reference(text));
      auto found = parameters.find(reference.name);
      if (!found) return parameter_not_found(text);
      COFFER_TRY(const std::uint64_t version, parameters.select(*found, reference));
      COFFER_TRY(const auto reading, parameters.read(*found, version));
      return std::string(reading.stored.text()) + "@" + std::to_string(reading.version.number);
    });
    return read ? *read : read.error().message;
  }

  Parameter found(std::string_view name) {
    return with([&](Parameters& parameters) { return parameters.find(name); }).value();
  }

  Result<LabelOutcome> label(std::string_view name,
                             std::uint64_t version,
                             const std::vector<std::string>& labels) {
    return with([&](Parameters& p) { return p.label(name, version, labels); });
  }
};

TEST_F(ParametersTest, PutsReadsAndOverwrites) {
  auto first = string("/a/b", "one");
  first.description = "the first";
  first.tags = {{"team", "blue"}};
  ASSERT_EQ(put(first)->number, 1U);
  EXPECT_EQ(get("/a/b"), "one@1");
  EXPECT_EQ(get("/a/b:1"), "one@1");
  EXPECT_EQ(put(string("/a/b", "two")).error().name, "ParameterAlreadyExists");
  EXPECT_EQ(get("/a/b"), "one@1");
  const auto second = put(again("/a/b", "two"));
  ASSERT_EQ(second->number, 2U);
  EXPECT_EQ(second->description, "the first");
  EXPECT_EQ(get("/a/b"), "two@2");
  EXPECT_EQ(get("/a/b:1"), "one@1");
  EXPECT_EQ(get("/a/b:3"),
            "Systems Manager could not find version 3 of /a/b. Verify the version and try again.");
  EXPECT_EQ(
      get("/a/b:none"),
      "Systems Manager could not find version none of /a/b. Verify the version and try again.");
  EXPECT_EQ(get("/a/c:2"), "Parameter /a/c:2 not found.");
  const Parameter there = found("/a/b");
  EXPECT_EQ(there.row->tags->at("team"), "blue");
  EXPECT_EQ(*there.row->region, "eu-north-1");  // of its creation
  EXPECT_EQ(there.row->current->modified_by, "");
  const auto before = with([&](Parameters& p) { return p.about(there, 1); });
  EXPECT_EQ(before->modified_by, "arn:aws:iam::1:user/a");
  EXPECT_EQ(before->description, "the first");
}

TEST_F(ParametersTest, IsASecretOfItsMount) {
  ASSERT_TRUE(put(string("/a/b", "quote \" and \\")));
  EXPECT_EQ(read("a/b"), R"({"value":"quote \" and \\"})");
  // Written through KV, read here: as a version, and as a parameter of its own.
  ASSERT_TRUE(write("a/b", R"({"value":"from kv"})"));
  EXPECT_EQ(get("/a/b"), "from kv@2");
  ASSERT_TRUE(write("x/y", R"({"user":"u","password":"p"})"));
  EXPECT_EQ(get("/x/y"), R"({"user":"u","password":"p"}@1)");
  EXPECT_EQ(*found("/x/y").row->name, "/x/y");
  ASSERT_EQ(put(again("/a/b", "three"))->number, 3U);
  EXPECT_EQ(get("/a/b:2"), "from kv@2");
  EXPECT_EQ(get("/a/b:1"), "quote \" and \\@1");
  ASSERT_EQ(put(again("/x/y", "plain"))->type, ParameterType::string);
  EXPECT_EQ(get("/x/y"), "plain@2");
}

TEST_F(ParametersTest, ARowOfASecretThatIsGoneIsNotBelieved) {
  auto first = string("/a", "one");
  first.tags = {{"team", "blue"}};
  ASSERT_TRUE(put(first));
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.erase("a"); }));
  EXPECT_EQ(get("/a"), "Parameter /a not found.");
  ASSERT_TRUE(write("a", R"({"value":"new"})"));
  EXPECT_EQ(get("/a"), "new@1");
  EXPECT_TRUE(found("/a").row->tags->empty());
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.remove_latest("a"); }));
  EXPECT_EQ(get("/a"), "Parameter /a not found.");
  ASSERT_EQ(put(string("/a", "again"))->number, 1U);
  EXPECT_EQ(get("/a"), "again@1");
}

TEST_F(ParametersTest, ANameAndItsFlatTwinAreOne) {
  ASSERT_TRUE(put(string("flat", "one")));
  EXPECT_EQ(put(string("/flat", "two")).error().name, "ParameterAlreadyExists");
  EXPECT_EQ(put(again("/flat", "two")).error().name, "ParameterAlreadyExists");
  EXPECT_EQ(get("/flat"), "one@1");
}

TEST_F(ParametersTest, RefusesWhatMayNotBePut) {
  ASSERT_TRUE(put(string("there", "v")));
  auto advanced = string("advanced", "v");
  advanced.tier = ParameterTier::advanced;
  ASSERT_EQ(put(advanced)->tier, ParameterTier::advanced);
  const std::string large(kMaxStandardValue + 1, 'x');
  const std::string larger(kMaxAdvancedValue + 1, 'x');
  std::vector<std::pair<ParameterPut, std::string_view>> cases{
      {string("a/b", "v"), "ValidationException"},
      {string("a", ""), "ValidationException"},
      {string("a", "see {{other}}"), "ValidationException"},
      {string("a", large), "ValidationException"},
      {string("a", larger), "ValidationException"},
      {{.name = "a", .value = "v"}, "ValidationException"}};
  auto type = again("there", "v");
  type.type = ParameterType::secure_string;
  cases.emplace_back(type, "HierarchyTypeMismatchException");
  auto tags = again("there", "v");
  tags.tags = {{"a", "b"}};
  cases.emplace_back(tags, "ValidationException");
  auto data = string("a", "v");
  data.data_type = "not_text";
  cases.emplace_back(data, "ValidationException");
  auto policies = string("a", "v");
  policies.policies =
      R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2099-12-02T21:34:33Z"}}])";
  cases.emplace_back(policies, "ValidationException");  // not of the standard tier
  auto past = policies;
  past.tier = ParameterTier::advanced;
  past.policies =
      R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2009-12-02T21:34:33Z"}}])";
  cases.emplace_back(past, "InvalidPolicyAttributeException");
  auto lower = again("advanced", "v");
  lower.tier = ParameterTier::standard;
  cases.emplace_back(lower, "ValidationException");
  for (const auto& [refused, name] : cases) {
    const auto done = put(refused);
    ASSERT_FALSE(done) << refused.name;
    EXPECT_EQ(done.error().name, name) << done.error().message;
  }
  // What is just within.
  EXPECT_EQ(put(string("full", std::string(kMaxStandardValue, 'x')))->tier,
            ParameterTier::standard);
  auto chosen = string("chosen", large);
  chosen.tier = ParameterTier::intelligent;
  EXPECT_EQ(put(chosen)->tier, ParameterTier::advanced);
  EXPECT_EQ(put(again("advanced", "w"))->tier, ParameterTier::advanced);
}

TEST_F(ParametersTest, LabelsMoveAndAreCounted) {
  for (const char* value : {"1", "2", "3"}) {
    ASSERT_TRUE(put(*value == '1' ? string("a", value) : again("a", value)));
  }
  EXPECT_EQ(label("a", 0, {"live"})->version, 3U);
  EXPECT_EQ(get("a:live"), "3@3");
  EXPECT_EQ(label("a", 1, {"live", "awsbad", "9"})->invalid,
            (std::vector<std::string>{"awsbad", "9"}));
  EXPECT_EQ(get("a:live"), "1@1");
  EXPECT_EQ(label("a", 7, {"x"}).error().name, "ParameterVersionNotFound");
  EXPECT_EQ(label("b", 1, {"x"}).error().message, "Parameter b not found.");
  EXPECT_EQ(label("a", 1, {std::string(101, 'a')}).error().name, "ValidationException");
  std::vector<std::string> ten;
  for (int i = 0; i < 10; ++i) ten.push_back("l" + std::to_string(i));
  EXPECT_TRUE(label("a", 2, ten));
  EXPECT_EQ(label("a", 2, {"more"}).error().name, "ParameterVersionLabelLimitExceeded");
  EXPECT_EQ(get("a:more"),
            "Systems Manager could not find version more of a. Verify the version and try again.");
  const auto removed = with([&](Parameters& p) { return p.unlabel("a", 2, {"l1", "live"}); });
  EXPECT_EQ(removed->changed, std::vector<std::string>{"l1"});
  EXPECT_EQ(removed->invalid, std::vector<std::string>{"live"});
}

TEST_F(ParametersTest, KeepsAHundredVersionsButNoLabelledOneGivesWay) {
  ASSERT_TRUE(put(string("a", "1")));
  for (int i = 2; i <= 101; ++i) ASSERT_TRUE(put(again("a", std::to_string(i))));
  EXPECT_EQ(found("a").secret->row.versions->size(), kMaxParameterVersions);
  EXPECT_EQ(get("a:2"), "2@2");
  EXPECT_EQ(get("a:1"),
            "Systems Manager could not find version 1 of a. Verify the version and try again.");
  ASSERT_TRUE(label("a", 2, {"old"}));
  const auto refused = put(again("a", "v"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, "ParameterMaxVersionLimitExceeded");
  EXPECT_NE(refused.error().message.find("of a by"), std::string::npos);
  EXPECT_NE(refused.error().message.find("Version 2, the oldest"), std::string::npos);
  ASSERT_TRUE(label("a", 3, {"old"}));
  ASSERT_EQ(put(again("a", "v"))->number, 102U);
  EXPECT_EQ(get("a:old"), "3@3");
  EXPECT_EQ(get("a:2"),
            "Systems Manager could not find version 2 of a. Verify the version and try again.");
}

// A secret that KV made keeps ten versions, or what it is told there.
TEST_F(ParametersTest, KeepsTheVersionsOfWhatKvMadeAndNoLabelledOneGivesWay) {
  ASSERT_TRUE(write("x/y", R"({"value":"1"})"));
  ASSERT_TRUE(label("/x/y", 1, {"old"}));
  for (int i = 2; i <= 10; ++i) ASSERT_TRUE(put(again("/x/y", std::to_string(i)))) << i;
  const auto refused = put(again("/x/y", "11"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, "ParameterMaxVersionLimitExceeded");
  EXPECT_EQ(get("/x/y:old"), "1@1");
  EXPECT_EQ(get("/x/y"), "10@10");
  ASSERT_TRUE(label("/x/y", 3, {"old"}));
  ASSERT_TRUE(put(again("/x/y", "11")));
  EXPECT_EQ(get("/x/y:3"), "3@3");
  EXPECT_EQ(get("/x/y:1"),
            "Systems Manager could not find version 1 of /x/y. Verify the version and try again.");
  const auto keep = [this](std::uint32_t count) {
    MetadataChange change;
    change.max_versions = count;
    return unit([&](Kv2& kv) { return kv.write_metadata("x/y", change); });
  };
  ASSERT_TRUE(keep(4));  // versions 2 to 8 would go
  const auto lower = put(again("/x/y", "12"));
  ASSERT_FALSE(lower);
  EXPECT_NE(lower.error().message.find("Version 3, the oldest"), std::string::npos)
      << lower.error().message;
  ASSERT_TRUE(label("/x/y", 11, {"old"}));
  ASSERT_TRUE(put(again("/x/y", "12")));
  EXPECT_EQ(found("/x/y").secret->row.versions->size(), 4U);
  EXPECT_EQ(get("/x/y:old"), "11@11");
}

// KV may be told to keep more than Parameter Store would.
TEST_F(ParametersTest, ForgetsNothingAboutAVersionThatIsKept) {
  ASSERT_TRUE(put(string("a", "1")));
  MetadataChange change;
  change.max_versions = 200;
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.write_metadata("a", change); }));
  for (int i = 2; i <= 101; ++i) ASSERT_TRUE(put(again("a", std::to_string(i))));
  EXPECT_EQ(get("a:1"), "1@1");
  const Parameter there = found("a");
  const auto first = with([&](Parameters& p) { return p.about(there, 1); });
  EXPECT_EQ(first->modified_by, "arn:aws:iam::1:user/a");
}

TEST_F(ParametersTest, TheArnOfWhatKvMadeStays) {
  ASSERT_TRUE(write("x/y", R"({"value":"1"})"));
  ParameterPut elsewhere = again("/x/y", "2");
  elsewhere.region = "eu-north-1";
  ASSERT_TRUE(put(elsewhere));
  EXPECT_EQ(*found("/x/y").row->region, "us-east-1");
  ASSERT_TRUE(put(elsewhere));
  EXPECT_EQ(*found("/x/y").row->region, "us-east-1");
}

TEST_F(ParametersTest, Removes) {
  ASSERT_TRUE(put(string("a", "1")));
  for (int i = 2; i <= 60; ++i) ASSERT_TRUE(put(again("a", std::to_string(i))));
  ASSERT_TRUE(with([](Parameters& p) { return p.remove("a", 90); }));
  EXPECT_EQ(get("a"), "Parameter a not found.");
  EXPECT_EQ(with([](Parameters& p) { return p.remove("a", 90); }).error().message,
            "Parameter a not found.");
  ASSERT_EQ(put(string("a", "new"))->number, 1U);
  EXPECT_EQ(get("a:2"),
            "Systems Manager could not find version 2 of a. Verify the version and try again.");
}

TEST_F(ParametersTest, ExpireAndAreRemoved) {
  auto put_it = string("a", "v");
  put_it.tier = ParameterTier::advanced;
  const Timestamp due = world_.clock.now() + std::chrono::hours(1);
  put_it.policies = R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":")" +
                    rfc3339(due) + R"("}}])";
  ASSERT_TRUE(put(put_it));
  ASSERT_TRUE(put(string("b", "v")));
  const auto expire = [this]() -> std::string {
    work::View view = world_.view();
    const auto done = expire_one_parameter(view, state_);
    if (!done) return done.error().message;
    if (!*done) return "none";
    return world_.commit(view) ? (**done).path : "failed";
  };
  // The job looks for mounts in their table.
  {
    work::View view = world_.view();
    MountTableRow table;
    *table.kind = "secret";
    table.mounts->emplace(kv_.path, kv_);
    ASSERT_TRUE(view.put(std::move(table)));
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_EQ(get("a"), "v@1");
  EXPECT_EQ(expire(), "none");
  world_.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(get("a"), "Parameter a not found.");
  EXPECT_EQ(expire(), "a");
  EXPECT_EQ(expire(), "none");
  EXPECT_EQ(read("a"), "not_found");
  EXPECT_EQ(get("b"), "v@1");
}

TEST_F(ParametersTest, ListsPathsInPages) {
  for (const char* name : {"/a/1", "/a/2", "/a/b/3", "/ab", "flat"}) {
    ASSERT_TRUE(put(string(name, "v")));
  }
  const auto paths = [this](std::string_view folder, std::string_view after, std::size_t limit) {
    return with([&](Parameters& p) { return p.paths(folder, after, limit); }).value();
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(paths("", "", 10), (Names{"a/1", "a/2", "a/b/3", "ab", "flat"}));
  EXPECT_EQ(paths("a/", "", 2), (Names{"a/1", "a/2"}));
  EXPECT_EQ(paths("a/", "a/2", 2), (Names{"a/b/3"}));
}

}  // namespace
}  // namespace coffer::domain
