// Every write, sync, truncate, open and delete fails in turn: nothing acknowledged is lost, nothing
// is half there, and the store stays usable.
#include "store/sqlite/faulty_vfs.h"
#include "store/sqlite/ledger.h"
#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::store::sqlite {
namespace {

constexpr int kAttempts = 4;

struct Kind {
  Fault fault;
  Lasting lasting;
};

// What one run under a fault was told.
struct Outcome {
  std::vector<std::string> acknowledged;
  bool opened = false;
  bool failed = false;
};

SqliteOptions faulty_options(const TemporaryStore& file, const FaultyVfs& vfs) {
  SqliteOptions options = file.options();
  options.vfs = vfs.name();
  options.checkpoint = {.step_frames = 8, .restart_frames = 16};  // checkpoints fail too
  options.busy_timeout_ms = 50;
  return options;
}

// While a store runs it shows exactly what it acknowledged.
void expect_acknowledged(const Store& store, const std::vector<std::string>& acknowledged) {
  const auto held = read_ledger(store);
  if (held) {
    EXPECT_EQ(*held, acknowledged);
  } else {
    EXPECT_EQ(held.error().code, Code::unavailable) << held.error().message;
  }
}

Outcome run_under_fault(const TemporaryStore& file, FaultyVfs& vfs, std::uint64_t n, Kind kind) {
  Outcome outcome;
  vfs.fail_at(n, kind.fault, kind.lasting);
  auto store = open_sqlite_store(faulty_options(file, vfs));
  outcome.opened = store.has_value();
  if (store) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const std::string text = "attempt" + std::to_string(attempt);
      const auto done = commit_to_ledger(**store, outcome.acknowledged.size() + 1, text);
      if (done) {
        outcome.acknowledged.push_back(text);
      } else {
        EXPECT_EQ(done.error().code, Code::unavailable) << done.error().message;
        expect_acknowledged(**store, outcome.acknowledged);
      }
    }
    store->reset();
  } else {
    EXPECT_EQ(store.error().code, Code::unavailable) << store.error().message;
  }
  outcome.failed = vfs.has_failed();
  vfs.heal();
  return outcome;
}

void expect_kept(const TemporaryStore& file, const Outcome& outcome) {
  auto store = file.open();
  ASSERT_TRUE(store);
  const auto held = read_ledger(*store);
  ASSERT_TRUE(held) << held.error().message;
  const auto& told = outcome.acknowledged;
  // One more than told: a commit whose sync failed, and that recovery found whole.
  ASSERT_GE(held->size(), told.size());
  ASSERT_LE(held->size(), told.size() + 1);
  EXPECT_TRUE(std::equal(told.begin(), told.end(), held->begin()));
  EXPECT_TRUE(commit_to_ledger(*store, held->size() + 1, "after"));
  store.reset();
  EXPECT_EQ(integrity_of(file.path()), "ok");
}

class SqliteFault : public testing::TestWithParam<Kind> {};

TEST_P(SqliteFault, LosesNothingAcknowledgedWhicheverCallFails) {
  FaultyVfs vfs("faulty");
  std::uint64_t n = 1;
  for (bool failed = true; failed && !HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const TemporaryStore file;
    const Outcome outcome = run_under_fault(file, vfs, n, GetParam());
    if (GetParam().lasting == Lasting::once && outcome.opened) {
      EXPECT_GE(outcome.acknowledged.size() + 1, std::size_t{kAttempts})
          << "after one fault the store goes on";
    }
    expect_kept(file, outcome);
    failed = outcome.failed;
  }
  EXPECT_GT(n, 20U) << "the faults were not met";
  RecordProperty("calls", std::to_string(n));
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         SqliteFault,
                         testing::Values(Kind{Fault::io_error, Lasting::once},
                                         Kind{Fault::disk_full, Lasting::once},
                                         Kind{Fault::io_error, Lasting::from_then_on},
                                         Kind{Fault::disk_full, Lasting::from_then_on}));

TEST(SqliteFault, SaysDiskFullPlainlyAndRecovers) {
  FaultyVfs vfs("full");
  const TemporaryStore file;
  const auto store = open_sqlite_store(faulty_options(file, vfs)).value();
  ASSERT_TRUE(commit_to_ledger(*store, 1, "one"));
  vfs.fail_at(1, Fault::disk_full, Lasting::from_then_on);
  const auto full = commit_to_ledger(*store, 2, "two");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error(), (Error{Code::unavailable, "the disk of the store is full"}));
  vfs.heal();
  expect_acknowledged(*store, {"one"});
  EXPECT_TRUE(commit_to_ledger(*store, 2, "three"));
}

}  // namespace
}  // namespace coffer::store::sqlite
