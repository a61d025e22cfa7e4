// Writing, reading and check-and-set.
#include "domain/secrets/kv2.h"

#include "domain/secrets/secrets_world.h"
#include "domain/secrets/value_cipher.h"

#include <algorithm>

namespace coffer::domain {
namespace {

class Kv2Test : public SecretsTest {};

TEST_F(Kv2Test, GivesBackWhatWasWrittenOctetForOctet) {
  constexpr std::string_view kData =
      R"({ "n": 12345678901234567890123456789, "e":1.50e3,  "u": "\u00e9é", "o":{"z":1,"a":2} })";
  ASSERT_TRUE(write("a/b", kData));
  EXPECT_EQ(read("a/b"), kData);
  world_.restart();
  EXPECT_EQ(read("a/b"), kData);
}

TEST_F(Kv2Test, KeepsVersions) {
  const auto first = write("a", R"({"v":1})");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->version.number, 1U);
  const auto second = write("a", R"({"v":2})");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version.number, 2U);
  EXPECT_EQ(second->version.created, first->version.created + std::chrono::milliseconds(1));
  EXPECT_EQ(read("a"), R"({"v":2})");
  EXPECT_EQ(read("a", 1), R"({"v":1})");
  EXPECT_EQ(read("a", 2), R"({"v":2})");
  EXPECT_EQ(read("a", 3), "not_found");
  EXPECT_EQ(read("a/", 1), "not_found");
  EXPECT_EQ(read(""), "not_found");
  EXPECT_EQ(read(std::string(2000, 'a')), "not_found");
}

TEST_F(Kv2Test, MountsAreApart) {
  ASSERT_TRUE(write("a", "{}"));
  work::View view = world_.view();
  EXPECT_FALSE(Kv2(view, other_, state_).read("a"));
  EXPECT_TRUE(Kv2(view, other_, state_).list("", "", 10)->empty());
}

struct CasCase {
  std::string_view what;
  int versions;  // written before
  bool required;
  Cas cas;
  std::string_view error;  // empty: accepted
};

constexpr std::string_view kMismatch = "check-and-set parameter did not match the current version";
constexpr std::string_view kRequired = "check-and-set parameter required for this call";

class Kv2Cas : public SecretsTest, public testing::WithParamInterface<CasCase> {};

TEST_P(Kv2Cas, DecidesAsTold) {
  const CasCase& c = GetParam();
  for (int i = 0; i < c.versions; ++i) ASSERT_TRUE(write("p", "{}"));
  if (c.required) {
    ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("p", {.cas_required = true}); }));
  }
  const auto written = write("p", R"({"new":1})", c.cas);
  if (c.error.empty()) {
    ASSERT_TRUE(written);
    EXPECT_EQ(written->version.number, static_cast<std::uint64_t>(c.versions + 1));
    return;
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), (Error{Code::precondition_failed, std::string(c.error)}));
  EXPECT_EQ(read("p"), c.versions == 0 ? "not_found" : "{}");
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Kv2Cas,
    testing::Values(CasCase{"absent and free", 0, false, std::nullopt, ""},
                    CasCase{"zero on a new path", 0, false, 0, ""},
                    CasCase{"zero on an old path", 1, false, 0, kMismatch},
                    CasCase{"match", 2, false, 2, ""},
                    CasCase{"too low", 2, false, 1, kMismatch},
                    CasCase{"too high", 2, false, 3, kMismatch},
                    CasCase{"negative", 1, false, -1, kMismatch},
                    CasCase{"negative on a new path", 0, false, -1, kMismatch},
                    CasCase{"required and absent", 1, true, std::nullopt, kRequired},
                    CasCase{"required on an empty secret", 0, true, 0, ""},
                    CasCase{"required and given", 1, true, 1, ""}));

TEST_F(Kv2Test, MountCanRequireCas) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.cas_required = true}); }));
  EXPECT_EQ(write("a", "{}").error().message, kRequired);
  EXPECT_TRUE(write("a", "{}", 0));
}

TEST_F(Kv2Test, SimultaneousWritersConflict) {
  ASSERT_TRUE(write("a", "{}"));
  work::View first = world_.view();
  work::View second = world_.view();
  ASSERT_TRUE(Kv2(first, kv_, state_).write("a", R"({"by":1})", 1));
  ASSERT_TRUE(Kv2(second, kv_, state_).write("a", R"({"by":2})", 1));
  EXPECT_TRUE(world_.commit(first));
  EXPECT_EQ(world_.commit(second).error().code, Code::conflict);
  EXPECT_EQ(read("a"), R"({"by":1})");
}

TEST_F(Kv2Test, PatchMergesAndRemovesNulls) {
  ASSERT_TRUE(write("a", R"({"keep":1,"drop":2,"deep":{"x":1,"y":2}})"));
  const auto patched =
      unit([](Kv2& kv) { return kv.patch("a", R"({"drop":null,"deep":{"y":null,"z":3}})", 1); });
  ASSERT_TRUE(patched);
  EXPECT_TRUE(patched->stored);
  EXPECT_EQ(patched->version.number, 2U);
  EXPECT_EQ(read("a"), R"({"keep":1,"deep":{"x":1,"z":3}})");
  const auto late = unit([](Kv2& kv) { return kv.patch("a", "{}", 1); });
  EXPECT_EQ(late.error().message, kMismatch);
}

TEST_F(Kv2Test, PatchNeedsALivingBase) {
  const auto patch = [](Kv2& kv) { return kv.patch("a", R"({"x":1})"); };
  EXPECT_EQ(unit(patch).error().code, Code::not_found);
  ASSERT_TRUE(write("a", "{}"));
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.remove_latest("a"); }));
  const auto on_deleted = unit(patch);
  ASSERT_TRUE(on_deleted);
  EXPECT_FALSE(on_deleted->stored);
  EXPECT_EQ(on_deleted->version.number, 1U);
  EXPECT_NE(on_deleted->version.deletion, Timestamp{});
  EXPECT_EQ(read("a", 2), "not_found");
}

TEST_F(Kv2Test, RefusesBadPathsAndLargeValues) {
  for (const std::string& path : {std::string(),
                                  std::string("a//b"),
                                  std::string("a/"),
                                  std::string("/a"),
                                  std::string("a/../b"),
                                  std::string("a\xff"),
                                  std::string(300, 'x')}) {
    EXPECT_EQ(write(path, "{}").error().code, Code::invalid_argument) << path;
  }
  std::string longest;
  for (int i = 0; i < 4; ++i) longest += std::string(253, 'x') + "/";
  longest.resize(1016, 'y');
  longest.back() = 'y';
  EXPECT_TRUE(write(longest, "{}"));
  EXPECT_EQ(read(longest), "{}");
  EXPECT_EQ(write(longest + "y", "{}").error().code, Code::too_large);

  const std::string fits = "{\"a\":\"" + std::string(kMaxSecretValue - 8, 'x') + "\"}";
  ASSERT_EQ(fits.size(), kMaxSecretValue);
  EXPECT_TRUE(write(longest, fits));
  EXPECT_EQ(write(longest, fits + " ").error().code, Code::too_large);
  EXPECT_EQ(read(longest, 2), fits);
}

TEST_F(Kv2Test, ListsFolders) {
  for (const std::string_view path :
       {"foo", "foo/x", "foo/y/z", "foo0", "foo-a", "bar/1", "z\xc3\xbf/1", "zz"}) {
    ASSERT_TRUE(write(path, "{}")) << path;
  }
  const auto list = [&](std::string_view folder, std::string_view after, std::size_t limit) {
    return unit([&](Kv2& kv) { return kv.list(folder, after, limit); }).value();
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(list("", "", 100), (Names{"bar/", "foo", "foo-a", "foo/", "foo0", "zz", "z\xc3\xbf/"}));
  EXPECT_EQ(list("", "", 2), (Names{"bar/", "foo"}));
  EXPECT_EQ(list("", "foo", 2), (Names{"foo-a", "foo/"}));
  EXPECT_EQ(list("", "foo/", 2), (Names{"foo0", "zz"}));
  EXPECT_EQ(list("foo/", "", 100), (Names{"x", "y/"}));
  EXPECT_EQ(list("foo/y/", "", 100), (Names{"z"}));
  EXPECT_EQ(list("none/", "", 100), Names{});
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.erase("foo/x"); }));
  EXPECT_EQ(list("foo/", "", 100), (Names{"y/"}));
}

TEST_F(Kv2Test, BulkRefusalLeavesTheOthers) {
  ASSERT_TRUE(write("b", "{}"));
  const std::vector<BulkItem> items{{"a", R"({"n":1})", {}},
                                    {"b", R"({"n":2})", 7},
                                    {"bad//path", "{}", {}},
                                    {"b", R"({"n":3})", 1},
                                    {"b", R"({"n":4})", 2}};
  const auto results = unit([&](Kv2& kv) { return kv.write_many(items); });
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 5U);
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ((*results)[1].error().message, kMismatch);
  EXPECT_EQ((*results)[2].error().code, Code::invalid_argument);
  EXPECT_EQ((*results)[3]->version.number, 2U);
  EXPECT_EQ((*results)[4]->version.number, 3U);
  EXPECT_EQ(read("a"), R"({"n":1})");
  EXPECT_EQ(read("b", 2), R"({"n":3})");
  EXPECT_EQ(read("b"), R"({"n":4})");
}

TEST_F(Kv2Test, BulkFillsAUnitAndPrunesWithinIt) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.max_versions = 1}); }));
  std::vector<BulkItem> items;
  for (std::size_t i = 0; i < kMaxBulkItems; ++i)
    items.push_back({"s" + std::to_string(i), "{}", {}});
  for (int round = 0; round < 2; ++round) {
    const auto results = unit([&](Kv2& kv) { return kv.write_many(items); });
    ASSERT_TRUE(results);
    EXPECT_TRUE(std::ranges::all_of(*results, [](const auto& r) { return r.has_value(); }));
  }
  for (const BulkItem& item : items) EXPECT_EQ(read(item.path, 1), "not_found") << item.path;
  items.push_back({"one more", "{}", {}});
  EXPECT_EQ(unit([&](Kv2& kv) { return kv.write_many(items); }).error().code, Code::too_large);
}

}  // namespace
}  // namespace coffer::domain
