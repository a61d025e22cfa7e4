// What is left when the store fails: nothing of the group, and a chain that goes on.
#include "store/sqlite/faulty_vfs.h"
#include "store/sqlite/temporary_store.h"
#include "work/committer_test.h"

#include <gmock/gmock.h>

namespace coffer::work {
namespace {

using testing::Each;
using testing::ElementsAre;

TEST_F(CommitterTest, LeavesNothingOfAGroupWhenAnyStepFails) {
  set("a", 1);
  for (const auto step : {TestStore::Fail::begin,
                          TestStore::Fail::apply,
                          TestStore::Fail::append,
                          TestStore::Fail::commit}) {
    SCOPED_TRACE(static_cast<int>(step));
    View& writer = view();
    View& reader = view();
    View& other = view();
    const std::uint64_t before = value_of(writer, "a");
    ASSERT_TRUE(writer.put(counter("a", before + 10)));
    ASSERT_TRUE(other.put(counter("b", before)));
    bool acted = false;
    writer.on_commit([&] { acted = true; });
    const auto head = world.committer->head();
    store->fail = step;
    EXPECT_THAT(submit_together({&writer, &reader, &other}), Each("unavailable"));
    EXPECT_FALSE(acted);
    EXPECT_EQ(value_of("a"), before) << "nothing is served that is not durable";
    EXPECT_EQ(world.committer->head(), head);
    store->fail = TestStore::Fail::nothing;
    set("a", before + 1);
    EXPECT_EQ(value_of("a"), before + 1);
  }
  EXPECT_EQ(world.committer->stats().failures, 4U);
  EXPECT_EQ(logged().size(), 5U);
  world.restart();
  EXPECT_EQ(value_of("a"), 5U);
  EXPECT_EQ(value_of("b"), 0U);
}

TEST_F(CommitterTest, ReportsAConflictAsSuchAlsoWhenTheCommitFails) {
  View& first = view();
  View& second = view();
  ASSERT_TRUE(first.put(counter("a", 1)));
  ASSERT_TRUE(second.put(counter("a", 2)));
  store->fail = TestStore::Fail::commit;
  EXPECT_THAT(submit_together({&first, &second}), ElementsAre("unavailable", "conflict"));
}

TEST_F(CommitterTest, DoesNotCommitAGroupOfConflictsOnly) {
  View& late = view();
  EXPECT_EQ(value_of(late, "a"), 0U);
  set("a", 1);
  ASSERT_TRUE(late.put(counter("b", 1)));
  const std::uint64_t commits = store->commits_reached;
  EXPECT_EQ(text(world.commit(late)), "conflict");
  EXPECT_EQ(store->commits_reached, commits);
}

TEST_F(CommitterTest, RefusesToStartWithoutItsLog) {
  set("a", 1);
  world.committer.reset();
  // The rows, but not the log.
  auto stripped = store::make_memory_store();
  const auto key = rows::row_key<CounterRow>(kTestRealm, to_bytes("a"));
  const auto stored = world.store->get(key).value();
  const auto batch = stripped->begin().value();
  ASSERT_TRUE(batch->apply({{}, {{key, stored->revision, stored->blob, {}}}, {}}));
  ASSERT_TRUE(batch->commit());
  const auto rows = rows::Rows::open(*stripped, world.keyring, 1 << 20).value();
  EXPECT_EQ(Committer::start(*stripped, *rows, world.clock).error().code, Code::corrupt);
}

TEST_F(CommitterTest, RefusesToStartOnALogThatIsNotItsOwn) {
  View& v = view();  // no guarded row: only the log speaks
  ASSERT_TRUE(world.commit(v));
  world.committer.reset();
  const std::shared_ptr<const keys::Keyring> other =
      keys::Keyring::create({}, *world.random).value();
  const auto rows = rows::Rows::open(*world.store, other, 1 << 20).value();
  EXPECT_EQ(Committer::start(*world.store, *rows, world.clock).error().code, Code::corrupt);

  const auto last = world.store->last_record(rows::kAuditLog).value();
  const auto batch = world.store->begin().value();
  ASSERT_TRUE(batch->append(rows::kAuditLog, last->sequence + 1, to_bytes("no batch")));
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(Committer::start(*world.store, *world.rows, world.clock).error().code, Code::corrupt);
}

// The embedded store, whose disk fails at every call of a commit in turn.
TEST(CommitterOnSqlite, KeepsToTheLogWhicheverCallFails) {
  store::sqlite::FaultyVfs vfs("committer");
  const store::sqlite::TemporaryStore file;
  store::SqliteOptions options = file.options();
  options.vfs = vfs.name();
  TestWorld world;
  world.committer.reset();
  world.store = store::open_sqlite_store(options).value();
  world.restart();
  std::uint64_t told = 0;  // the last value that was acknowledged
  for (std::uint64_t n = 1; n <= 12; ++n) {
    SCOPED_TRACE(n);
    vfs.fail_at(n % 4 + 1, store::sqlite::Fault::disk_full, store::sqlite::Lasting::once);
    for (int attempt = 0; attempt < 3; ++attempt) {
      View view = world.view();
      const auto found = view.find<CounterRow>("a");
      ASSERT_TRUE(found) << found.error().message;
      ASSERT_EQ(*found ? *(*found)->row.value : 0, told) << "served what is not durable";
      ASSERT_TRUE(view.put(counter("a", told + 1)));
      const Result<> done = world.commit(view);
      if (done) ++told;
      if (!done) EXPECT_EQ(done.error().code, Code::unavailable) << done.error().message;
    }
    vfs.heal();
  }
  EXPECT_GT(world.committer->stats().failures, 3U) << "the faults were not met";
  world.restart();  // the chain continues behind what is on disk
  proof::Verifier verifier(world.keyring->audit_key().public_key(), world.committer->head());
  std::size_t events = 0;
  for (const auto& record : world.store->read_log(rows::kAuditLog, 1, 1000).value()) {
    const auto read = verifier.feed(record.record);
    ASSERT_TRUE(read) << read.error().message;
    events += read->size();
  }
  EXPECT_TRUE(verifier.finish());
  EXPECT_EQ(events, told) << "one event for every answer, none for a failure";
}

}  // namespace
}  // namespace coffer::work
