// What the committer says of the rows that decide about access when it starts: only those of the
// last commit are accepted.
#include "work/committer_test.h"

#include <gmock/gmock.h>

namespace coffer::work {
namespace {

using testing::HasSubstr;

class CommitterRows : public CommitterTest {
 protected:
  static store::Key key(std::string_view name) {
    return rows::row_key<CounterRow>(kTestRealm, to_bytes(name));
  }

  [[nodiscard]] store::Put stored(const store::Key& at) const {
    auto found = world.store->get(at).value().value();
    return {at, found.revision, std::move(found.blob), {}};
  }

  // Around everything, while nothing runs.
  void tamper(std::vector<store::Put> puts, std::vector<store::Key> erases = {}) {
    world.committer.reset();
    const auto batch = world.store->begin().value();
    ASSERT_TRUE(batch->apply({{}, std::move(puts), std::move(erases)}));
    ASSERT_TRUE(batch->commit());
  }

  // "ok", or the message of the refusal.
  std::string opened(std::string_view accepted = {}) {
    world.committer.reset();
    world.rows = rows::Rows::open(*world.store, world.keyring, 1U << 20U).value();
    auto started = Committer::start(*world.store, *world.rows, world.clock, accepted);
    if (!started) {
      EXPECT_EQ(started.error().code, Code::corrupt);
      return started.error().message;
    }
    world.committer = std::move(*started);
    return "ok";
  }
};

TEST_F(CommitterRows, OpensAfterEveryKindOfCommit) {
  EXPECT_EQ(opened(), "ok") << "nothing is there yet";
  set("a", 1);
  set("b", 1);
  EXPECT_EQ(opened(), "ok");
  set("a", 2);
  EXPECT_EQ(opened(), "ok") << "changed";
  View& eraser = view();
  ASSERT_TRUE(eraser.erase<CounterRow>(to_bytes("b")));
  ASSERT_TRUE(world.commit(eraser));
  EXPECT_EQ(opened(), "ok") << "erased";
  View& reader = view();
  EXPECT_EQ(value_of(reader, "a"), 2U);
  ASSERT_TRUE(world.commit(reader));
  EXPECT_EQ(opened(), "ok") << "an event alone";
  View& writer = view();
  ASSERT_TRUE(writer.put(note("path", "unguarded")));
  ASSERT_TRUE(world.commit(writer));
  EXPECT_EQ(opened(), "ok") << "a row that is not guarded";
}

// The second unit counts in what the first of its group wrote.
TEST_F(CommitterRows, FoldsTheUnitsOfAGroupInTheirOrder) {
  set("a", 1);
  View& first = view();
  View& second = view();
  View& refused = view();
  EXPECT_EQ(value_of(refused, "a"), 1U);
  ASSERT_TRUE(first.put(counter("b", 1)));
  ASSERT_TRUE(first.erase<CounterRow>(to_bytes("a")));
  ASSERT_TRUE(second.put(counter("b", 2)));
  ASSERT_TRUE(refused.put(counter("a", 9)));
  EXPECT_THAT(submit_together({&first, &second, &refused}).back(), "conflict");
  world.committer->drain();
  EXPECT_EQ(opened(), "ok");
}

TEST_F(CommitterRows, KeepsTheDigestWhenACommitFails) {
  set("a", 1);
  for (const auto step : {TestStore::Fail::append, TestStore::Fail::commit}) {
    View& writer = view();
    ASSERT_TRUE(writer.put(counter("a", 2)));
    store->fail = step;
    EXPECT_EQ(text(world.commit(writer)), "unavailable");
    store->fail = TestStore::Fail::nothing;
    EXPECT_EQ(opened(), "ok") << "right after";
    set("b", value_of("b") + 1);
    EXPECT_EQ(opened(), "ok") << "and after the next commit";
  }
}

TEST_F(CommitterRows, RefusesAnOldStateThatWasPutBack) {
  set("a", 1);
  const store::Put old = stored(key("a"));
  set("a", 2);
  tamper({old});
  EXPECT_THAT(opened(), HasSubstr("changed while the server was sealed"));
  EXPECT_THAT(opened(), HasSubstr("coffer verify"));
}

TEST_F(CommitterRows, RefusesAnErasedRowThatCameBack) {
  set("a", 1);
  set("b", 1);
  const store::Put revoked = stored(key("a"));
  View& eraser = view();
  ASSERT_TRUE(eraser.erase<CounterRow>(to_bytes("a")));
  ASSERT_TRUE(world.commit(eraser));
  tamper({revoked});
  EXPECT_THAT(opened(), HasSubstr("changed while the server was sealed"));
}

TEST_F(CommitterRows, RefusesAMissingRow) {
  set("a", 1);
  set("b", 1);
  tamper({}, {key("a")});
  EXPECT_THAT(opened(), HasSubstr("changed while the server was sealed"));
}

TEST_F(CommitterRows, RefusesARecordOfTheSealThatWasPutBack) {
  const store::Key at{store::TableId(1), store::kSystemRealm, to_bytes("keyring")};
  for (const char* blob : {"first", "second"}) {
    View& v = view();
    v.stage_raw({at, blob[0] == 'f' ? 1U : 2U, to_bytes(blob), {}});
    ASSERT_TRUE(world.commit(v));
    EXPECT_EQ(opened(), "ok");
  }
  tamper({{at, 1, to_bytes("first"), {}}});
  EXPECT_THAT(opened(), HasSubstr("changed while the server was sealed"));
}

TEST_F(CommitterRows, OpensWithExactlyTheStateThatWasAccepted) {
  set("a", 1);
  const store::Put old = stored(key("a"));
  set("a", 2);
  tamper({old});
  EXPECT_NE(opened(), "ok");
  const std::string name = rows_name(world.rows->digest());
  EXPECT_THAT(opened(), HasSubstr("--accept-rows " + name));
  tamper({}, {key("a")});
  EXPECT_NE(opened(name), "ok") << "changed once more";
  tamper({old});
  EXPECT_EQ(opened(name), "ok");
  set("b", 1);
  EXPECT_EQ(opened(), "ok") << "the next commit takes it over";
}

// As a server left it that did not keep the digest yet.
TEST_F(CommitterRows, TakesOverALogThatEndsInAHeadWithoutADigest) {
  set("a", 1);
  set("a", 2);
  world.committer.reset();
  const auto last = world.store->last_record(rows::kAuditLog).value();
  const auto head = proof::batch_head(last->record).value();
  proof::ChainWriter chain(world.keyring->log_id(), head, world.keyring->audit_key());
  std::vector<proof::EncodedEvent> events{proof::EncodedEvent::of(event("old")).value()};
  const Bytes record = chain.encode(events, world.clock.now()).value();
  const auto batch = world.store->begin().value();
  ASSERT_TRUE(batch->append(rows::kAuditLog, last->sequence + 1, record));
  ASSERT_TRUE(batch->commit());

  EXPECT_EQ(opened(), "ok");
  EXPECT_EQ(world.committer->head()->head.rows, std::nullopt);
  const store::Put old = stored(key("a"));
  set("a", 3);
  EXPECT_EQ(world.committer->head()->head.rows, world.rows->digest());
  EXPECT_EQ(logged().size(), 4U) << "both versions in one log";
  tamper({old});
  EXPECT_NE(opened(), "ok");
}

}  // namespace
}  // namespace coffer::work
