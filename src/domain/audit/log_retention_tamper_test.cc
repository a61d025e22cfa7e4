// What the owner of the disk can do to a store whose log begins later, and by what it is named.
#include "domain/audit/retention_world.h"
#include "domain/audit/store_filler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace coffer::domain {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Logs = RetentionWorld::LogRecords;

// What verification says of the store's rows beside other logs.
std::vector<std::string> findings_with(RetentionWorld& world, const Logs& logs) {
  std::vector<std::string> out;
  StoreVerifier verifier(*world.sample.world.keyring,
                         world.sample.world.committer->head(),
                         [&out](const TamperFinding& finding) -> Result<> {
                           out.push_back(finding.table + " " + finding.key + ": " + finding.what);
                           return {};
                         });
  for (const auto& [log, records] : logs) {
    std::uint64_t number = 0;
    for (const Bytes& record : records) {
      SampleStore::check(verifier.record(log, {++number, record}));
    }
  }
  SampleStore::check(
      world.store().visit({[](store::LogId, const store::LogRecord&) { return Result<>(); },
                           [&](const store::Put& row) { return verifier.row(row); }}));
  SampleStore::check(verifier.finish());
  return out;
}

struct Dropped {
  Dropped() {
    world.drop_two_months();
    logs = world.logs();
  }

  std::vector<Bytes>& ledger() { return logs.at(rows::kLedgerLog); }

  std::vector<Bytes>& log() { return logs.at(rows::kAuditLog); }

  [[nodiscard]] std::vector<std::string> findings() { return findings_with(world, logs); }

  RetentionWorld world;
  Logs logs;
};

TEST(CutLog, HoldsAsItIs) {
  Dropped dropped;
  EXPECT_THAT(dropped.findings(), IsEmpty());
}

TEST(CutLog, IsNamedWhereOneRecordMoreIsDropped) {
  Dropped dropped;
  dropped.log().erase(dropped.log().begin());
  EXPECT_THAT(dropped.findings(), ElementsAre(HasSubstr("audit log event 1: sequence gap")));
}

TEST(CutLog, IsNamedWithoutItsLedger) {
  Dropped dropped;
  dropped.logs.erase(rows::kLedgerLog);
  EXPECT_THAT(dropped.findings(), ElementsAre(HasSubstr("audit log event 1: sequence gap")));
}

TEST(CutLog, IsNamedWhateverOctetOfItsLedgerIsEdited) {
  Dropped dropped;
  const Bytes original = dropped.ledger().at(0);
  for (std::size_t at = 0; at < original.size(); ++at) {
    dropped.ledger().at(0) = original;
    dropped.ledger().at(0).at(at) ^= 1;
    EXPECT_THAT(dropped.findings(), Contains(HasSubstr("audit log event"))) << at;
  }
}

// The ledgers that the server wrote on its way, as a copy of an older disk has them.
std::vector<Bytes> older_ledgers() {
  RetentionWorld world;
  world.write_at("2023-12-01T00:00:00Z", "december");
  world.write_at("2024-01-05T00:00:00Z", "january");
  world.write_at("2024-02-05T00:00:00Z", "february");
  world.write_at("2024-02-14T00:00:00Z", "february");
  SampleStore::check(world.settle());
  return world.logs().at(rows::kLedgerLog);
}

TEST(CutLog, IsNamedWithALedgerOfAnotherMonthOrServer) {
  Dropped dropped;
  dropped.ledger() = older_ledgers();
  EXPECT_THAT(dropped.findings(), ElementsAre(HasSubstr("audit log event 1: sequence gap")));
}

// Who can write can make a ledger of any content at any head that the server signed: but the log
// does not say so.
TEST(CutLog, IsNamedWhereItIsCutAtAHeadThatNoEventStates) {
  Dropped dropped;
  const auto head = proof::batch_head(dropped.log().at(0)).value();
  dropped.log().erase(dropped.log().begin());
  dropped.ledger().clear();
  ASSERT_TRUE(proof::write_ledger({}, head, [&](std::uint32_t, ByteView record) -> Result<> {
    dropped.ledger().push_back(to_bytes(record));
    return {};
  }));
  EXPECT_THAT(dropped.findings(),
              ElementsAre(HasSubstr("audit log event 9: the log begins here, and no event says")));
}

TEST(CutLog, IsNamedWithALedgerOfOtherRowsAtTheRightHead) {
  Dropped dropped;
  const auto head = proof::read_ledger_part(dropped.ledger().at(0)).value().head;
  dropped.ledger().clear();
  ASSERT_TRUE(proof::write_ledger({}, head, [&](std::uint32_t, ByteView record) -> Result<> {
    dropped.ledger().push_back(to_bytes(record));
    return {};
  }));
  EXPECT_THAT(dropped.findings(),
              ElementsAre(HasSubstr("audit log event 8: the log begins here, and no event says")));
}

TEST(CutLog, ToleratesALedgerThatWasBrokenOffAndNamesWhatIsNone) {
  Dropped dropped;
  proof::RowLedger large;
  for (int i = 0; i < 40'000; ++i) large.put({30, 1, to_bytes(std::to_string(i))}, 1, {});
  const auto head = proof::batch_head(dropped.log().at(1)).value();
  ASSERT_TRUE(
      proof::write_ledger(large, head, [&](std::uint32_t part, ByteView record) -> Result<> {
        if (part == 1) dropped.ledger().push_back(to_bytes(record));
        return {};
      }));
  EXPECT_THAT(dropped.findings(), IsEmpty());
  dropped.ledger().push_back(to_bytes("nonsense"));
  EXPECT_THAT(dropped.findings(), ElementsAre(HasSubstr("ledger log record 3")));
}

// Rows whose last change lay in a part of the log that is gone.
TEST(CutLog, NamesAnEditedAReplayedADeletedAndAnInventedRow) {
  RetentionWorld world;
  const store::Put older = world.sample.read(SampleStore::key("alpha"));
  world.sample.write("alpha", "newer");
  const store::Put erased_later = world.sample.read(SampleStore::key("alpha"));
  world.drop_two_months();
  ASSERT_GT(world.begins(), 7U);
  ASSERT_THAT(world.findings(), IsEmpty());

  world.sample.tamper(older);
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings alpha: replayed")));
  store::Put edited = erased_later;
  edited.blob.back() ^= 1;
  world.sample.tamper(edited);
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings alpha: edited")));
  world.sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings alpha: deleted")));
  world.sample.tamper(erased_later);
  EXPECT_THAT(world.findings(), IsEmpty());
  store::Put invented = erased_later;
  invented.key = SampleStore::key("invented");
  world.sample.tamper(invented);
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings invented: unknown")));
}

TEST(CutLog, KnowsRowsThatWereErasedBehindTheCut) {
  RetentionWorld world;
  const store::Put before = world.sample.read(SampleStore::key("alpha"));
  world.drop_two_months();
  work::View view = world.sample.world.view();
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("alpha")));
  ASSERT_TRUE(world.sample.world.commit(view));
  EXPECT_THAT(world.findings(), IsEmpty());
  world.sample.tamper(before);
  EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("settings alpha: unknown")));
}

TEST(CutLog, HoldsInAStoreThatWasFilledFromACopy) {
  Dropped dropped;
  const auto copy = store::make_memory_store();
  StoreFiller filler(*copy);
  ASSERT_TRUE(dropped.world.store().visit(
      {[&](store::LogId log, const store::LogRecord& record) { return filler.record(log, record); },
       [&](const store::Put& row) { return filler.row(row); }}));
  ASSERT_TRUE(filler.finish());
  EXPECT_EQ(copy->read_log(rows::kAuditLog, 0, 1).value().at(0).sequence, 1U);

  // The server goes on there: its next month is archived, and dropped.
  auto& parts = dropped.world.sample.world;
  const auto rows =
      work::TestWorld::value(rows::Rows::open(*copy, parts.keyring, std::size_t{1} << 20U));
  const auto committer = work::TestWorld::value(work::Committer::start(*copy, *rows, parts.clock));
  dropped.world.at("2025-01-01T00:00:00Z");
  LogRetention retention(
      *copy, *committer, *rows, parts.clock, *parts.random, dropped.world.plan(), "another node");
  for (bool more = true; more;) {
    const auto done = retention.round();
    ASSERT_TRUE(done) << done.error().message;
    more = *done;
    parts.clock.advance(std::chrono::milliseconds(1));
  }
  std::vector<std::string> findings;
  const auto summary = verify_store(*rows,
                                    committer->head(),
                                    {[&](const TamperFinding& finding) -> Result<> {
                                       findings.push_back(finding.key + finding.what);
                                       return {};
                                     },
                                     [](const VerifySummary&) { return Result<>(); }});
  ASSERT_TRUE(summary);
  EXPECT_THAT(findings, IsEmpty());
  EXPECT_GT(summary->first, 8U);
}

}  // namespace
}  // namespace coffer::domain
