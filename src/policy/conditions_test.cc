#include "policy/conditions.h"

#include "base/time_text.h"
#include "policy/test_policies.h"

#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using std::chrono::seconds;

PolicyPtr under(std::string_view conditions, std::string_view members = "") {
  return document(R"({"version": "1.0", "allowed_secrets": ["**"], "conditions": )" +
                  std::string(conditions) + std::string(members) + "}");
}

bool met(std::string_view conditions, const Facts& facts) {
  const auto policy = under(conditions);
  return decide(secret_access("secret.read", {"a"}), facts, std::vector{policy}).allowed;
}

// Whether a denial of everything under these conditions is in force.
bool denies(std::string_view conditions, const Facts& facts) {
  const std::vector policies{vault(rule("*", {"read"})), under(conditions, R"(, "deny": true)")};
  return !decide(secret_access("secret.read", {"a"}), facts, policies).allowed;
}

Facts at(std::string_view time) {
  Facts facts;
  facts.now = *parse_rfc3339(time);
  return facts;
}

Facts from(std::string_view ip) {
  Facts facts;
  facts.source_ip = ip;
  return facts;
}

// 2026-11-21 is a Saturday.
TEST(Conditions, OfTime) {
  struct Case {
    std::string_view conditions;
    std::string_view time;
    bool met;
  };

  const Case cases[] = {
      {R"({"time_of_day": "09:00-17:00"})", "2026-11-21T09:00:00Z", true},
      {R"({"time_of_day": "09:00-17:00"})", "2026-11-21T16:59:59.999Z", true},
      {R"({"time_of_day": "09:00-17:00"})", "2026-11-21T17:00:00Z", false},
      {R"({"time_of_day": "09:00-17:00"})", "2026-11-21T08:59:59Z", false},
      {R"({"time_of_day": "22:00-06:00"})", "2026-11-21T23:00:00Z", true},
      {R"({"time_of_day": "22:00-06:00"})", "2026-11-21T05:59:00Z", true},
      {R"({"time_of_day": "22:00-06:00"})", "2026-11-21T06:00:00Z", false},
      {R"({"time_of_day": "22:00-06:00"})", "2026-11-21T21:59:00Z", false},
      {R"({"time_of_day": "18:00-24:00"})", "2026-11-21T23:59:59Z", true},
      {R"({"time_of_day": "00:00-24:00"})", "2026-11-21T00:00:00Z", true},
      {R"({"days_of_week": ["saturday"]})", "2026-11-21T00:00:00Z", true},
      {R"({"days_of_week": ["Sat", "SUN"]})", "2026-11-22T12:00:00Z", true},
      {R"({"days_of_week": ["mon", "friday"]})", "2026-11-21T12:00:00Z", false},
      {R"({"date_range": "2026-11-01,2026-11-21"})", "2026-11-21T23:59:59Z", true},
      {R"({"date_range": "2026-11-01,2026-11-21"})", "2026-11-01T00:00:00Z", true},
      {R"({"date_range": "2026-11-01,2026-11-21"})", "2026-11-22T00:00:00Z", false},
      {R"({"date_range": "2026-11-01,2026-11-21"})", "2026-10-31T23:59:59Z", false},
      {"{}", "2026-11-21T00:00:00Z", true},
  };
  for (const auto& [conditions, time, expected] : cases) {
    EXPECT_EQ(met(conditions, at(time)), expected) << conditions << " at " << time;
    EXPECT_EQ(denies(conditions, at(time)), expected) << conditions << " at " << time;
  }
}

TEST(Conditions, OfTheSource) {
  constexpr std::string_view kRanges =
      R"({"ip_ranges": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]})";
  for (const auto inside : {"10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "192.0.2.7"}) {
    EXPECT_TRUE(met(kRanges, from(inside))) << inside;
    EXPECT_TRUE(denies(kRanges, from(inside))) << inside;
  }
  for (const auto outside : {"11.0.0.1", "2001:db9::1", "192.0.2.8"}) {
    EXPECT_FALSE(met(kRanges, from(outside))) << outside;
    EXPECT_FALSE(denies(kRanges, from(outside))) << outside;
  }
  // What cannot be told denies on both sides.
  for (const Facts& unknown : {Facts{}, from(""), from("10.0.0"), from("10.0.0.1:80")}) {
    EXPECT_FALSE(met(kRanges, unknown));
    EXPECT_TRUE(denies(kRanges, unknown));
  }
}

TEST(Conditions, OfTheTtl) {
  const auto asking = [](int ttl) {
    Facts facts;
    facts.requested_ttl = seconds(ttl);
    return facts;
  };
  for (const std::string_view limit : {R"({"max_ttl": "1m"})",
                                       R"({"max_ttl": 60})",
                                       R"({"max_ttl_seconds": 60})",
                                       R"({"max_ttl_seconds": 60, "max_ttl": "1h"})",
                                       R"({"max_ttl": 60, "min_ttl": 10})"}) {
    EXPECT_TRUE(met(limit, asking(60))) << limit;
    EXPECT_FALSE(met(limit, asking(61))) << limit;
    EXPECT_FALSE(met(limit, Facts{})) << limit;
    EXPECT_TRUE(denies(limit, Facts{})) << limit;
  }
  EXPECT_FALSE(met(R"({"min_ttl": "10s"})", asking(9)));
  EXPECT_TRUE(met(R"({"min_ttl": "10s"})", asking(10)));
  const auto capped =
      document(R"({"version": "1.0", "allowed_secrets": ["**"], "max_ttl_seconds": 60})");
  const auto decided = [&](const Facts& facts) {
    return decide(secret_access("secret.read", {"a"}), facts, std::vector{capped}).allowed;
  };
  EXPECT_TRUE(decided(asking(60)));
  EXPECT_FALSE(decided(asking(61)));
  EXPECT_FALSE(decided(Facts{}));
  // Reading a secret issues nothing: there is no TTL to be limited.
  Access reading = secret_access("secret.read", {"a"});
  reading.issues_nothing = true;
  EXPECT_TRUE(decide(reading, Facts{}, std::vector{capped}).allowed);
  EXPECT_FALSE(decide(reading, asking(61), std::vector{capped}).allowed);
}

// Every condition given must hold, not only the first that is present.
TEST(Conditions, AllHoldTogether) {
  constexpr std::string_view kAll =
      R"({"time_of_day": "09:00-17:00", "days_of_week": ["sat"],
          "date_range": "2026-11-21,2026-11-21", "ip_ranges": ["10.0.0.1"], "max_ttl": 60})";
  Facts good = at("2026-11-21T10:00:00Z");
  good.source_ip = "10.0.0.1";
  good.requested_ttl = seconds(1);
  EXPECT_TRUE(met(kAll, good));
  Facts late = good;
  late.now = *parse_rfc3339("2026-11-21T18:00:00Z");
  EXPECT_FALSE(met(kAll, late));
  Facts other_day = good;
  other_day.now = *parse_rfc3339("2026-11-28T10:00:00Z");
  EXPECT_FALSE(met(kAll, other_day));
  Facts elsewhere = good;
  elsewhere.source_ip = "10.0.0.2";
  EXPECT_FALSE(met(kAll, elsewhere));
  Facts longer = good;
  longer.requested_ttl = seconds(61);
  EXPECT_FALSE(met(kAll, longer));
  // Surely unmet outweighs unknown: this denial is not in force.
  Facts late_from_nowhere = late;
  late_from_nowhere.source_ip.reset();
  EXPECT_FALSE(denies(kAll, late_from_nowhere));
}

TEST(Conditions, RefusesWhatItDoesNotKnow) {
  for (const std::string_view bad : {R"([])",
                                     R"({"time": "09:00-17:00"})",
                                     R"({"require_mfa": true})",
                                     R"({"time_of_day": "9:00-17:00"})",
                                     R"({"time_of_day": "09:00"})",
                                     R"({"time_of_day": "09:00-25:00"})",
                                     R"({"time_of_day": "09:60-10:00"})",
                                     R"({"time_of_day": "09:00-24:01"})",
                                     R"({"time_of_day": "24:00-09:00"})",
                                     R"({"time_of_day": "09:00-09:00"})",
                                     R"({"time_of_day": ["09:00-17:00"]})",
                                     R"({"days_of_week": []})",
                                     R"({"days_of_week": ["someday"]})",
                                     R"({"days_of_week": ["m"]})",
                                     R"({"days_of_week": "monday"})",
                                     R"({"date_range": "2026-11-21"})",
                                     R"({"date_range": "2026-11-21,2026-11-20"})",
                                     R"({"date_range": "2026-02-30,2026-11-20"})",
                                     R"({"date_range": "2026-11-21, 2026-11-22"})",
                                     R"({"ip_ranges": []})",
                                     R"({"ip_ranges": ["10.0.0.0/33"]})",
                                     R"({"ip_ranges": ["host"]})",
                                     R"({"max_ttl": -1})",
                                     R"({"max_ttl": true})",
                                     R"({"max_ttl": 1, "min_ttl": 2})"}) {
    EXPECT_FALSE(compile_policy(
        "d",
        1,
        Language::document,
        R"({"version": "1.0", "allowed_secrets": ["a"], "conditions": )" + std::string(bad) + "}"))
        << bad;
  }
}

}  // namespace
}  // namespace coffer::policy
