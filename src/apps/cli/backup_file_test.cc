#include "apps/cli/backup_file.h"

#include "base/encoding.h"
#include "domain/audit/backup_writer.h"
#include "domain/audit/sample_store.h"
#include "store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace coffer::cli {
namespace {

namespace fs = std::filesystem;
using domain::SampleStore;
using testing::HasSubstr;

class BackupFile : public testing::Test {
 protected:
  BackupFile() {
    std::string name = fs::temp_directory_path() / "coffer-backup-XXXXXX";
    folder = ::mkdtemp(name.data());
    path = folder / "all.backup";
  }

  ~BackupFile() override { fs::remove_all(folder); }

  BackupFile(const BackupFile&) = delete;
  BackupFile& operator=(const BackupFile&) = delete;

  void save() const {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    SampleStore::check(domain::write_backup(*sample.world.store,
                                            *sample.world.keyring,
                                            sample.world.clock.now(),
                                            *sample.world.random,
                                            [&out](ByteView octets) -> Result<> {
                                              out << as_text(octets);
                                              return {};
                                            }));
  }

  [[nodiscard]] domain::BackupReader open() const {
    return work::TestWorld::value(open_backup(path));
  }

  // Hands in the shares of these numbers; nothing for a number that there is not.
  Result<std::unique_ptr<keys::Keyring>> unseal(std::vector<std::size_t> numbers) {
    const auto next = [&](const keys::Progress&) -> Result<secure::SecureText> {
      if (numbers.empty()) return fail(Code::not_found, "no more");
      const std::size_t number = numbers.front();
      numbers.erase(numbers.begin());
      const auto& shares = sample.seal.shares.shares;
      return number < shares.size() ? secure::hex_text(shares[number].view())
                                    : secure::SecureText("00");
    };
    const auto refuse = [this](const Error&) -> Result<> {
      ++refused;
      return {};
    };
    return unseal_backup(open().header(), next, refuse, sample.world.clock, *sample.world.random);
  }

  Result<domain::VerifySummary> restore(const fs::path& target) {
    domain::BackupReader reader = open();
    return restore_backup(
        reader,
        *sample.world.keyring,
        *sample.world.random,
        [](const domain::TamperFinding&) { return Result<>(); },
        target);
  }

  [[nodiscard]] std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  }

  SampleStore sample;
  fs::path folder;
  fs::path path;
  int refused = 0;
};

TEST_F(BackupFile, OpensWithAQuorumOfSharesAndNotWithFewer) {
  save();
  const auto keyring = unseal({0, 99, 2});
  ASSERT_TRUE(keyring) << keyring.error().message;
  EXPECT_EQ((*keyring)->log_id(), sample.world.keyring->log_id());
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(unseal({1}).error().message, "no more");
}

TEST_F(BackupFile, RestoresAFolderThatTheSameSharesUnseal) {
  save();
  const fs::path target = folder / "data";
  fs::create_directory(target);
  const auto summary = restore(target);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->rows, 4U);
  EXPECT_EQ(fs::status(target).permissions(), fs::perms::owner_all);
  EXPECT_EQ(entries(), 2);  // the backup and the restored folder

  store::SqliteOptions options;
  options.path = target / "coffer.db";
  const auto restored = work::TestWorld::value(store::open_sqlite_store(std::move(options)));
  const auto opened = keys::open_keyring(*restored, sample.seal.root.view(), *sample.world.random);
  ASSERT_TRUE(opened);
  EXPECT_EQ(restored->get(SampleStore::key("beta")).value()->blob,
            sample.read(SampleStore::key("beta")).blob);
}

TEST_F(BackupFile, RefusesAFolderInUse) {
  save();
  EXPECT_EQ(restore(folder).error().code, Code::precondition_failed);
  EXPECT_EQ(restore(folder / "absent" / "data").error().code, Code::not_found);
}

TEST_F(BackupFile, LeavesNothingOfABackupThatDoesNotHold) {
  sample.tamper({{}, {}, {SampleStore::key("alpha")}});
  save();
  const auto tampered = restore(folder / "data");
  ASSERT_TRUE(tampered);
  EXPECT_EQ(tampered->findings, 1U);
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_EQ(restore(folder / "data").error().code, Code::corrupt);
  EXPECT_EQ(entries(), 1);  // the backup alone
}

TEST_F(BackupFile, KeepsAWholeDownloadAndRefusesACutOne) {
  save();
  const fs::path kept = folder / "kept.backup";
  ASSERT_TRUE(keep_backup(path, kept));
  EXPECT_FALSE(fs::exists(path));
  fs::resize_file(kept, fs::file_size(kept) - 1);
  EXPECT_THAT(keep_backup(kept, path).error().message, HasSubstr("cut short"));
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace coffer::cli
