#include "domain/audit/log_retention.h"

#include "base/encoding.h"
#include "domain/audit/audit_reader.h"
#include "domain/audit/ledger_log.h"
#include "domain/audit/retention_world.h"
#include "work/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(LogRetention, ClosesNothingWhileTheMonthLasts) {
  RetentionWorld world;
  world.write_at("2023-11-30T23:59:59.9Z", "late");
  EXPECT_FALSE(world.round().value());
  EXPECT_EQ(world.text(), "");
}

TEST(LogRetention, ClosesAMonthThatIsOverAlsoWithoutEventsOfTheNext) {
  RetentionWorld world;
  world.at("2023-12-01T00:00:00Z");
  EXPECT_TRUE(world.round({}).value());
  EXPECT_FALSE(world.round({}).value());
  EXPECT_EQ(world.text(), "2023-11 1-6 closed");
  const PartitionRow row = world.partitions().at(0);
  const auto head = proof::parse_head(*row.head).value();
  EXPECT_EQ(head.head.sequence, 6U);
  EXPECT_TRUE(proof::verify_head(head, world.sample.world.keyring->audit_key().public_key()));
}

TEST(LogRetention, CutsBetweenTheLastRecordOfOneMonthAndTheFirstOfTheNext) {
  RetentionWorld world;
  for (int day = 15; day < 31; ++day) {
    world.write_at("2023-11-" + std::to_string(day) + "T00:00:00Z", "n");
  }
  world.write_at("2023-11-30T23:59:59.998Z", "n");
  world.write_at("2023-12-01T00:00:00Z", "d");
  for (int day = 10; day < 31; ++day) {
    world.write_at("2023-12-" + std::to_string(day) + "T00:00:00Z", "d");
  }
  world.write_at("2024-01-01T00:00:00Z", "j");
  ASSERT_TRUE(world.settle({}));
  EXPECT_EQ(world.text(), "2023-11 1-23 closed, 2023-12 24-45 closed");
}

TEST(LogRetention, KnowsLeapYearsAndMonthsWithoutEvents) {
  RetentionWorld world;
  world.write_at("2024-02-29T23:59:59Z", "leap");
  world.write_at("2024-03-01T00:00:00Z", "march");
  world.write_at("2024-06-01T00:00:00Z", "june");
  ASSERT_TRUE(world.settle({}));
  EXPECT_EQ(world.text(), "2023-11 1-6 closed, 2024-02 7-7 closed, 2024-03 8-8 closed");
}

TEST(LogRetention, FixesWhatItFoundWhereTheClockWasSetBackAMonth) {
  RetentionWorld world;
  world.write_at("2023-12-05T00:00:00Z", "december");
  world.write_at("2023-11-05T00:00:00Z", "november again");
  world.write_at("2023-12-06T00:00:00Z", "december");
  world.write_at("2024-01-06T00:00:00Z", "january");
  ASSERT_TRUE(world.settle({}));
  const std::string found = world.text();
  // One run, each part of one month at its ends; which cut is taken is not promised.
  EXPECT_THAT(found, testing::StartsWith("2023-11 1-"));
  EXPECT_EQ(*world.partitions().back().last, 9U);
  world.write_at("2024-01-07T00:00:00Z", "january");
  ASSERT_TRUE(world.settle({}));
  EXPECT_EQ(world.text(), found) << "what was found stays";
  ASSERT_TRUE(world.settle({.archive = &world.archive}));
  EXPECT_THAT(world.archive.files, SizeIs(world.partitions().size()));
}

// A clock that ran years ahead for an hour must not keep the log for years.
TEST(LogRetention, CountsTheAgeOfAMonthInTheFutureFromWhenItWasFound) {
  RetentionWorld world;
  world.write_at("2030-01-01T00:00:00Z", "ahead");
  world.write_at("2023-12-06T00:00:00Z", "december");
  ASSERT_TRUE(world.settle());
  EXPECT_EQ(world.text(), "2023-11 1-6 archived, 2030-01 7-7 archived");
  world.write_at("2024-03-05T00:00:00Z", "later");
  world.at("2024-03-05T00:00:00Z");
  ASSERT_TRUE(world.settle());
  EXPECT_THAT(world.text(), testing::StartsWith("2023-11 1-6 dropped, 2030-01 7-7 dropped,"));
}

TEST(LogRetention, ArchivesFilesThatVerifyEachBehindTheOther) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  world.write_at("2024-01-05T00:00:00Z", "january");
  ASSERT_TRUE(world.settle({.archive = &world.archive}));
  EXPECT_EQ(world.text(), "2023-11 1-6 archived, 2023-12 7-7 archived");
  ASSERT_THAT(world.archive.files, SizeIs(2));
  std::optional<proof::SignedHead> start;
  for (const PartitionRow& row : world.partitions()) {
    const Bytes& file = world.archive.files.at(*row.file);
    EXPECT_EQ(to_bytes(crypto::sha256(file)), *row.sha256);
    EXPECT_EQ(file.size(), *row.octets);
    auto reader = proof::ExportReader::open(source_over(file)).value();
    EXPECT_EQ(reader.start(), start);
    start = proof::parse_head(*row.head).value();
    proof::Verifier verifier(
        world.sample.world.keyring->audit_key().public_key(), start, reader.start());
    EXPECT_TRUE(
        proof::verify_export(reader, verifier, [](const proof::Event&) { return Result<>(); }));
  }
  EXPECT_EQ(world.begins(), 1U) << "nothing is dropped where everything is kept";
}

TEST(LogRetention, DropsWhatIsArchivedAndOldEnough) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  world.at("2024-02-12T00:00:00Z");
  ASSERT_TRUE(world.settle());
  EXPECT_EQ(world.begins(), 1U) << "its last event is 89 days old";
  world.at("2024-02-13T00:00:00Z");
  ASSERT_TRUE(world.settle());
  EXPECT_EQ(world.begins(), 7U);
  EXPECT_THAT(world.text(), testing::StartsWith("2023-11 1-6 dropped, 2023-12 7-"));
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(LogRetention, DropsNothingWithoutAnArchiveOrWhereAllIsKept) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  world.at("2025-01-01T00:00:00Z");
  ASSERT_TRUE(world.settle({.keep = RetentionWorld::kKeep}));
  ASSERT_TRUE(world.settle({.archive = &world.archive}));
  EXPECT_EQ(world.begins(), 1U);
  EXPECT_THAT(world.text(), testing::Not(HasSubstr("dropped")));
}

TEST(LogRetention, KeepsOneLedgerAndSaysInTheLogWhatItDid) {
  RetentionWorld world;
  world.drop_two_months();
  EXPECT_THAT(world.text(), testing::StartsWith("2023-11 1-6 dropped, 2023-12 7-7 dropped, 2024-"));
  EXPECT_EQ(world.begins(), 8U);
  EXPECT_THAT(world.findings(), IsEmpty());
  EXPECT_THAT(world.logs().at(rows::kLedgerLog), SizeIs(1));
  const PartitionRow december = world.partitions().at(1);
  const auto dropped =
      AuditReader(world.store())
          .search(proof::parse_filter({{std::pair<std::string, std::string>(
                                          "type", "system.audit_partition_dropped")}})
                      .value(),
                  0,
                  100)
          .value();
  ASSERT_THAT(dropped.events, SizeIs(2));
  const auto drop = proof::read_drop(dropped.events.at(1)).value();
  EXPECT_EQ(drop.month, "2023-12");
  EXPECT_EQ(drop.first, 7U);
  EXPECT_EQ(drop.last, 7U);
  EXPECT_EQ(proof::head_text(drop.head), *december.head);
  EXPECT_EQ(to_bytes(drop.archive), *december.sha256);
  EXPECT_EQ(to_bytes(drop.ledger), *december.ledger);
  EXPECT_EQ(log_start(world.store()).value(), drop.head);
}

TEST(LogRetention, LetsTheServerStartAgainOnALogThatBeginsLater) {
  RetentionWorld world;
  world.drop_two_months();
  world.sample.world.restart();
  world.sample.write("alpha", "after the restart");
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(LogRetention, RefusesToDropWhatIsMissingOrEditedInTheArchive) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  ASSERT_TRUE(world.settle());
  world.at("2025-01-01T00:00:00Z");
  ASSERT_TRUE(world.settle({.archive = &world.archive}));
  const auto files = world.archive.files;
  const std::string name = *world.partitions().at(0).file;
  for (const bool removed : {true, false}) {
    world.archive.files = files;
    if (removed) {
      world.archive.files.erase(name);
    } else {
      world.archive.files.at(name).at(700) ^= 1;
    }
    const auto done = world.settle();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::corrupt);
    EXPECT_THAT(done.error().message, HasSubstr(name));
    EXPECT_EQ(world.begins(), 1U);
    EXPECT_THAT(world.text(), testing::Not(HasSubstr("dropped")));
  }
  world.archive.files = files;
  EXPECT_TRUE(world.settle());
  EXPECT_GT(world.begins(), 1U);
}

TEST(LogRetention, TakesNoFileOfThatNameThatLacksTheEnd) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  ASSERT_TRUE(world.settle({}));
  Bytes file;
  const auto sink = [&file](ByteView octets) -> Result<> {
    append(file, octets);
    return {};
  };
  auto writer = proof::ExportWriter::begin(sink, std::nullopt).value();
  const auto logs = world.logs();
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(writer.add(logs.at(rows::kAuditLog).at(i)));
  }
  const Bytes& log_id = world.sample.world.keyring->log_id();
  const std::string name = "audit-" + hex_encode(ByteView(log_id).first(4)) + "-2023-11-1-6.export";
  world.archive.files[name] = file;
  const auto done = world.settle();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("event 6: missing"));
  EXPECT_EQ(world.archive.files.at(name), file) << "nor is it replaced";
  world.archive.files.clear();
  EXPECT_TRUE(world.settle());
}

TEST(LogRetention, LooksAtTheArchiveOnceMoreRightBeforeItRemoves) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  ASSERT_TRUE(world.settle());
  world.at("2024-03-30T00:00:00Z");
  while (!world.text().contains("dropped")) ASSERT_TRUE(world.round());
  ASSERT_EQ(world.begins(), 1U) << "said, and not done yet";
  const auto files = world.archive.files;
  world.archive.files.clear();
  EXPECT_FALSE(world.settle());
  EXPECT_EQ(world.begins(), 1U);
  EXPECT_THAT(world.findings(), IsEmpty());
  world.archive.files.insert(files.begin(), files.end());
  EXPECT_TRUE(world.settle());
  EXPECT_GT(world.begins(), 1U);
}

TEST(LogRetention, DropsNothingWhileTheDiskOfTheArchiveIsFull) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  world.at("2024-06-01T00:00:00Z");
  world.archive.full = true;
  const auto full = world.settle();
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::unavailable);
  EXPECT_EQ(world.begins(), 1U);
  EXPECT_THAT(world.archive.files, IsEmpty());
  world.archive.full = false;
  EXPECT_TRUE(world.settle());
  EXPECT_GT(world.begins(), 1U);
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(LogRetention, ArchivesNothingOfALogThatWasEdited) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  ASSERT_TRUE(world.settle({}));
  // The same records with one octet changed, in a store that has nothing else.
  auto logs = world.logs();
  logs.at(rows::kAuditLog).at(2).at(100) ^= 1;
  auto edited = store::make_memory_store();
  {
    const auto batch = work::TestWorld::value(edited->begin());
    std::uint64_t number = 0;
    for (const Bytes& record : logs.at(rows::kAuditLog)) {
      ASSERT_TRUE(batch->append(rows::kAuditLog, ++number, record));
    }
    ASSERT_TRUE(batch->commit());
  }
  auto& parts = world.sample.world;
  LogRetention retention(
      *edited, *parts.committer, *parts.rows, parts.clock, *parts.random, world.plan(), "a node");
  const auto done = retention.round();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::corrupt);
  EXPECT_THAT(world.archive.files, IsEmpty());
}

TEST(LogRetention, EndsLongWorkWhenTheServerStops) {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  ASSERT_TRUE(world.round({}).value());
  RetentionPlan plan = world.plan();
  plan.stopping = [] { return true; };
  EXPECT_EQ(world.round(plan).error().code, Code::sealed);
  EXPECT_THAT(world.archive.files, IsEmpty());
  EXPECT_TRUE(world.settle());
}

TEST(LogRetention, LeavesTheWorkToWhoHoldsTheJob) {
  RetentionWorld world;
  world.at("2023-12-01T00:00:00Z");
  auto& parts = world.sample.world;
  ASSERT_TRUE(world.round({}).value());
  world.at("2024-01-01T00:00:00Z");
  work::View view = parts.view();
  ASSERT_TRUE(work::claim_job(view, "audit log", "another", std::chrono::minutes(9)));
  ASSERT_TRUE(parts.commit(view));
  world.at("2024-01-01T00:05:00Z");
  EXPECT_FALSE(world.round({}).value());
  world.at("2024-01-01T00:15:00Z");
  EXPECT_TRUE(world.round({}).value());
}

// Whatever is the last thing that a process does, the next one goes on from there.
TEST(LogRetention, GoesOnAfterACrashAtEachStep) {
  for (const bool done_first : {false, true}) {
    for (int step = 0;; ++step) {
      RetentionWorld world;
      world.write_at("2023-12-01T00:00:00Z", "december");
      world.write_at("2024-01-05T00:00:00Z", "january");
      world.at("2024-05-01T00:00:00Z");
      world.faults.from(step, done_first);
      const Result<> done = world.settle();
      const bool struck = world.faults.struck();
      world.faults.heal();
      if (!struck) {
        EXPECT_TRUE(done);
        EXPECT_GE(step, 10) << "this many steps there were";
        break;
      }
      world.sample.world.restart();
      EXPECT_THAT(world.findings(), IsEmpty()) << "right after step " << step;
      ASSERT_TRUE(world.settle()) << step;
      EXPECT_EQ(world.text(), "2023-11 1-6 dropped, 2023-12 7-7 dropped, 2024-01 8-8 dropped")
          << step;
      EXPECT_EQ(world.begins(), 9U) << step;
      EXPECT_THAT(world.logs().at(rows::kLedgerLog), SizeIs(1)) << step;
      EXPECT_THAT(world.archive.files, SizeIs(3)) << step;
      EXPECT_THAT(world.findings(), IsEmpty()) << step;
      const auto replayed = world.sample.read(SampleStore::key("alpha"));
      world.sample.write("alpha", "newer");
      world.sample.tamper(replayed);
      EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings alpha: replayed"))) << step;
    }
  }
}

TEST(AuditReader, ShowsALogThatBeginsLater) {
  RetentionWorld world;
  world.drop_two_months();
  for (int i = 0; i < 70; ++i) world.sample.write("many", std::to_string(i));  // over a page
  const AuditReader reader(world.store());
  const auto all = reader.search({}, 0, 1000).value();
  ASSERT_FALSE(all.events.empty());
  EXPECT_EQ(all.events.front().sequence, 8U);
  for (std::size_t i = 0; i < all.events.size(); ++i) {
    EXPECT_EQ(all.events[i].sequence, 8 + i);
  }
  const auto newest = reader.tail({}, 1000).value();
  EXPECT_EQ(newest.events, all.events);
  EXPECT_EQ(reader.tail({}, 2).value().events.size(), 2U);
  EXPECT_EQ(reader.search({}, 3, 1).value().events.front().sequence, 8U);
}

TEST(AuditReader, LooksAtSoManyEventsAndNoMore) {
  RetentionWorld world;
  for (int i = 0; i < 40; ++i) world.sample.write("many", std::to_string(i));
  const auto all = AuditReader(world.store()).search({}, 0, 1000).value();
  EXPECT_FALSE(all.more);
  constexpr std::size_t kFew = 10;
  const AuditReader reader(world.store(), kFew);
  const auto first = reader.search({}, 0, 1000).value();
  EXPECT_THAT(first.events, SizeIs(kFew));
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.next, kFew);
  const std::vector<std::pair<std::string, std::string>> named{{"actor_name", "nobody"}};
  const proof::EventFilter nobody = proof::parse_filter(named).value();
  std::uint64_t after = 0;
  std::size_t calls = 0;
  for (bool more = true; more; ++calls) {
    const auto page = reader.search(nobody, after, 1000).value();
    EXPECT_THAT(page.events, IsEmpty());
    EXPECT_LE(page.next - after, kFew);
    after = page.next;
    more = page.more;
  }
  EXPECT_EQ(after, all.next);
  EXPECT_GE(calls, all.next / kFew);
  EXPECT_THAT(reader.tail(nobody, 5).value().events, IsEmpty());
  const auto last = reader.tail({}, 3).value();
  EXPECT_EQ(last.events.back(), all.events.back());
  EXPECT_FALSE(reader.search({}, std::numeric_limits<std::uint64_t>::max(), 5).value().more);
  const auto one = AuditReader(world.store()).search({}, 0, 1).value();
  EXPECT_TRUE(one.more) << "the page is full, and there is another event";
  EXPECT_FALSE(AuditReader(world.store()).search({}, all.next - 1, 1).value().more);
}

}  // namespace
}  // namespace coffer::domain
