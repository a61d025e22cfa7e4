#include "formats/aws_schedule.h"

#include "base/time_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coffer::formats {
namespace {

using namespace std::string_literals;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// The next `count` times after `from`, as text without seconds.
std::vector<std::string> times(const std::string& schedule, const std::string& from, int count) {
  const auto parsed = AwsSchedule::parse(schedule);
  EXPECT_TRUE(parsed) << schedule;
  std::vector<std::string> out;
  auto at = parse_rfc3339(from).value();
  for (int i = 0; parsed && i < count; ++i) {
    const auto next = parsed->next_after(at);
    if (!next) {
      out.emplace_back("never");
      break;
    }
    EXPECT_GT(*next, at);
    at = *next;
    out.push_back(rfc3339(at).substr(0, 16));
  }
  return out;
}

TEST(AwsSchedule, RatesAddTheirPeriod) {
  const std::vector<std::pair<std::string, Duration>> cases{{"rate(1 minute)", minutes(1)},
                                                            {"rate(5 minutes)", minutes(5)},
                                                            {"rate(1 hour)", hours(1)},
                                                            {"rate(4 hours)", hours(4)},
                                                            {"rate(1 day)", days(1)},
                                                            {"rate(10 days)", days(10)},
                                                            {"rate(36500 days)", days(36'500)}};
  const Timestamp at{1'700'000'000'123'456'789};
  for (const auto& [text, period] : cases) {
    const auto schedule = AwsSchedule::parse(text);
    ASSERT_TRUE(schedule) << text;
    EXPECT_TRUE(schedule->is_rate());
    EXPECT_EQ(schedule->next_after(at), at + period) << text;
    EXPECT_EQ(schedule->shortest_interval(), period);
  }
}

TEST(AwsSchedule, CronNamesItsTimes) {
  struct Case {
    std::string schedule, from;
    std::vector<std::string> next;
  };

  // 2026-11-21 is a Saturday.
  for (const Case& c : std::vector<Case>{
           {"cron(0 10 * * ? *)", "2026-11-21T10:00:00Z", {"2026-11-22T10:00", "2026-11-23T10:00"}},
           {"cron(0 10 * * ? *)", "2026-11-21T09:59:59.999999999Z", {"2026-11-21T10:00"}},
           {"cron(0 18 ? * MON-FRI *)",
            "2026-11-21T00:00:00Z",
            {"2026-11-23T18:00", "2026-11-24T18:00"}},
           {"cron(0 18 ? * mon,Wed *)",
            "2026-11-21T00:00:00Z",
            {"2026-11-23T18:00", "2026-11-25T18:00", "2026-11-30T18:00"}},
           {"cron(0 8 1 * ? *)", "2026-11-21T00:00:00Z", {"2026-12-01T08:00", "2027-01-01T08:00"}},
           {"cron(0/10 * ? * MON-FRI *)",
            "2026-11-20T23:45:00Z",
            {"2026-11-20T23:50", "2026-11-23T00:00", "2026-11-23T00:10"}},
           {"cron(15,45 0/8 * * ? *)",
            "2026-11-21T08:15:00Z",
            {"2026-11-21T08:45", "2026-11-21T16:15"}},
           {"cron(0 /8 * * ? *)", "2026-11-21T00:00:00Z", {"2026-11-21T08:00", "2026-11-21T16:00"}},
           {"cron(0 */8 * * ? *)", "2026-11-21T16:00:00Z", {"2026-11-22T00:00"}},
           {"cron(0 8-12/2 * * ? *)",
            "2026-11-21T07:00:00Z",
            {"2026-11-21T08:00", "2026-11-21T10:00", "2026-11-21T12:00", "2026-11-22T08:00"}},
           {"cron(0 0 L * ? *)",
            "2026-11-21T00:00:00Z",
            {"2026-11-30T00:00", "2026-12-31T00:00", "2027-01-31T00:00", "2027-02-28T00:00"}},
           // the nearest weekday: a Sunday's Monday, a Saturday's Friday, not into another month
           {"cron(0 0 15W * ? *)", "2026-11-01T00:00:00Z", {"2026-11-16T00:00"}},
           {"cron(0 0 21W * ? *)", "2026-11-01T00:00:00Z", {"2026-11-20T00:00"}},
           {"cron(0 0 1W 8 ? 2026)", "2026-01-01T00:00:00Z", {"2026-08-03T00:00", "never"}},
           {"cron(0 0 31W 5 ? 2026)", "2026-01-01T00:00:00Z", {"2026-05-29T00:00", "never"}},
           {"cron(0 0 31W * ? 2026)", "2026-02-01T00:00:00Z", {"2026-03-31T00:00"}},
           {"cron(0 16 ? * 6L *)",
            "2026-11-21T00:00:00Z",
            {"2026-11-27T16:00", "2026-12-25T16:00"}},
           {"cron(0 16 ? * FRIL *)", "2026-11-28T00:00:00Z", {"2026-12-25T16:00"}},
           {"cron(0 0 ? * L *)", "2026-11-20T00:00:00Z", {"2026-11-21T00:00", "2026-11-28T00:00"}},
           {"cron(0 0 ? 1/3 SUN#1 *)",
            "2026-11-21T00:00:00Z",
            {"2027-01-03T00:00", "2027-04-04T00:00"}},
           {"cron(0 0 ? * 3#5 *)",
            "2026-11-21T00:00:00Z",
            {"2026-12-29T00:00", "2027-03-30T00:00"}},
           {"cron(59 23 31 DEC ? *)", "2026-12-31T23:59:00Z", {"2027-12-31T23:59"}},
           {"cron(0 0 29 2 ? *)", "2026-11-21T00:00:00Z", {"2028-02-29T00:00", "2032-02-29T00:00"}},
           {"cron(0 0 1 1 ? 2030,2040-2041)",
            "2026-11-21T00:00:00Z",
            {"2030-01-01T00:00", "2040-01-01T00:00", "2041-01-01T00:00", "never"}},
           {"cron(0 0 1 1 ? 2020/7)",
            "2026-11-21T00:00:00Z",
            {"2027-01-01T00:00", "2034-01-01T00:00"}},
           {"cron(0 0 * * ? 2025)", "2026-01-01T00:00:00Z", {"never"}}}) {
    EXPECT_EQ(times(c.schedule, c.from, static_cast<int>(c.next.size())), c.next) << c.schedule;
  }
}

TEST(AwsSchedule, KnowsItsShortestInterval) {
  const std::vector<std::pair<std::string, Duration>> cases{
      {"cron(0 10 * * ? *)", days(1)},
      {"cron(0 /4 * * ? *)", hours(4)},
      {"cron(0 0/5 * * ? *)", hours(4)},  // from 20:00 to midnight
      {"cron(0/10 * ? * MON-FRI *)", minutes(10)},
      {"cron(0,59 0,23 * * ? *)", minutes(1)},
      {"cron(0 1,13 1 * ? *)", hours(12)}};
  for (const auto& [text, shortest] : cases) {
    const auto schedule = AwsSchedule::parse(text);
    ASSERT_TRUE(schedule) << text;
    EXPECT_FALSE(schedule->is_rate());
    EXPECT_EQ(schedule->shortest_interval(), shortest) << text;
  }
}

TEST(AwsSchedule, HasNoTimeBeyondItsRange) {
  const auto daily = AwsSchedule::parse("cron(0 0 * * ? *)").value();
  EXPECT_EQ(daily.next_after(parse_rfc3339("2199-12-31T00:00:00Z").value()), std::nullopt);
  EXPECT_EQ(daily.next_after(Timestamp{std::numeric_limits<std::int64_t>::max()}), std::nullopt);
  EXPECT_EQ(daily.next_after(Timestamp{std::numeric_limits<std::int64_t>::min()}), Timestamp{});
  const auto rate = AwsSchedule::parse("rate(36500 days)").value();
  EXPECT_EQ(rate.next_after(parse_rfc3339("2150-01-01T00:00:00Z").value()), std::nullopt);
  EXPECT_EQ(rate.next_after(Timestamp{std::numeric_limits<std::int64_t>::max()}), std::nullopt);
}

// Each text is refused as malformed.
void expect_refused(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const auto schedule = AwsSchedule::parse(text);
    ASSERT_FALSE(schedule) << text;
    EXPECT_EQ(schedule.error().code, Code::invalid_argument);
  }
}

TEST(AwsSchedule, RefusesOtherForms) {
  expect_refused({""s,
                  ")"s,
                  "rate()"s,
                  "rate(10)"s,
                  "rate(days)"s,
                  "rate( days)"s,
                  "rate(0 days)"s,
                  "rate(-1 days)"s,
                  "rate(+1 day)"s,
                  "rate(01 day)"s,
                  "rate(1 days)"s,
                  "rate(2 day)"s,
                  "rate(1.5 days)"s,
                  "rate(2  days)"s,
                  "rate(2 days )"s,
                  "rate(2 weeks)"s,
                  "rate(2 Days)"s,
                  "rate(36501 days)"s,
                  "rate(4294967297 days)"s,
                  "rate(2 days"s,
                  " rate(2 days)"s,
                  "rate(2 days) "s,
                  "Rate(2 days)"s,
                  "at(2026-01-01T00:00:00)"s,
                  "0 10 * * ? *"s,
                  "cron()"s,
                  "cron(0 10 * * ?)"s,
                  "cron(0 0 10 * * ? *)"s,
                  "cron(0  10 * * ? *)"s,
                  "cron( 0 10 * * ? *)"s,
                  "cron(0 10 * * ? *"s,
                  "cron(0\t10 * * ? *)"s,
                  "cron(0\0 10 * * ? *)"s});
}

TEST(AwsSchedule, RefusesFields) {
  expect_refused({// both days or neither
                  "cron(0 10 * * * *)"s,
                  "cron(0 10 ? * ? *)"s,
                  "cron(0 10 1 * MON *)"s,
                  // out of a field
                  "cron(60 10 * * ? *)"s,
                  "cron(0 24 * * ? *)"s,
                  "cron(0 10 0 * ? *)"s,
                  "cron(0 10 32 * ? *)"s,
                  "cron(0 10 * 0 ? *)"s,
                  "cron(0 10 * 13 ? *)"s,
                  "cron(0 10 ? * 0 *)"s,
                  "cron(0 10 ? * 8 *)"s,
                  "cron(0 10 * * ? 1969)"s,
                  "cron(0 10 * * ? 2200)"s,
                  "cron(0 10 * * ? 00002026)"s,
                  "cron(-1 10 * * ? *)"s,
                  "cron(+1 10 * * ? *)"s,
                  "cron(a 10 * * ? *)"s,
                  "cron(? 10 * * ? *)"s,
                  "cron(0 10 * JANUARY ? *)"s,
                  "cron(JAN 10 * * ? *)"s});
}

TEST(AwsSchedule, RefusesListsAndMarks) {
  expect_refused({// lists, ranges and steps
                  "cron(1, 10 * * ? *)"s,
                  "cron(,1 10 * * ? *)"s,
                  "cron(1,,2 10 * * ? *)"s,
                  "cron(1,* 10 * * ? *)"s,
                  "cron(*,1 10 * * ? *)"s,
                  "cron(10-5 10 * * ? *)"s,
                  "cron(1- 10 * * ? *)"s,
                  "cron(1-2-3 10 * * ? *)"s,
                  "cron(*-5 10 * * ? *)"s,
                  "cron(0/0 10 * * ? *)"s,
                  "cron(0/60 10 * * ? *)"s,
                  "cron(0/ 10 * * ? *)"s,
                  "cron(/ 10 * * ? *)"s,
                  "cron(0/5/5 10 * * ? *)"s,
                  "cron(0 10 ? * FRI-MON *)"s,
                  "cron(0 10 ? * 1/2 *)"s,
                  "cron(0 10 ?,1 * ? *)"s,
                  // L, W and # out of their place
                  "cron(L 10 * * ? *)"s,
                  "cron(0 10 LW * ? *)"s,
                  "cron(0 10 L-3 * ? *)"s,
                  "cron(0 10 1,L * ? *)"s,
                  "cron(0 10 W * ? *)"s,
                  "cron(0 10 0W * ? *)"s,
                  "cron(0 10 32W * ? *)"s,
                  "cron(0 10 1W,2 * ? *)"s,
                  "cron(0 10 3L * ? *)"s,
                  "cron(0 10 3#1 * ? *)"s,
                  "cron(0 10 ? * 3W *)"s,
                  "cron(0 10 ? * 3#0 *)"s,
                  "cron(0 10 ? * 3#6 *)"s,
                  "cron(0 10 ? * #1 *)"s,
                  "cron(0 10 ? * 3# *)"s,
                  "cron(0 10 ? * 3#1,4#2 *)"s,
                  "cron(0 10 ? * 8L *)"s,
                  // never
                  "cron(0 0 30 2 ? *)"s,
                  "cron(0 0 31 4,6,9,11 ? *)"s,
                  "cron(0 0 29 2 ? 2027)"s,
                  "cron(0 0 31W 2 ? *)"s,
                  "cron(" + std::string(300, '0') + " 0 * * ? *)"});
}

}  // namespace
}  // namespace coffer::formats
