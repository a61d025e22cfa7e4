// Sealing anew under the newest term: completely, over crashes, and with a statement that holds.
#include "work/reseal.h"

#include "proof/batch.h"
#include "store/sqlite/sqlite_store.h"
#include "work/test_rows.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace coffer::work {
namespace {

class ResealTest : public testing::Test {
 protected:
  void put_notes(std::size_t count) {
    for (std::size_t done = 0; done < count;) {
      View view = world_.view();
      for (std::size_t i = 0; i < 90 && done < count; ++i, ++done) {
        const std::string name = "n" + std::to_string(100'000'000 + done);
        ASSERT_TRUE(view.put_owned(note(name, "secret " + name, "tag" + name)));
      }
      ASSERT_TRUE(world_.commit(view));
    }
  }

  void put_counters(std::size_t count) {
    View view = world_.view();
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(view.put(counter("c" + std::to_string(i), i)));
    }
    ASSERT_TRUE(world_.commit(view));
  }

  void rotate() {
    world_.keyring = TestWorld::value(world_.keyring->rotated(world_.clock.now()));
    world_.rows->set_keyring(world_.keyring);
  }

  void ask() {
    View view = world_.view();
    ASSERT_TRUE(ask_for_reseal(view, world_.keyring->active_term()));
    ASSERT_TRUE(world_.commit(view));
  }

  Reseal worker(std::string holder = "here") {
    return {*world_.committer, *world_.rows, clock(), *world_.random, std::move(holder)};
  }

  // Until there is nothing to do; how many rounds it took.
  std::size_t finish(Reseal& worker) {
    for (std::size_t rounds = 0; rounds < 100'000; ++rounds) {
      const auto more = worker.round();
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return rounds;
    }
    return 0;
  }

  ResealRow progress() {
    View view = world_.view();
    return TestWorld::value(reseal_progress(view))->row;
  }

  // How many rows lie under each term.
  std::map<std::uint32_t, std::size_t> terms() {
    std::map<std::uint32_t, std::size_t> out;
    for (const rows::TableSpec& table : rows::tables::kAll) {
      for (const auto& row : *world_.store->scan(table.id, kTestRealm, {}, {}, 1'000'000)) {
        ++out[rows::split_blob(row.blob)->term];
      }
    }
    return out;
  }

  virtual const Clock& clock() { return world_.clock; }

  std::vector<proof::Event> events() {
    std::vector<proof::Event> out;
    for (const auto& record : *world_.store->read_log(rows::kAuditLog, 1, 100'000)) {
      for (auto& event : *proof::decode_batch(record.record)) out.push_back(std::move(event));
    }
    return out;
  }

  TestWorld world_;
};

TEST_F(ResealTest, LeavesNothingUnderTheOldTermAndSaysSo) {
  put_notes(1000);
  put_counters(20);
  rotate();
  ask();
  EXPECT_GT(terms()[1], 1000U);
  Reseal work = worker();
  EXPECT_GE(finish(work), 3U);
  EXPECT_EQ(terms()[1], 0U);
  const ResealRow row = progress();
  EXPECT_TRUE(row.is_stated());
  EXPECT_EQ(*row.below, 2U);
  EXPECT_GE(*row.scanned, 1020U);
  EXPECT_EQ(*row.resealed, 1020U);
  EXPECT_EQ(*row.seen, *row.total + 1) << "the claim of the job came to be meanwhile";
  const auto all = events();
  EXPECT_EQ(all.back().type, proof::EventType::system_reseal_stated);
  EXPECT_EQ(all.back().reason, "no row is sealed under a term older than 2, and none can be");
  // What rows say and how they are found has not changed.
  View view = world_.view();
  const auto found = view.lookup<NoteRow>(kNotesByTag, as_bytes("tagn100000007"), 10);
  ASSERT_EQ(found->size(), 1U);
  const auto loaded = view.find<NoteRow>("n100000007");
  EXPECT_EQ(view.open(**loaded)->text->text(), "secret n100000007");
  world_.restart();
  View again = world_.view();
  EXPECT_EQ(*TestWorld::value(again.find<CounterRow>("c7"))->row.value, 7U);
  EXPECT_FALSE(*worker().round()) << "done is done";
}

TEST_F(ResealTest, AKeyringWithoutTheOldTermOpensEverything) {
  put_notes(200);
  rotate();
  ask();
  Reseal work = worker();
  finish(work);
  world_.keyring = TestWorld::value(world_.keyring->without(1));
  world_.restart();
  View view = world_.view();
  for (const Bytes& key : *view.keys<NoteRow>({}, {}, 1000)) {
    const auto row = view.find<NoteRow>(key);
    ASSERT_TRUE(row && *row) << as_text(key);
    EXPECT_TRUE(view.open(**row));
  }
}

TEST_F(ResealTest, GoesOnAfterACrashWhereverItWas) {
  put_notes(12'000);  // two rounds and more
  rotate();
  ask();
  {
    Reseal first = worker("first");
    ASSERT_TRUE(*first.round());  // counts
    ASSERT_TRUE(*first.round());
    EXPECT_GT(*progress().resealed, 1000U);
    EXPECT_LT(*progress().resealed, 12'000U);
    EXPECT_GT(terms()[1], 0U);
  }
  world_.restart();
  Reseal second = worker("second");
  EXPECT_FALSE(*second.round()) << "the claim of the first still lasts";
  world_.clock.advance(std::chrono::minutes(6));
  finish(second);
  EXPECT_EQ(terms()[1], 0U);
  EXPECT_TRUE(progress().is_stated());
  EXPECT_EQ(*progress().resealed, 12'000U) << "nothing was sealed twice";
}

TEST_F(ResealTest, WhoLostTheClaimCommitsNothing) {
  put_notes(100);
  rotate();
  ask();
  Reseal first = worker("first");
  ASSERT_TRUE(*first.round());
  world_.clock.advance(std::chrono::minutes(6));
  Reseal second = worker("second");
  ASSERT_TRUE(*second.round());
  EXPECT_FALSE(*first.round());
  finish(second);
  EXPECT_TRUE(progress().is_stated());
}

TEST_F(ResealTest, ARowSealedBeforeTheRotationIsNotCommittedAfterIt) {
  View late = world_.view();
  ASSERT_TRUE(late.put(counter("late", 1)));
  rotate();
  EXPECT_EQ(world_.commit(late).error().code, Code::conflict);
  View again = world_.view();
  ASSERT_TRUE(again.put(counter("late", 1)));
  EXPECT_TRUE(world_.commit(again));
}

TEST_F(ResealTest, AReplayedGuardedRowIsNotSealedAnewButStopsTheWork) {
  put_counters(3);
  const store::Key key = rows::row_key<CounterRow>(kTestRealm, to_bytes("c1"));
  const auto old = *world_.store->get(key);
  View view = world_.view();
  ASSERT_TRUE(view.put(counter("c1", 99)));
  ASSERT_TRUE(world_.commit(view));
  rotate();
  ask();
  auto batch = *world_.store->begin();
  ASSERT_TRUE(
      batch->apply({.checks = {}, .puts = {{key, old->revision, old->blob, {}}}, .erases = {}}));
  ASSERT_TRUE(batch->commit());
  Reseal work = worker();
  Result<bool> outcome = true;
  for (int i = 0; i < 100 && (outcome || outcome.error().code == Code::conflict); ++i) {
    outcome = work.round();
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::corrupt);
  EXPECT_FALSE(progress().is_stated());
}

// With the embedded store: 20,000 rows usually, half a million with COFFER_LONG=1. The figure is in
// the test's properties.
class ManyRows : public ResealTest {
 protected:
  ManyRows() {
    std::filesystem::create_directories(folder_);
    world_.committer.reset();
    world_.rows.reset();
    world_.store =
        TestWorld::value(store::open_sqlite_store({.path = (folder_ / "store.db").string()}));
    world_.restart();
  }

  ~ManyRows() override {
    world_.committer.reset();
    world_.rows.reset();
    world_.store.reset();
    std::filesystem::remove_all(folder_);
  }

  // Time passes for the work, so that there is a pace.
  const Clock& clock() override { return system_; }

  SystemClock system_;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("coffer-reseal-" + std::to_string(getpid()));
};

TEST_F(ManyRows, AreSealedAnewAtAPace) {
  const std::size_t count = std::getenv("COFFER_LONG") != nullptr ? 500'000 : 20'000;
  put_notes(count);
  rotate();
  ask();
  Reseal work = worker();
  const Duration began = system_.steady();
  finish(work);
  const Duration took = system_.steady() - began;
  EXPECT_TRUE(progress().is_stated());
  EXPECT_EQ(*progress().resealed, count);
  EXPECT_GT(progress().rate(), 0U);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  RecordProperty("rows_a_second_with_the_proof",
                 std::to_string(static_cast<std::int64_t>(count) * 1000 / (milliseconds + 1)));
  RecordProperty("rows_a_second", std::to_string(progress().rate()));
}

}  // namespace
}  // namespace coffer::work
