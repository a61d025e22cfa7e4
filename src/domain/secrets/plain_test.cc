// KV version 1, cubbyholes and the shape of objects.
#include "domain/auth/token_row.h"
#include "domain/secrets/cubbyhole.h"
#include "domain/secrets/kv1.h"
#include "domain/secrets/secrets_world.h"
#include "domain/secrets/subkeys.h"
#include "domain/secrets/value_cipher.h"

namespace coffer::domain {
namespace {

class PlainTest : public SecretsTest {};

TEST_F(PlainTest, Kv1WritesReadsListsErases) {
  work::View view = world_.view();
  Kv1 kv(view, kv_);
  EXPECT_EQ(kv.read("a").error().code, Code::not_found);
  EXPECT_FALSE(*kv.exists("a"));
  ASSERT_TRUE(kv.write("foo", R"({"n": 1e2})"));
  ASSERT_TRUE(kv.write("bar/x", "{}"));
  ASSERT_TRUE(kv.write("foo", R"({"n": 1e3})"));
  ASSERT_TRUE(world_.commit(view));
  world_.restart();

  work::View later = world_.view();
  Kv1 again(later, kv_);
  EXPECT_EQ(again.read("foo")->text(), R"({"n": 1e3})");
  EXPECT_TRUE(*again.exists("foo"));
  EXPECT_EQ(*again.list("", "", 10), (std::vector<std::string>{"bar/", "foo"}));
  ASSERT_TRUE(again.erase("foo"));
  ASSERT_TRUE(again.erase("foo"));
  EXPECT_EQ(again.read("foo").error().code, Code::not_found);
  EXPECT_EQ(again.write("a//b", "{}").error().code, Code::invalid_argument);
  EXPECT_EQ(again.write("a", std::string(kMaxSecretValue + 1, ' ')).error().code, Code::too_large);
}

TEST_F(PlainTest, CubbyholesAreTheirTokensOwn) {
  work::View view = world_.view();
  Cubbyhole mine(view, "abc");
  Cubbyhole theirs(view, "abcd");
  ASSERT_TRUE(mine.write("x/y", R"({"mine":1})"));
  ASSERT_TRUE(theirs.write("x", R"({"theirs":1})"));
  ASSERT_TRUE(world_.commit(view));

  work::View later = world_.view();
  EXPECT_EQ(Cubbyhole(later, "abc").read("x/y")->text(), R"({"mine":1})");
  EXPECT_EQ(Cubbyhole(later, "abc").read("x").error().code, Code::not_found);
  EXPECT_EQ(*Cubbyhole(later, "abc").list("", "", 9), (std::vector<std::string>{"x/"}));
  EXPECT_EQ(Cubbyhole(later, "").read("x").error().code, Code::invalid_argument);
  EXPECT_EQ(Cubbyhole(later, "").write("x", "{}").error().code, Code::invalid_argument);
  ASSERT_TRUE(Cubbyhole(later, "abc").erase("x/y"));
  EXPECT_FALSE(*Cubbyhole(later, "abc").exists("x/y"));
}

TEST_F(PlainTest, CubbyholeGoesInPages) {
  for (int page = 0; page < 2; ++page) {
    work::View view = world_.view();
    for (int i = 0; i < 25; ++i) {
      ASSERT_TRUE(Cubbyhole(view, "t").write(std::to_string(page * 25 + i), "{}"));
    }
    ASSERT_TRUE(world_.commit(view));
  }
  std::vector<std::size_t> erased;
  std::string after;
  for (int i = 0; i < 3; ++i) {
    work::View view = world_.view();
    erased.push_back(sweep_cubbyholes(view, after, 10).value());
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_EQ(erased, (std::vector<std::size_t>{kCubbyholePage, 50 - kCubbyholePage, 0}));
  work::View view = world_.view();
  EXPECT_TRUE(Cubbyhole(view, "t").list("", "", 9)->empty());
}

TEST_F(PlainTest, SweepTakesCubbyholesWhoseTokenIsGone) {
  work::View view = world_.view();
  TokenAccessorRow living;
  living.accessor = std::string("b");
  living.token_id = Bytes(32);
  ASSERT_TRUE(view.put(std::move(living)));
  for (const char* owner : {"a", "b", "c"}) {
    ASSERT_TRUE(Cubbyhole(view, owner).write("x/y", "{}"));
    ASSERT_TRUE(Cubbyhole(view, owner).write("z", "{}"));
  }
  ASSERT_TRUE(world_.commit(view));
  std::vector<std::size_t> swept;
  std::string after;
  do {
    work::View round = world_.view();
    swept.push_back(sweep_cubbyholes(round, after, 2).value());
    ASSERT_TRUE(world_.commit(round));
  } while (!after.empty() || swept.size() < 2);
  EXPECT_EQ(swept, (std::vector<std::size_t>{2, 2, 0}));
  work::View later = world_.view();
  EXPECT_EQ(later.keys<CubbyholeRow>({}, {}, 9)->size(), 2U);
  EXPECT_TRUE(*Cubbyhole(later, "b").exists("z"));
}

TEST(Subkeys, KeepsNamesOnly) {
  constexpr std::string_view kObject =
      R"({"a":1,"b":{"c":"s","d":{"e":[1]}},"f":{},"g":[{"h":1}]})";
  const std::pair<std::size_t, std::string_view> cases[] = {
      {0, R"({"a":null,"b":{"c":null,"d":{"e":null}},"f":{},"g":null})"},
      {1, R"({"a":null,"b":null,"f":null,"g":null})"},
      {2, R"({"a":null,"b":{"c":null,"d":null},"f":{},"g":null})"},
      {9, R"({"a":null,"b":{"c":null,"d":{"e":null}},"f":{},"g":null})"},
  };
  const auto object = formats::JsonView::parse(kObject).value();
  for (const auto& [depth, expected] : cases) {
    EXPECT_EQ(subkeys(object, depth).text(), expected) << depth;
  }
}

}  // namespace
}  // namespace coffer::domain
