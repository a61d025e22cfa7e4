#include "base/wire.h"
#include "domain/audit/backup_verifier.h"
#include "domain/audit/backup_writer.h"
#include "domain/audit/retention_world.h"
#include "domain/audit/sample_store.h"
#include "domain/audit/store_filler.h"
#include "store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Bytes backup_of(SampleStore& sample) {
  Bytes file;
  SampleStore::check(write_backup(*sample.world.store,
                                  *sample.world.keyring,
                                  sample.world.clock.now(),
                                  *sample.world.random,
                                  [&file](ByteView octets) -> Result<> {
                                    append(file, octets);
                                    return {};
                                  }));
  return file;
}

BackupSource source_of(ByteView file) {
  return [left = file](MutableBytes out) mutable -> Result<std::size_t> {
    const std::size_t taken = std::min(out.size(), left.size());
    std::copy_n(left.begin(), taken, out.begin());
    left = left.subspan(taken);
    return taken;
  };
}

Result<BackupEnd> check_signature(ByteView file, const crypto::PublicKey& key) {
  COFFER_TRY(BackupReader reader, BackupReader::open(source_of(file)));
  return verify_backup_signature(reader, key);
}

struct Opened {
  VerifySummary summary;
  std::vector<std::string> findings;
};

Result<Opened> open_backup(ByteView file,
                           const keys::Keyring& keyring,
                           const store::Store::Visitor& copy = no_copy(),
                           const std::optional<proof::SignedHead>& witness = std::nullopt) {
  Opened opened;
  const auto random = crypto::seeded_random(2);
  COFFER_TRY(BackupReader reader, BackupReader::open(source_of(file)));
  const auto report = [&opened](const TamperFinding& finding) -> Result<> {
    opened.findings.push_back(finding.table + " " + finding.key + ": " + finding.what);
    return {};
  };
  COFFER_TRY(opened.summary, verify_backup(reader, keyring, witness, *random, report, copy));
  return opened;
}

// Every record and row, in order.
std::vector<std::string> contents(const store::Store& store) {
  std::vector<std::string> all;
  const auto keep = [&all](Bytes item) -> Result<> {
    all.emplace_back(as_text(item));
    return {};
  };
  SampleStore::check(store.visit({[&](store::LogId log, const store::LogRecord& record) {
                                    Bytes item;
                                    encode_item(log, record, item);
                                    return keep(std::move(item));
                                  },
                                  [&](const store::Put& row) {
                                    Bytes item;
                                    encode_item(row, item);
                                    return keep(std::move(item));
                                  }}));
  return all;
}

TEST(Backup, VerifiesAndSaysWhatItHolds) {
  SampleStore sample;
  const Bytes file = backup_of(sample);
  const auto end = check_signature(file, sample.world.keyring->audit_key().public_key());
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->rows, 2U);
  EXPECT_EQ(end->records, 6U);
  const auto opened = open_backup(file, *sample.world.keyring);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(opened->findings, ElementsAre());
  EXPECT_EQ(opened->summary.rows, 4U);
  EXPECT_EQ(opened->summary.head, sample.world.committer->head());
}

TEST(Backup, HoldsALogThatBeginsLaterWithItsLedger) {
  RetentionWorld world;
  const store::Put older = world.sample.read(SampleStore::key("alpha"));
  world.sample.write("alpha", "newer");
  world.drop_two_months();
  const auto good = open_backup(backup_of(world.sample), *world.sample.world.keyring);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_THAT(good->findings, ElementsAre());
  EXPECT_EQ(good->summary.first, world.begins());
  world.sample.tamper(older);
  const auto bad = open_backup(backup_of(world.sample), *world.sample.world.keyring);
  ASSERT_TRUE(bad) << bad.error().message;
  EXPECT_THAT(bad->findings, ElementsAre(HasSubstr("settings alpha: replayed")));
}

TEST(Backup, RestoresEverythingIntoASqliteStore) {
  SampleStore sample;
  store::Put indexed = sample.read(SampleStore::key("alpha"));
  indexed.index = {{store::IndexId(3), to_bytes("b")}, {store::IndexId(2), to_bytes("a")}};
  sample.tamper(indexed);  // a finding, but the copy must hold it nevertheless
  const Bytes file = backup_of(sample);

  const std::string path =
      std::filesystem::temp_directory_path() / ("coffer-backup-" + std::to_string(getpid()));
  std::filesystem::create_directory(path);
  {
    store::SqliteOptions options;
    options.path = path + "/coffer.db";
    const auto restored = work::TestWorld::value(store::open_sqlite_store(std::move(options)));
    StoreFiller filler(*restored);
    const auto opened = open_backup(file,
                                    *sample.world.keyring,
                                    {[&](store::LogId log, const store::LogRecord& record) {
                                       return filler.record(log, record);
                                     },
                                     [&](const store::Put& row) { return filler.row(row); }});
    ASSERT_TRUE(opened) << opened.error().message;
    SampleStore::check(filler.finish());
    EXPECT_EQ(contents(*restored), contents(*sample.world.store));
    EXPECT_EQ(
        work::TestWorld::value(
            restored->query(store::IndexId(3), NoteRow::kTable.id, work::kTestRealm, {}, {}, 9))
            .size(),
        1U);
    const auto again = keys::open_keyring(*restored, sample.seal.root.view(), *sample.world.random);
    EXPECT_TRUE(again);
  }
  std::filesystem::remove_all(path);
}

TEST(Backup, AnyChangedOctetIsFoundWithThePublicKeyAlone) {
  SampleStore sample;
  const Bytes file = backup_of(sample);
  const crypto::PublicKey key = sample.world.keyring->audit_key().public_key();
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes changed = file;
    changed[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    EXPECT_FALSE(check_signature(changed, key)) << "octet " << at;
  }
}

TEST(Backup, AnyCutIsFoundWithThePublicKeyAlone) {
  SampleStore sample;
  const Bytes file = backup_of(sample);
  const crypto::PublicKey key = sample.world.keyring->audit_key().public_key();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(check_signature(ByteView(file).first(size), key)) << size;
  }
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_THAT(check_signature(longer, key).error().message, HasSubstr("octets behind the end"));
}

// The offsets where content frames begin, and where the end frame does.
std::vector<std::size_t> frame_starts(const Bytes& file) {
  const auto length_at = [&file](std::size_t at) {
    return std::size_t{Reader(ByteView(file).subspan(at)).u32().value()};
  };
  std::vector<std::size_t> starts;
  std::size_t at = kBackupMagic.size() + 4 + length_at(kBackupMagic.size());
  while (at < file.size()) {
    starts.push_back(at);
    at += 5 + length_at(at + 1);
  }
  return starts;
}

TEST(Backup, FindsFramesLeftOutOrReordered) {
  SampleStore sample;
  for (int i = 0; i < 14; ++i) {
    sample.write("large" + std::to_string(i), std::string(200'000, 'x'));
  }
  const Bytes file = backup_of(sample);
  const auto starts = frame_starts(file);
  ASSERT_GE(starts.size(), 4U);  // three frames and the end
  const crypto::PublicKey key = sample.world.keyring->audit_key().public_key();
  ASSERT_TRUE(check_signature(file, key));

  const auto piece = [&](std::size_t from, std::size_t to) {
    return ByteView(file).subspan(from, to - from);
  };
  Bytes without_second = to_bytes(piece(0, starts[1]));
  append(without_second, piece(starts[2], file.size()));
  EXPECT_FALSE(check_signature(without_second, key));
  EXPECT_FALSE(open_backup(without_second, *sample.world.keyring));

  Bytes reordered = to_bytes(piece(0, starts[0]));
  append(reordered, piece(starts[1], starts[2]));
  append(reordered, piece(starts[0], starts[1]));
  append(reordered, piece(starts[2], file.size()));
  EXPECT_FALSE(check_signature(reordered, key));
  EXPECT_THAT(open_backup(reordered, *sample.world.keyring).error().message,
              HasSubstr("frame 1 failed authentication"));

  for (const std::size_t start : starts) {
    EXPECT_THAT(check_signature(piece(0, start), key).error().message, HasSubstr("cut short"));
  }
}

TEST(Backup, AnotherKeyFitsNeitherSignatureNorFrames) {
  SampleStore sample;
  const Bytes file = backup_of(sample);
  const auto other =
      work::TestWorld::value(keys::Keyring::create(sample.world.clock.now(), *sample.world.random));
  EXPECT_THAT(check_signature(file, other->audit_key().public_key()).error().message,
              HasSubstr("does not hold under this key"));
  EXPECT_THAT(open_backup(file, *other).error().message, HasSubstr("does not open"));
}

TEST(Backup, OpensAfterARotation) {
  SampleStore sample;
  const Bytes file = backup_of(sample);
  const auto rotated =
      work::TestWorld::value(sample.world.keyring->rotated(sample.world.clock.now()));
  EXPECT_TRUE(open_backup(file, *rotated));
}

TEST(Backup, NamesWhatWasTamperedWithBeforeItWasMade) {
  SampleStore sample;
  sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  const auto opened = open_backup(backup_of(sample), *sample.world.keyring);
  ASSERT_TRUE(opened);
  EXPECT_THAT(opened->findings, ElementsAre(HasSubstr("settings alpha: deleted")));
}

TEST(Backup, ComparesItsLogWithAHeadKeptElsewhere) {
  SampleStore sample;
  const auto findings = [&](const Bytes& file, const proof::SignedHead& witness) {
    const auto opened = open_backup(file, *sample.world.keyring, no_copy(), witness);
    return opened ? opened->findings : std::vector<std::string>{opened.error().message};
  };
  const proof::SignedHead first = sample.world.committer->head().value();
  const Bytes file = backup_of(sample);
  EXPECT_THAT(findings(file, first), ElementsAre());
  sample.write("delta", "later");
  const proof::SignedHead second = sample.world.committer->head().value();
  EXPECT_THAT(findings(backup_of(sample), first), ElementsAre());
  EXPECT_THAT(findings(file, second), ElementsAre(HasSubstr("the log ends before it")));
  const auto signed_by = [](const keys::Keyring& keyring, proof::Head head) {
    return work::TestWorld::value(proof::sign_head(std::move(head), keyring.audit_key()));
  };
  const auto other =
      work::TestWorld::value(keys::Keyring::create(sample.world.clock.now(), *sample.world.random));
  EXPECT_THAT(findings(file, signed_by(*other, first.head)),
              ElementsAre(HasSubstr("signature of the witness does not verify")));
  proof::Head fork = first.head;
  fork.link[0] ^= 1;
  EXPECT_THAT(findings(file, signed_by(*sample.world.keyring, fork)),
              ElementsAre(HasSubstr("audit log")));
}

TEST(Backup, RefusesToMixTheSealOfTwoMoments) {
  SampleStore sample;
  store::Put seal = sample.read(SampleStore::seal_key("seal"));
  const auto sink = [](ByteView) { return Result<>(); };
  auto writer = work::TestWorld::value(BackupWriter::begin(
      sink, {seal}, *sample.world.keyring, sample.world.clock.now(), *sample.world.random));
  EXPECT_EQ(writer.finish().error().code, Code::conflict);
  ++seal.revision;
  EXPECT_EQ(writer.row(seal).error().code, Code::conflict);
}

TEST(Backup, HoldsNoKeyOrContentInClear) {
  SampleStore sample;
  sample.write("a-telling-name", "a telling text");
  const Bytes file = backup_of(sample);
  EXPECT_EQ(as_text(file).find("telling"), std::string_view::npos);
}

}  // namespace
}  // namespace coffer::domain
