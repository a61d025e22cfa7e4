#include "proof/filter.h"

#include "proof/sample_log.h"

#include <gtest/gtest.h>

namespace coffer::proof {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(EventFilter, MatchesEverythingByDefault) {
  EXPECT_TRUE(EventFilter{}.matches(sample_event()));
  EXPECT_TRUE(EventFilter{}.matches(Event{}));
  EXPECT_EQ(parse_filter(Pairs{}).value(), EventFilter{});
}

TEST(EventFilter, NarrowsByEachParameter) {
  struct Case {
    Pairs pairs;
    bool matches;
  };

  // sample_event() stands at 2023-11-14T22:13:20.000000001Z.
  const std::vector<Case> cases = {
      {{{"type", "secret.accessed"}}, true},
      {{{"type", "secret.deleted"}, {"type", "secret.accessed"}}, true},
      {{{"type", "secret.deleted"}}, false},
      {{{"outcome", "allowed"}}, true},
      {{{"outcome", "denied"}}, false},
      {{{"actor_id", "hmac-sha256:53b1c0ffee"}}, true},
      {{{"actor_id", "hmac-sha256:53b1"}}, false},
      {{{"actor_name", "approle-billing"}}, true},
      {{{"actor_name", "billing"}}, false},
      {{{"path", "prod/db"}}, true},
      {{{"path", "prod/dc"}}, false},
      {{{"path_prefix", "secret/data/"}}, true},
      {{{"path_prefix", "data/"}}, false},
      {{{"path_prefix", "secret/"}, {"path", "db/1"}}, true},
      {{{"path_prefix", "secret/"}, {"path", "db/2"}}, false},
      {{{"from", "2023-11-14T22:13:20.000000001Z"}}, true},
      {{{"from", "2023-11-14T22:13:20.000000002Z"}}, false},
      {{{"to", "2023-11-14T22:13:20.000000002Z"}}, true},
      {{{"to", "2023-11-14T22:13:20.000000001Z"}}, false},
      {{{"request_id", "3f2b8a52-0000-4000-8000-000000000001"}}, true},
      {{{"request_id", "3f2b8a52"}}, false},
      {{{"source_ip", "192.0.2.17"}}, true},
      {{{"source_ip", "192.0.2.1"}}, false},
      {{{"outcome", "allowed"}, {"source_ip", "192.0.2.1"}}, false},
  };
  for (const auto& [pairs, matches] : cases) {
    const auto filter = parse_filter(pairs);
    ASSERT_TRUE(filter) << pairs[0].first;
    EXPECT_EQ(filter->matches(sample_event()), matches) << pairs[0].first << " " << pairs[0].second;
  }
}

TEST(EventFilter, WantsPrefixAndPartInOneAccess) {
  Event event = sample_event();
  event.accesses = {{"secret.read", "secret/a"}, {"kms.decrypt", "transit/b"}};
  EXPECT_FALSE(parse_filter(Pairs{{"path_prefix", "secret/"}, {"path", "/b"}})->matches(event));
}

TEST(EventFilter, ReadsTheLimit) {
  EXPECT_EQ(parse_filter(Pairs{{"limit", "1"}})->limit, 1U);
  EXPECT_EQ(parse_filter(Pairs{{"limit", "10000"}})->limit, kMaxFilterLimit);
}

TEST(EventFilter, RefusesWhatItDoesNotUnderstand) {
  for (const Pairs& bad : {Pairs{{"actor", "x"}},
                           Pairs{{"Outcome", "denied"}},
                           Pairs{{"", "x"}},
                           Pairs{{"type", "secret.*"}},
                           Pairs{{"type", ""}},
                           Pairs{{"outcome", "ok"}},
                           Pairs{{"outcome", "denied"}, {"outcome", "allowed"}},
                           Pairs{{"path", ""}},
                           Pairs{{"from", "yesterday"}},
                           Pairs{{"from", "2026-01-02T00:00:00Z"}, {"to", "2026-01-02T00:00:00Z"}},
                           Pairs{{"limit", "0"}},
                           Pairs{{"limit", "10001"}},
                           Pairs{{"limit", "-1"}},
                           Pairs{{"limit", "5x"}},
                           Pairs{{"limit", "99999999999999999999"}}}) {
    const auto filter = parse_filter(bad);
    ASSERT_FALSE(filter) << bad[0].first << " " << bad[0].second;
    EXPECT_EQ(filter.error().code, Code::invalid_argument);
  }
  const Pairs long_text = {{"path", std::string(kMaxFilterText + 1, 'x')}};
  EXPECT_EQ(parse_filter(long_text).error().code, Code::too_large);
}

}  // namespace
}  // namespace coffer::proof
