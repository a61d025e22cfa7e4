// What Rows serves when somebody else writes into the store: nothing but what was committed last.
#include "rows/rows.h"

#include "rows/sample_row.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

namespace coffer::rows {
namespace {

constexpr store::RealmId kRealm{1};

// The same, in a table that is not guarded.
struct OpenRow {
  static constexpr TableSpec kTable = tables::kRevisions;
  static constexpr std::uint8_t kVersion = 1;
  Clear<std::string> name;
  Clear<std::uint64_t> count;
  static constexpr auto kMembers = std::tuple{&OpenRow::name, &OpenRow::count};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

static_assert(SampleRow::kTable.guard == Guard::yes && OpenRow::kTable.guard == Guard::no);

class RowsTest : public testing::Test {
 protected:
  RowsTest() { reopen(); }

  void reopen() { rows = Rows::open(*store, keyring, 1 << 20).value(); }

  static store::Key key(std::string_view name) {
    return row_key<SampleRow>(kRealm, to_bytes(name));
  }

  template <Row R>
  [[nodiscard]] store::Put put(const R& row, std::uint64_t revision) const {
    const store::Key at = row_key<R>(kRealm, row.key());
    return {at, revision, RowCodec<R>::seal(*keyring, {at, revision}, row), {}};
  }

  [[nodiscard]] store::Put sample(std::string_view name, std::uint64_t revision) const {
    return put(sample_row(std::string(name)), revision);
  }

  // Behind the back of Rows.
  void write(std::vector<store::Put> puts, std::vector<store::Key> erases = {}) const {
    const auto batch = store->begin().value();
    ASSERT_TRUE(batch->apply({{}, std::move(puts), std::move(erases)}));
    ASSERT_TRUE(batch->commit());
  }

  template <Row R = SampleRow>
  [[nodiscard]] Change change(const store::Put& put) const {
    return {put.key,
            put.revision,
            RowCodec<R>::load(*keyring, {put.key, put.revision}, put.blob).value(),
            put.blob.size(),
            change_seal(put.key.table, put.blob)};
  }

  // As the committer does it.
  void commit(const store::Put& put) const {
    rows->begin_commit({change(put)});
    write({put});
    rows->applied({change(put)});
  }

  void commit_erase(const store::Key& at) const {
    rows->begin_commit({{.key = at}});
    write({}, {at});
    rows->applied({{.key = at}});
  }

  // The revision found, "absent", or the error.
  [[nodiscard]] std::string found(std::string_view name) const {
    const auto row = rows->find<SampleRow>(key(name));
    if (!row) return std::string(to_text(row.error().code));
    return *row ? std::to_string((*row)->revision) : "absent";
  }

  std::unique_ptr<crypto::Random> random = crypto::seeded_random(5);
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::shared_ptr<const keys::Keyring> keyring = keys::Keyring::create({}, *random).value();
  std::unique_ptr<Rows> rows;
};

TEST_F(RowsTest, FindsWhatWasCommittedAndKnowsItAfterReopening) {
  EXPECT_EQ(found("a"), "absent");
  EXPECT_FALSE(rows->has_guarded());
  commit(sample("a", 5));
  EXPECT_EQ(found("a"), "5");
  EXPECT_EQ(rows->revision(key("a")).value(), 5U);
  reopen();
  EXPECT_EQ(found("a"), "5");
  EXPECT_TRUE(rows->has_guarded());
  commit_erase(key("a"));
  EXPECT_EQ(found("a"), "absent");
  EXPECT_EQ(rows->revision(key("a")).value(), std::nullopt);
}

TEST_F(RowsTest, ServesTheCacheRightAfterACommit) {
  commit(sample("a", 5));
  const auto cached = rows->find<SampleRow>(key("a")).value();
  EXPECT_EQ(cached, rows->find<SampleRow>(key("a")).value()) << "the same object";
  commit(sample("a", 6));
  EXPECT_EQ(found("a"), "6");
  EXPECT_EQ(cached->revision, 5U) << "who holds the old one keeps it";
}

TEST_F(RowsTest, RefusesAGuardedRowThatWasEdited) {
  write({sample("a", 5)});
  reopen();
  store::Put edited = sample("a", 5);
  edited.blob[20] ^= 1;
  write({edited});
  EXPECT_EQ(found("a"), "corrupt");
  EXPECT_FALSE(Rows::open(*store, keyring, 1 << 20)) << "and is not loaded at unseal";
}

TEST_F(RowsTest, RefusesAGuardedRowThatWasPutBack) {
  const store::Put old = sample("a", 5);
  write({sample("a", 6)});
  reopen();
  write({old});
  EXPECT_EQ(found("a"), "corrupt");
  write({sample("a", 7)});
  EXPECT_EQ(found("a"), "corrupt") << "nor one from a copy of this server's future";
  EXPECT_EQ(rows->revision(key("a")).value(), 6U);
}

TEST_F(RowsTest, RefusesAGuardedRowThatWasDeleted) {
  write({sample("a", 5)});
  reopen();
  write({}, {key("a")});
  EXPECT_EQ(found("a"), "corrupt");
}

TEST_F(RowsTest, DoesNotSeeAGuardedRowThatWasInserted) {
  const store::Put revoked = sample("a", 5);
  commit(revoked);
  commit_erase(key("a"));
  write({revoked});
  EXPECT_EQ(found("a"), "absent");
  store::Put nothing = revoked;
  nothing.revision = 0;
  write({nothing});
  EXPECT_EQ(found("a"), "absent");
}

// While commits are under way nothing is excused but the rows that they change.
TEST_F(RowsTest, ExcusesOnlyTheRowsOfTheCommitUnderWay) {
  const store::Put revoked = sample("revoked", 5);
  commit(revoked);
  commit_erase(key("revoked"));
  for (const char* name : {"deleted", "put back", "changed"}) write({sample(name, 5)});
  reopen();
  const store::Put next = sample("changed", 6);
  rows->begin_commit({change(next)});
  write({revoked, sample("put back", 4)}, {key("deleted")});
  EXPECT_EQ(found("revoked"), "absent");
  EXPECT_EQ(found("deleted"), "corrupt");
  EXPECT_EQ(found("put back"), "corrupt");
  EXPECT_EQ(found("changed"), "5") << "not durable yet";
  reopen();  // forget the cache
}

TEST_F(RowsTest, ServesBothStatesInTheInstantBetweenCommitAndGuard) {
  write({sample("a", 5), sample("gone", 5)});
  reopen();
  const store::Put next = sample("a", 6);
  const std::vector<Change> changes{change(next), {.key = key("gone")}};
  rows->begin_commit(changes);
  EXPECT_EQ(rows->revision(key("a")).value(), 5U);
  write({next}, {key("gone")});
  EXPECT_EQ(found("a"), "6");
  EXPECT_EQ(found("gone"), "absent");
  rows->applied(changes);
  EXPECT_EQ(found("a"), "6");
  EXPECT_EQ(found("gone"), "absent");
}

TEST_F(RowsTest, KeepsNothingOfACommitThatFailed) {
  write({sample("a", 5)});
  reopen();
  const store::Put next = sample("a", 6);
  rows->begin_commit({change(next)});
  rows->abandoned({change(next)});
  EXPECT_EQ(found("a"), "5");
  write({next});
  reopen();
  EXPECT_EQ(found("a"), "6");
  write({sample("a", 5)});
  rows->begin_commit({change(sample("a", 7))});
  rows->abandoned({change(sample("a", 7))});
  EXPECT_EQ(found("a"), "corrupt");
}

TEST_F(RowsTest, FindsUnguardedRowsAsTheyAre) {
  OpenRow row;
  row.name = std::string("r");
  row.count = 1U;
  const store::Key at = row_key<OpenRow>(kRealm, row.key());
  write({put(row, 3)});
  EXPECT_EQ(rows->revision(at).value(), 3U);
  EXPECT_EQ(rows->find<OpenRow>(at).value()->revision, 3U);
  EXPECT_FALSE(rows->has_guarded());

  store::Put moved = put(row, 3);
  moved.revision = 4;  // an old blob under a new number
  write({moved});
  reopen();
  EXPECT_EQ(rows->find<OpenRow>(at).error().code, Code::corrupt);
}

TEST_F(RowsTest, KnowsTheDigestOfWhatIsStored) {
  const crypto::Digest empty = rows->digest();
  const store::Put first = sample("a", 5);
  const crypto::Digest coming = rows->begin_commit({change(first)});
  EXPECT_EQ(rows->digest(), empty) << "not durable yet";
  write({first});
  rows->applied({change(first)});
  EXPECT_EQ(rows->digest(), coming);
  reopen();
  EXPECT_EQ(rows->digest(), coming) << "from the store alone";

  rows->begin_commit({change(sample("b", 6)), {.key = key("a")}});
  rows->abandoned({});
  EXPECT_EQ(rows->digest(), coming);
  commit_erase(key("a"));
  EXPECT_EQ(rows->digest(), empty);
}

TEST_F(RowsTest, CountsEachChangeOfARowInACommit) {
  commit(sample("a", 5));
  const store::Put last = sample("a", 8);
  const std::vector<Change> changes{
      change(sample("a", 6)), {.key = key("a")}, change(sample("a", 7)), change(last)};
  const crypto::Digest coming = rows->begin_commit(changes);
  write({last});
  rows->applied(changes);
  EXPECT_EQ(found("a"), "8");
  reopen();
  EXPECT_EQ(rows->digest(), coming);
}

TEST_F(RowsTest, CountsTheRecordsOfTheSealAndNoUnguardedRow) {
  const crypto::Digest empty = rows->digest();
  OpenRow row;
  row.name = std::string("r");
  EXPECT_EQ(rows->begin_commit({change<OpenRow>(put(row, 3))}), empty);
  rows->abandoned({});
  const store::Key seal{store::TableId(1), store::RealmId(0), to_bytes("seal")};
  write({put(row, 3), {seal, 1, to_bytes("blob"), {}}});
  reopen();
  const crypto::Digest sealed = rows->digest();
  EXPECT_NE(sealed, empty);
  write({{seal, 1, to_bytes("blub"), {}}});
  reopen();
  EXPECT_NE(rows->digest(), sealed) << "its octets count";
}

TEST_F(RowsTest, OpensSealedMembersAfterARotation) {
  commit(sample("a", 5));
  rows->set_keyring(
      keys::Keyring::decode(keyring->encode().view(), *random).value()->rotated({}).value());
  const auto loaded = rows->find<SampleRow>(key("a")).value();
  EXPECT_EQ(rows->open(key("a"), *loaded).value().password->text(), "correct horse");
}

}  // namespace
}  // namespace coffer::rows
