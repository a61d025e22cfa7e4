#include "gate/rotator.h"

#include "base/encoding.h"
#include "domain/secrets/stages.h"
#include "gate/test_gate.h"
#include "work/job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace coffer::gate {
namespace {

constexpr std::string_view kFunction = "arn:aws:lambda:us-east-1:123456789012:function:f";
const std::string kOld(32, '1');
const std::string kNew(32, '2');

class RotatorTest : public testing::Test {
 protected:
  RotatorTest()
      : gate_([](TestGate&) { return std::vector<std::unique_ptr<Dialect>>(); }),
        functions_(std::map<std::string, RotationFunction, std::less<>>{
            {std::string(kFunction), [this](std::string_view event) { return asked(event); }}}) {}

  // What the function of the tests does: it makes a value, and moves the stage.
  Result<> asked(std::string_view event) {
    events_.emplace_back(event);
    if (broken_) return fail(Code::unavailable, "out of order");
    const auto parsed = formats::JsonView::parse(event);
    const std::string step = *parsed->find("Step")->string();
    if (step == "createSecret") {
      return change([](domain::ManagedSecrets& secrets, const domain::SecretPtr& secret) {
        return ignore(secrets.put_value(secret, kNew, {.value = "new"}, {"AWSPENDING"}));
      });
    }
    if (step != "finishSecret") return {};
    return change([](domain::ManagedSecrets& secrets, const domain::SecretPtr& secret) {
      return secrets.move_stage(secret, "AWSCURRENT", kOld, kNew);
    });
  }

  template <class T>
  static Result<> ignore(Result<T> result) {
    if (!result) return std::unexpected(result.error());
    return {};
  }

  template <class F>
  Result<> unit(F&& work) {
    const UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
    domain::ManagedSecrets secrets(view, mount_, unsealed->aws_account, unsealed->secrets);
    COFFER_CHECK(work(secrets));
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::secret_updated;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    COFFER_CHECK(unsealed->committer->commit(view, {event}));
    gate_.clock.advance(std::chrono::milliseconds(1));
    return {};
  }

  template <class F>
  Result<> change(F&& work) {
    return unit([&](domain::ManagedSecrets& secrets) -> Result<> {
      COFFER_TRY(const domain::SecretPtr secret, secrets.find("s"));
      return work(secrets, secret);
    });
  }

  void SetUp() override {
    ASSERT_TRUE(unit([](domain::ManagedSecrets& secrets) {
      domain::NewSecret fresh{.name = "s", .region = "us-east-1"};
      fresh.token = kOld;
      fresh.value = domain::GivenValue{.value = "old"};
      return ignore(secrets.create(fresh));
    }));
    ASSERT_TRUE(change([](domain::ManagedSecrets& secrets, const domain::SecretPtr& secret) {
      domain::Rotation rotation{.function = std::string(kFunction), .enabled = true};
      rotation.after_days = 30;
      return ignore(secrets.configure_rotation(secret, std::move(rotation)));
    }));
    ASSERT_TRUE(change([](domain::ManagedSecrets& secrets, const domain::SecretPtr& secret) {
      return ignore(secrets.start_rotation(secret, kNew, false));
    }));
    gate_.events();
  }

  // Another secret, which rotates a day from now.
  void add_daily(std::string_view name) {
    ASSERT_TRUE(unit([&](domain::ManagedSecrets& secrets) -> Result<> {
      domain::NewSecret fresh{.name = std::string(name), .region = "us-east-1"};
      fresh.token = kOld;
      fresh.value = domain::GivenValue{.value = "old"};
      COFFER_TRY(const domain::SecretPtr made, secrets.create(fresh));
      domain::Rotation rotation{.function = std::string(kFunction), .enabled = true};
      rotation.after_days = 1;
      rotation.next = domain::next_rotation(rotation, gate_.clock.now());
      return ignore(secrets.configure_rotation(made, std::move(rotation)));
    }));
  }

  // Another secret, whose recovery window ends in seven days.
  void add_deleted(std::string_view name) {
    ASSERT_TRUE(unit([&](domain::ManagedSecrets& secrets) -> Result<> {
      COFFER_TRY(const domain::SecretPtr made,
                 secrets.create({.name = std::string(name), .region = "us-east-1"}));
      return ignore(secrets.schedule_deletion(made, std::chrono::hours(24 * 7)));
    }));
  }

  // Leaves no room in the secret's row for another version.
  void fill(std::string_view name) {
    std::vector<domain::Replica> replicas;
    for (std::size_t octets = std::size_t{64} * 1024; octets > 0;) {
      replicas.push_back({.region = std::string(octets, 'x'), .kms_key = {}});
      const Result<> done = unit([&](domain::ManagedSecrets& secrets) -> Result<> {
        COFFER_TRY(const domain::SecretPtr secret, secrets.find(name));
        return secrets.set_replicas(secret, replicas);
      });
      if (done) continue;
      ASSERT_EQ(done.error().code, Code::too_large);
      replicas.pop_back();
      octets /= 2;
    }
  }

  // Its row, as somebody left it who had the store and no key.
  void spoil(std::string_view name) {
    store::Put put;
    ASSERT_TRUE(unit([&](domain::ManagedSecrets& secrets) -> Result<> {
      COFFER_TRY(const domain::SecretPtr secret, secrets.find(name));
      put.key = {domain::SecretRow::kTable.id, rows::kRootRealm, secret->row.key()};
      put.index = secret->row.index();
      return {};
    }));
    gate_.lifecycle.seal();
    const auto stored = gate_.store.get(put.key);
    ASSERT_TRUE(stored && *stored);
    put.revision = (*stored)->revision;
    put.blob = (*stored)->blob;
    put.blob.back() ^= 1U;
    auto batch = gate_.store.begin();
    ASSERT_TRUE(batch);
    store::Unit unit;
    unit.puts.push_back(put);
    ASSERT_EQ((*batch)->apply(unit).value(), store::Applied::yes);
    ASSERT_TRUE((*batch)->commit());
    batch->reset();
    unseal();
  }

  void unseal() {
    for (std::size_t i = 0; i < 2; ++i) {
      const Bytes share = *hex_decode(gate_.shares()[i]);
      ASSERT_TRUE(gate_.lifecycle.unseal(share, "127.0.0.1"));
    }
  }

  bool is_there(std::string_view name) {
    return unit([&](domain::ManagedSecrets& secrets) -> Result<> {
             return ignore(secrets.find(name));
           })
        .has_value();
  }

  std::string value() {
    std::string text;
    const auto read = unit([&](domain::ManagedSecrets& secrets) -> Result<> {
      COFFER_TRY(const domain::SecretPtr secret, secrets.find("s"));
      COFFER_TRY(const auto version, secrets.locate(secret->row, {}, {}));
      COFFER_TRY(const auto opened, secrets.open(*secret, version));
      text = opened.text();
      return {};
    });
    return read ? text : read.error().message;
  }

  Rotator rotator(std::string node = "one") {
    return {gate_.lifecycle, gate_.clock, *gate_.random, functions_, std::move(node)};
  }

  // Whether such an event was logged since the last look.
  bool logged(proof::EventType type) {
    const auto events = gate_.events();
    return std::ranges::find(events, type, &proof::Event::type) != events.end();
  }

  TestGate gate_;
  RotationFunctions functions_;
  const Bytes mount_ = to_bytes("12345678");
  std::vector<std::string> events_;
  bool broken_ = false;
};

TEST_F(RotatorTest, AsksTheFunctionForEachStep) {
  ASSERT_TRUE(rotator().run());
  ASSERT_EQ(events_.size(), 4U);
  EXPECT_TRUE(events_[0].starts_with(
      R"({"Step":"createSecret","SecretId":"arn:aws:secretsmanager:us-east-1:123456789012:secret:s-)"))
      << events_[0];
  EXPECT_TRUE(events_[0].contains(kNew));
  EXPECT_FALSE(events_[3].contains("new")) << "no value";
  EXPECT_EQ(value(), "new");
  EXPECT_TRUE(logged(proof::EventType::secret_rotated));
  events_.clear();
  ASSERT_TRUE(rotator().run());
  EXPECT_TRUE(events_.empty());
}

TEST_F(RotatorTest, BeginsNoOtherStepWhenItIsToStop) {
  Rotator stops(gate_.lifecycle, gate_.clock, *gate_.random, functions_, "one", [this] {
    return !events_.empty();
  });
  ASSERT_TRUE(stops.run());
  EXPECT_EQ(events_.size(), 1U);
}

TEST_F(RotatorTest, HoldsNothingOfTheUnsealedStateWhileAFunctionWorks) {
  const std::weak_ptr<Unsealed> unsealed = gate_.lifecycle.current();
  bool held = true;
  const RotationFunction seal = [&](std::string_view) -> Result<> {
    gate_.lifecycle.seal();
    held = !unsealed.expired();
    return {};
  };
  const RotationFunctions sealing(
      std::map<std::string, RotationFunction, std::less<>>{{std::string(kFunction), seal}});
  Rotator(gate_.lifecycle, gate_.clock, *gate_.random, sealing, "one").run().value();
  EXPECT_FALSE(held);
  unseal();
  gate_.clock.advance(std::chrono::minutes(20));
  ASSERT_TRUE(rotator("two").run());
  EXPECT_EQ(value(), "new") << "tried again";
}

TEST_F(RotatorTest, RotatesAgainWhenItIsDue) {
  ASSERT_TRUE(rotator().run());
  events_.clear();
  gate_.clock.advance(std::chrono::hours(24 * 30));
  ASSERT_TRUE(rotator().run());
  EXPECT_FALSE(events_.empty()) << "a version of the server's own choice";
  EXPECT_FALSE(events_.front().contains(kNew));
}

TEST_F(RotatorTest, GivesUpWhatFailsAndKeepsTheOldValue) {
  broken_ = true;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(rotator().run());
    gate_.clock.advance(std::chrono::minutes(10));
  }
  EXPECT_EQ(events_.size(), domain::kMaxAttempts);
  EXPECT_EQ(value(), "old");
  EXPECT_TRUE(logged(proof::EventType::secret_rotation_failed));
}

TEST_F(RotatorTest, FunctionThatIsNotListedAnyMoreIsNotAsked) {
  functions_ = RotationFunctions();
  ASSERT_TRUE(rotator().run());
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(value(), "old");
}

TEST_F(RotatorTest, AnotherNodesClaimIsRespected) {
  const UnsealedPtr unsealed = gate_.lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
  ASSERT_TRUE(work::claim_job(view, "rotate secrets", "other", std::chrono::minutes(5)));
  proof::Event event;
  event.time = gate_.clock.now();
  event.type = proof::EventType::system_configured;
  event.outcome = proof::Outcome::allowed;
  ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  ASSERT_TRUE(rotator().run());
  EXPECT_TRUE(events_.empty());
  gate_.clock.advance(std::chrono::minutes(6));
  ASSERT_TRUE(rotator().run());
  EXPECT_EQ(events_.size(), 4U);
}

TEST_F(RotatorTest, SecretWithoutRoomHoldsUpNoOther) {
  add_daily("a");
  add_deleted("b");
  fill("a");
  gate_.clock.advance(std::chrono::hours(24 * 8));
  gate_.events();
  ASSERT_TRUE(rotator().run());
  EXPECT_FALSE(is_there("b"));
  EXPECT_EQ(value(), "new") << "what was under way goes on";
  EXPECT_TRUE(logged(proof::EventType::secret_rotation_failed));
  ASSERT_TRUE(rotator().run());
  EXPECT_FALSE(logged(proof::EventType::secret_rotation_failed)) << "not before the next time";
  gate_.clock.advance(std::chrono::hours(25));
  ASSERT_TRUE(rotator().run());
  EXPECT_TRUE(logged(proof::EventType::secret_rotation_failed));
}

TEST_F(RotatorTest, SecretsThatDoNotOpenHoldUpNoOther) {
  constexpr int kMoreThanAreLookedAtFirst = 40;
  for (int i = 0; i < kMoreThanAreLookedAtFirst; ++i) {
    const std::string name = "a" + std::to_string(i);
    add_daily(name);
    spoil(name);
  }
  add_deleted("b");
  gate_.clock.advance(std::chrono::hours(24 * 8));
  ASSERT_TRUE(rotator().run());
  EXPECT_FALSE(is_there("b"));
  EXPECT_EQ(value(), "new");
}

TEST_F(RotatorTest, SealedServerDoesNothing) {
  gate_.lifecycle.seal();
  EXPECT_EQ(*rotator().run(), 0U);
}

}  // namespace
}  // namespace coffer::gate
