#include "domain/realms/quotas.h"

#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

RateQuota quota(std::string path, std::uint64_t thousandths = 1000) {
  return {.path = std::move(path), .thousandths = thousandths, .interval = seconds(1), .block = {}};
}

RateQuotasRow with(const std::vector<std::string>& paths) {
  RateQuotasRow row;
  for (const std::string& path : paths) row.quotas->emplace("of " + path, quota(path));
  return row;
}

std::string found(const RateQuotasRow& row, std::string_view path) {
  const auto* const one = quota_for(row, path);
  return one == nullptr ? "none" : one->first;
}

TEST(RateQuotas, TheLongestPathDecides) {
  const RateQuotasRow row = with({"", "kv/", "kv/data/a", "auth/approle/log*"});
  EXPECT_EQ(found(row, "sys/mounts"), "of ");
  EXPECT_EQ(found(row, "kv/data/b"), "of kv/");
  EXPECT_EQ(found(row, "kv/data/a"), "of kv/data/a");
  EXPECT_EQ(found(row, "kv/data/a/b"), "of kv/data/a");
  EXPECT_EQ(found(row, "kv/data/ab"), "of kv/") << "a whole segment";
  EXPECT_EQ(found(row, "kv"), "of ");
  EXPECT_EQ(found(row, "auth/approle/login"), "of auth/approle/log*");
  EXPECT_EQ(found(with({"kv/"}), "sys/mounts"), "none");
}

TEST(RateQuotas, ExemptPathsFallUnderNone) {
  RateQuotasRow row = with({""});
  row.exempt = std::vector<std::string>{"sys/health", "kv/*", ""};
  EXPECT_EQ(found(row, "sys/health"), "none");
  EXPECT_EQ(found(row, "kv/data/a"), "none");
  EXPECT_EQ(found(row, "sys/mounts"), "of ") << "an empty path does not lift everything";
}

TEST(RateQuotas, AreKeptUntilTheyAreRemoved) {
  work::TestWorld world;
  {
    work::View view = world.view();
    ASSERT_TRUE(RateQuotas(view).put("a", quota("kv/")));
    ASSERT_TRUE(RateQuotas(view).put("b", quota("")));
    EXPECT_EQ(RateQuotas(view).put("c", quota("kv/")).error().code, Code::already_exists);
    ASSERT_TRUE(RateQuotas(view).put("a", quota("kv/", 5))) << "its own path";
    ASSERT_TRUE(RateQuotas(view).remove("b"));
    ASSERT_TRUE(RateQuotas(view).remove("never"));
    ASSERT_TRUE(RateQuotas(view).set_exempt({"sys/health"}));
    ASSERT_TRUE(world.commit(view));
  }
  world.restart();
  work::View view = world.view();
  const auto row = RateQuotas(view).all().value();
  ASSERT_TRUE(row);
  ASSERT_EQ(row->row.quotas->size(), 1U);
  EXPECT_EQ(row->row.quotas->at("a").thousandths, 5U);
  EXPECT_EQ(row->row.exempt->size(), 1U);
}

TEST(RateQuotas, RefuseWhatTheyCannotKeep) {
  work::TestWorld world;
  work::View view = world.view();
  RateQuotas quotas(view);
  RateQuota slow = quota("");
  slow.interval = hours(25);
  RateQuota fast = quota("");
  fast.interval = seconds(0);
  RateQuota rare = quota("", 1);
  rare.interval = seconds(87);
  RateQuota blocked = quota("");
  blocked.block = hours(25);
  for (const RateQuota& bad : {slow,
                               fast,
                               rare,
                               blocked,
                               quota("", 0),
                               quota("", 1'000'000'001),
                               quota("/kv"),
                               quota("k*v"),
                               quota("kv\n"),
                               quota(std::string(513, 'a'))}) {
    EXPECT_EQ(quotas.put("q", bad).error().code, Code::invalid_argument)
        << bad.path << " " << bad.thousandths;
  }
  for (const std::string_view name : {"", "a/b", "a b"}) {
    EXPECT_FALSE(quotas.put(name, quota(""))) << name;
  }
  rare.interval = seconds(86);
  EXPECT_TRUE(quotas.put("q", rare));
  EXPECT_FALSE(quotas.set_exempt({"/x"}));
}

}  // namespace
}  // namespace coffer::domain
