// A process that commits is killed at a random moment, many times: what it reported as committed is
// there, and nothing is half there. COFFER_LONG=1 does more rounds.
#include "store/sqlite/ledger.h"
#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace coffer::store::sqlite {
namespace {

// Commits from `next` on and writes each acknowledged sequence to the pipe, until killed.
[[noreturn]] void commit_until_killed(SqliteOptions options, std::uint64_t next, int report) {
  options.checkpoint = {.step_frames = 20, .restart_frames = 60};
  auto store = open_sqlite_store(std::move(options));
  while (store && commit_to_ledger(**store, next, std::to_string(next))) {
    if (write(report, &next, sizeof next) != sizeof next) break;
    ++next;
  }
  _exit(1);  // the parent sees that it was not the signal
}

// Runs a child for that long after its first commit; answers the last sequence it reported.
std::uint64_t kill_after(const TemporaryStore& file, std::uint64_t next, std::uint64_t micros) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) commit_until_killed(file.options(), next, ends[1]);
  close(ends[1]);
  std::uint64_t last = next - 1;
  const auto take = [&] { return read(ends[0], &last, sizeof last) == sizeof last; };
  EXPECT_TRUE(take());
  std::this_thread::sleep_for(std::chrono::microseconds(micros));
  kill(child, SIGKILL);
  while (take()) {
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return last;
}

TEST(SqliteCrash, KeepsWhatWasAcknowledgedBeforeTheKill) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "skipped: the thread sanitizer cannot follow a fork";
#endif
#endif
  const int rounds = std::getenv("COFFER_LONG") != nullptr ? 500 : 20;
  std::mt19937_64 random(std::random_device{}());
  const TemporaryStore file;
  std::uint64_t held = 0;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const std::uint64_t acknowledged = kill_after(file, held + 1, random() % 8000);
    auto store = file.open();
    ASSERT_TRUE(store);
    const auto ledger = read_ledger(*store);
    ASSERT_TRUE(ledger) << ledger.error().message;
    held = ledger->size();
    EXPECT_GE(held, acknowledged);
    EXPECT_LE(held, acknowledged + 1) << "one commit may have been under way";
    store.reset();
    EXPECT_EQ(integrity_of(file.path()), "ok");
  }
}

}  // namespace
}  // namespace coffer::store::sqlite
