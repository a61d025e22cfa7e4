#include "proof/event.h"

#include "base/wire.h"
#include "proof/sample_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace coffer::proof {
namespace {

using testing::HasSubstr;

constexpr std::string_view kEllipsis = "\u2026";

Bytes encoded(const Event& event) {
  Bytes out;
  encode_event(event, out);
  return out;
}

Event through_encoding(const Event& event) {
  return decode_event(encoded(event)).value();
}

// The numbers are on disks and the names in people's searches: neither may ever change.
TEST(EventType, KeepsEveryNumberAndName) {
  std::ifstream golden(std::filesystem::path(__FILE__).parent_path() /
                       "../../tests/golden/event_types.txt");
  std::size_t lines = 0;
  unsigned number = 0;
  for (std::string name; golden >> number >> name; ++lines) {
    EXPECT_EQ(to_text(static_cast<EventType>(number)), name);
    EXPECT_EQ(parse_event_type(name), static_cast<EventType>(number));
  }
  EXPECT_EQ(lines, event_type_count());
  EXPECT_FALSE(parse_event_type("secret_accessed"));
  EXPECT_FALSE(parse_event_type(""));
}

TEST(Outcome, NamesRoundTrip) {
  for (const Outcome outcome : {Outcome::allowed, Outcome::denied, Outcome::failed}) {
    EXPECT_EQ(parse_outcome(to_text(outcome)), outcome);
  }
  EXPECT_FALSE(parse_outcome("ok"));
}

TEST(Event, RoundTripsEveryField) {
  Event event = sample_event();
  event.sequence = 4711;
  EXPECT_EQ(through_encoding(event), event);
  EXPECT_EQ(through_encoding(small_event(1)), small_event(1));
}

// The predecessor hashed some fields and let the others be edited.
TEST(Event, EncodesEveryFieldIntoTheHashedOctets) {
  const Bytes base = encoded(sample_event());
  const std::vector<void (*)(Event&)> edits = {
      [](Event& e) { e.sequence = 9; },
      [](Event& e) { e.time.ns += 1; },
      [](Event& e) { e.request_id = "x"; },
      [](Event& e) { e.type = EventType::secret_deleted; },
      [](Event& e) { e.outcome = Outcome::denied; },
      [](Event& e) { e.realm = 8; },
      [](Event& e) { e.actor_type = "x"; },
      [](Event& e) { e.actor_id = "x"; },
      [](Event& e) { e.actor_name = "x"; },
      [](Event& e) { e.source_ip = "x"; },
      [](Event& e) { e.dialect = "x"; },
      [](Event& e) { e.accesses[0].action = "x"; },
      [](Event& e) { e.accesses[0].resource = "x"; },
      [](Event& e) { e.facts[0].name = "x"; },
      [](Event& e) { e.facts[1].value = "x"; },
      [](Event& e) { e.policies[0].name = "x"; },
      [](Event& e) { e.policies[0].revision = 99; },
      [](Event& e) { e.reason = "x"; },
      [](Event& e) { e.status = 403; },
      [](Event& e) { e.changes[0].table = 9; },
      [](Event& e) { e.changes[0].realm = 9; },
      [](Event& e) { e.changes[0].key = {9}; },
      [](Event& e) { e.changes[0].revision = 9; },
      [](Event& e) { e.changes[0].seal[15] = 9; },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Event event = sample_event();
    edits[i](event);
    EXPECT_NE(encoded(event), base) << i;
    EXPECT_EQ(through_encoding(event), event) << i;
  }
}

TEST(Event, RefusesEveryPrefixAndTrailingOctets) {
  Bytes octets = encoded(sample_event());
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(decode_event(ByteView(octets).first(size))) << size;
  }
  octets.push_back(0);
  EXPECT_FALSE(decode_event(octets));
}

TEST(Event, RefusesOtherVersionsAndOutcomes) {
  constexpr std::size_t kOutcomeAt = 1 + 8 + 8 + 2;
  Bytes octets = encoded(sample_event());
  for (const std::uint8_t outcome : Bytes{0, 4, 255}) {
    octets[kOutcomeAt] = outcome;
    EXPECT_FALSE(decode_event(octets)) << int{outcome};
  }
  octets = encoded(sample_event());
  octets[0] = 2;
  EXPECT_FALSE(decode_event(octets));
}

TEST(Event, KeepsTypesThatANewerServerWrote) {
  Event event = small_event(1);
  event.type = static_cast<EventType>(60'000);
  EXPECT_EQ(through_encoding(event), event);
  EXPECT_THAT(event_json(event), HasSubstr(R"("type":"unknown.60000")"));
}

TEST(Event, CutsLongTextsAtCharacterBoundaries) {
  const std::size_t kept = kMaxEventText - kEllipsis.size();
  for (const std::string character : {"a", "\u00e9", "\u20ac", "\U0001f511"}) {
    for (std::size_t inside = 0; inside <= character.size(); ++inside) {
      // The limit falls behind `inside` octets of the character: it stays whole or goes whole.
      const std::string before(kept - inside, 'x');
      Event event = small_event(1);
      event.reason = before + character + std::string(100, 'y');
      const bool fits = inside == character.size();
      const std::string expected = inside == 0 || !fits ? before : before + character;
      EXPECT_EQ(through_encoding(event).reason, expected + std::string(kEllipsis)) << inside;
    }
  }
}

TEST(Event, LeavesTextsOfTheFullLengthAlone) {
  Event event = small_event(1);
  event.reason = std::string(kMaxEventText, 'x');
  EXPECT_EQ(through_encoding(event), event);
  event.reason += 'x';
  EXPECT_EQ(through_encoding(event).reason.size(), kMaxEventText);
  // No character boundary anywhere: cut at the limit, not lost.
  event.reason = std::string(5000, '\x80');
  EXPECT_EQ(through_encoding(event).reason.size(), kMaxEventText);
}

TEST(Event, CutsLongListsAndSaysHowManyAreLeftOut) {
  Event event = small_event(1);
  event.accesses.resize(kMaxEventItems + 10, {"secret.read", "secret/x"});
  event.policies.resize(kMaxEventItems);
  event.facts.resize(1000);
  const Event cut = through_encoding(event);
  ASSERT_EQ(cut.accesses.size(), kMaxEventItems);
  EXPECT_EQ(cut.accesses[kMaxEventItems - 2], event.accesses[0]);
  EXPECT_EQ(cut.accesses.back(), (AccessRecord{std::string(kEllipsis), "11 more"}));
  EXPECT_EQ(cut.policies, event.policies);
  EXPECT_EQ(cut.facts.back(), (Fact{std::string(kEllipsis), "937 more"}));
}

TEST(Event, FitsItsLimitWhateverItHolds) {
  const std::string longest(kMaxEventText * 2, 'x');
  Event event = small_event(1);
  for (auto* field : {&event.request_id, &event.actor_name, &event.reason}) *field = longest;
  event.accesses.resize(500, {longest, longest});
  event.facts.resize(500, {longest, longest});
  event.policies.resize(500, {longest, UINT64_MAX});
  event.changes.resize(kMaxEventChanges, {1, 1, Bytes(kMaxEventChangeKey, 1), 1, {}});
  EXPECT_TRUE(check_event(event));
  const Bytes octets = encoded(event);
  EXPECT_LE(octets.size(), kMaxEvent);
  const auto decoded = decode_event(octets);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encoded(*decoded), octets);
  EXPECT_EQ(decoded->changes, event.changes);
}

TEST(Event, IsCheckedBeforeItEntersTheChain) {
  EXPECT_TRUE(check_event(sample_event()));
  Event event = sample_event();
  event.outcome = Outcome{};
  EXPECT_EQ(check_event(event).error().code, Code::invalid_argument);
  event = sample_event();
  event.type = EventType{};
  EXPECT_EQ(check_event(event).error().code, Code::invalid_argument);
  event = sample_event();
  event.changes.resize(kMaxEventChanges + 1);
  EXPECT_EQ(check_event(event).error().code, Code::too_large);
  event = sample_event();
  event.changes[0].key.resize(kMaxEventChangeKey + 1);
  EXPECT_EQ(check_event(event).error().code, Code::too_large);
}

TEST(Event, PrintsOneJsonLine) {
  Event event = sample_event();
  event.sequence = 4711;
  event.reason = "two\nlines \"quoted\"";
  EXPECT_EQ(event_json(event),
            R"({"sequence":4711,"time":"2023-11-14T22:13:20.000000001Z",)"
            R"("request_id":"3f2b8a52-0000-4000-8000-000000000001",)"
            R"("type":"secret.accessed","outcome":"allowed","status":200,)"
            R"("reason":"two\nlines \"quoted\"","realm":7,)"
            R"("actor":{"type":"token","id":"hmac-sha256:53b1c0ffee","name":"approle-billing"},)"
            R"("source_ip":"192.0.2.17","dialect":"vault",)"
            R"("accesses":[{"action":"secret.read","resource":"secret/data/prod/db/1"}],)"
            R"("facts":[{"name":"method","value":"GET"},{"name":"namespace","value":"root"}],)"
            R"("policies":[{"name":"default","revision":1},{"name":"billing-read","revision":12}],)"
            R"("changes":{"count":1,"rows":[{"table":3,"realm":7,"revision":2}]}})");
}

}  // namespace
}  // namespace coffer::proof
