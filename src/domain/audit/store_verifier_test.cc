#include "domain/audit/store_verifier.h"

#include "domain/audit/sample_store.h"
#include "domain/auth/lockouts.h"
#include "domain/auth/secret_ids.h"
#include "domain/auth/token_row.h"
#include "domain/auth/wraps.h"
#include "domain/identity/identity.h"
#include "domain/parameters/parameter_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Outcome {
  VerifySummary summary;
  std::vector<std::string> findings;  // "settings beta: edited: …"
};

Outcome verify(
    const SampleStore& sample,
    const std::optional<proof::SignedHead>& witness,
    const std::function<Result<>(const VerifySummary&)>& progress = [](const VerifySummary&) {
      return Result<>();
    }) {
  Outcome outcome;
  const auto report = [&outcome](const TamperFinding& finding) -> Result<> {
    outcome.findings.push_back(finding.table + " " + finding.key + ": " + finding.what);
    return {};
  };
  outcome.summary =
      work::TestWorld::value(verify_store(*sample.world.rows, witness, {report, progress}));
  return outcome;
}

Outcome verify(const SampleStore& sample) {
  return verify(sample, sample.world.committer->head());
}

TEST(StoreVerifier, FindsNothingInAStoreLeftAlone) {
  const SampleStore sample;
  const Outcome outcome = verify(sample);
  EXPECT_THAT(outcome.findings, IsEmpty());
  EXPECT_EQ(outcome.summary.findings, 0U);
  EXPECT_EQ(outcome.summary.rows, 4U);  // alpha, beta and the two of the seal
  EXPECT_EQ(outcome.summary.events, 6U);
  EXPECT_EQ(outcome.summary.head, sample.world.committer->head());
}

TEST(StoreVerifier, FindsNothingAfterRotationAndRekey) {
  SampleStore sample;
  const auto rotated =
      work::TestWorld::value(sample.world.keyring->rotated(sample.world.clock.now()));
  work::View view = sample.world.view();
  view.stage_raw(keys::keyring_row(
      *rotated, sample.seal.root.view(), (std::uint64_t{1} << 32U) + 1, *sample.world.random));
  SampleStore::check(sample.world.commit(view));
  EXPECT_THAT(verify(sample).findings, IsEmpty());
}

TEST(StoreVerifier, NamesARowWithAnEditedOctetWhereverItLies) {
  const std::size_t size = SampleStore().read(SampleStore::key("alpha")).blob.size();
  for (std::size_t at = 0; at < size; ++at) {
    SampleStore sample;
    store::Put row = sample.read(SampleStore::key("alpha"));
    row.blob.at(at) ^= 1;
    sample.tamper(row);
    EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("settings alpha: edited")))
        << "octet " << at;
  }
}

TEST(StoreVerifier, NamesRowsWhoseBlobsWereSwapped) {
  SampleStore sample;
  store::Put alpha = sample.read(SampleStore::key("alpha"));
  store::Put beta = sample.read(SampleStore::key("beta"));
  std::swap(alpha.blob, beta.blob);
  sample.tamper({{}, {alpha, beta}, {}});
  EXPECT_THAT(verify(sample).findings,
              ElementsAre(HasSubstr("settings alpha: edited"), HasSubstr("settings beta: edited")));
}

TEST(StoreVerifier, NamesARowPutBackInAnOlderState) {
  SampleStore sample;
  const store::Put older = sample.read(SampleStore::key("alpha"));
  sample.write("alpha", "newer");
  sample.tamper(older);
  EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("settings alpha: replayed")));
}

TEST(StoreVerifier, NamesAnOldBlobUnderTheNewRevision) {
  SampleStore sample;
  store::Put older = sample.read(SampleStore::key("alpha"));
  sample.write("alpha", "newer");
  older.revision = sample.read(SampleStore::key("alpha")).revision;
  sample.tamper(older);
  EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("settings alpha: edited")));
}

TEST(StoreVerifier, NamesADeletedRow) {
  SampleStore sample;
  sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("settings alpha: deleted")));
}

TEST(StoreVerifier, NamesAnErasedRowPutBackAndAForeignOne) {
  SampleStore sample;
  sample.write("delta", "text");
  const store::Put delta = sample.read(SampleStore::key("delta"));
  work::View view = sample.world.view();
  SampleStore::check(view.erase<NoteRow>(to_bytes("delta")));
  SampleStore::check(sample.world.commit(view));
  store::Put foreign = sample.read(SampleStore::key("alpha"));
  foreign.key.table = store::TableId(77);
  sample.tamper({{}, {delta, foreign}, {}});
  EXPECT_THAT(
      verify(sample).findings,
      ElementsAre(HasSubstr("settings delta: unknown"), HasSubstr("table 77 alpha: unknown")));
}

TEST(StoreVerifier, NamesAnyEditOfTheSealRecords) {
  for (const char* name : {"seal", "keyring"}) {
    SampleStore sample;
    const store::Put original = sample.read(SampleStore::seal_key(name));
    for (std::size_t at = 0; at < original.blob.size(); ++at) {
      store::Put row = original;
      row.blob.at(at) ^= 0x80;
      sample.tamper(row);
      EXPECT_THAT(verify(sample).findings,
                  ElementsAre(HasSubstr("seal " + std::string(name) + ": edited")))
          << name << " octet " << at;
    }
  }
}

TEST(StoreVerifier, NamesARowWhoseIndexEntriesAreNotItsOwn) {
  SampleStore sample;
  work::View view = sample.world.view();
  EntityRow entity;
  entity.id = std::string("0a");
  entity.name = std::string("billing");
  const auto entries = entity.index();
  SampleStore::check(view.put(entity));
  SampleStore::check(sample.world.commit(view));
  EXPECT_THAT(verify(sample).findings, IsEmpty());

  store::Put row = sample.read({EntityRow::kTable.id, work::kTestRealm, to_bytes("0a")});
  row.index = entries;
  row.index.push_back({store::IndexId(9), to_bytes("admin")});
  sample.tamper(row);
  EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("entities 0a: edited: its index")));

  store::Put note = sample.read(SampleStore::key("alpha"));
  note.index = {{store::IndexId(9), to_bytes("admin")}};
  row.index = entries;
  sample.tamper({{}, {row, note}, {}});
  EXPECT_THAT(verify(sample).findings, ElementsAre(HasSubstr("settings alpha: edited: its index")));
}

// A row of each indexed type, as the server writes it.
TEST(StoreVerifier, KnowsTheIndexOfEveryTable) {
  SampleStore sample;
  work::View view = sample.world.view();
  TokenRow token;
  token.id = Bytes(32, 7);
  token.parent->id = Bytes(32, 8);
  token.expires = std::optional(Timestamp{9});
  SecretIdRow secret_id;
  secret_id.digest = Bytes(32, 6);
  secret_id.accessor = std::string("accessor");
  LockoutRow lockout;
  lockout.name = std::string("bob");
  WrapRow wrap;
  wrap.id = Bytes(32, 9);
  wrap.accessor = std::string("of the wrap");
  wrap.response = secure::SecureText("answer");
  EntityRow entity;
  entity.id = std::string("0b");
  entity.name = std::string("ledger");
  SampleStore::check(view.put(token));
  SampleStore::check(view.put(secret_id));
  SampleStore::check(view.put(lockout));
  SampleStore::check(view.put(std::move(wrap)));
  ParameterRow parameter;
  parameter.path = std::string("a/b");
  parameter.expires = std::optional(Timestamp{9});
  SampleStore::check(view.put(entity));
  SampleStore::check(view.put(parameter));
  SampleStore::check(sample.world.commit(view));
  EXPECT_THAT(verify(sample).findings, IsEmpty());
}

TEST(StoreVerifier, NamesALogThatEndsBeforeTheWitness) {
  const SampleStore sample;
  proof::Head later = sample.world.committer->head()->head;
  later.sequence = 9;
  const auto witness =
      work::TestWorld::value(proof::sign_head(later, sample.world.keyring->audit_key()));
  EXPECT_THAT(verify(sample, witness).findings,
              ElementsAre(HasSubstr("audit log event 7: missing")));
}

TEST(StoreVerifier, NamesTheFirstWrongEventAndStillAuthenticatesRows) {
  SampleStore sample;
  // A log is append-only: what follows the last record does not link to it.
  const auto last = work::TestWorld::value(sample.world.store->last_record(rows::kAuditLog));
  const auto batch = work::TestWorld::value(sample.world.store->begin());
  SampleStore::check(batch->append(rows::kAuditLog, last->sequence + 1, last->record));
  SampleStore::check(batch->commit());
  store::Put row = sample.read(SampleStore::key("beta"));
  row.blob.back() ^= 1;
  sample.tamper(row);
  sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  EXPECT_THAT(verify(sample).findings,
              ElementsAre(HasSubstr("audit log event "), HasSubstr("settings beta: edited")));
}

TEST(StoreVerifier, StopsWhenTheReportFails) {
  SampleStore sample;
  sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  const auto stop = [](const TamperFinding&) { return Result<>(fail(Code::unavailable, "gone")); };
  const auto result = verify_store(
      *sample.world.rows, std::nullopt, {stop, [](const VerifySummary&) { return Result<>(); }});
  EXPECT_EQ(result.error().message, "gone");
}

TEST(PrintableKey, EscapesWhatIsNotTextAndShowsBinaryInHex) {
  EXPECT_EQ(printable_key(as_bytes("team/a b")), "team/a b");
  EXPECT_EQ(printable_key(as_bytes(std::string_view("mount\0path\\", 11))), "mount\\x00path\\x5c");
  EXPECT_EQ(printable_key(Bytes{0x00, 0x61, 0xff, 0x80}), "0061ff80");
}

}  // namespace
}  // namespace coffer::domain
