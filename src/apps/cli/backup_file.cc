#include "apps/cli/backup_file.h"

#include "apps/client/files.h"
#include "domain/audit/store_filler.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace coffer::cli {
namespace {

namespace fs = std::filesystem;

Result<> rename_durably(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return fail(Code::unavailable, "cannot name " + to.string() + ": " + error.message());
  return client::sync_folder(to.has_parent_path() ? to.parent_path() : fs::path("."));
}

// A new folder (0700) beside its final place; removed with all it holds unless it was moved there.
class StagingFolder {
 public:
  static Result<StagingFolder> make(fs::path target) {
    std::string name = target.string() + ".restoring-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      return fail(Code::unavailable, "cannot make a folder beside " + target.string());
    }
    return StagingFolder(std::move(name), std::move(target));
  }

  StagingFolder(StagingFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), target_(std::move(other.target_)) {}

  StagingFolder& operator=(StagingFolder&&) = delete;
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;

  ~StagingFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }

  Result<> move_into_place() {
    COFFER_CHECK(client::sync_folder(path_));
    COFFER_CHECK(rename_durably(path_, target_));
    path_.clear();
    return {};
  }

 private:
  StagingFolder(fs::path path, fs::path target)
      : path_(std::move(path)), target_(std::move(target)) {}

  fs::path path_;
  fs::path target_;
};

Result<fs::path> restore_target(const std::string& folder) {
  std::error_code error;
  fs::path target = fs::absolute(folder, error).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  if (fs::exists(target, error) &&
      (!fs::is_directory(target, error) || !fs::is_empty(target, error))) {
    return fail(Code::precondition_failed, target.string() + " is in use: give an empty folder");
  }
  if (!fs::is_directory(target.parent_path(), error)) {
    return fail(Code::not_found, "there is no folder " + target.parent_path().string());
  }
  return target;
}

}  // namespace

Result<domain::BackupReader> open_backup(const std::string& path) {
  const auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*in) return fail(Code::not_found, "cannot open " + path);
  return domain::BackupReader::open([in](MutableBytes out) -> Result<std::size_t> {
    in->read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    if (in->bad()) return fail(Code::unavailable, "cannot read the backup file");
    return static_cast<std::size_t>(in->gcount());
  });
}

Result<domain::BackupEnd> keep_backup(const std::string& fresh, const std::string& path) {
  COFFER_TRY(domain::BackupReader reader, open_backup(fresh));
  while (true) {
    COFFER_TRY(const auto frame, reader.next());
    if (!frame) break;
  }
  COFFER_CHECK(rename_durably(fresh, path));
  return reader.end();
}

Result<std::unique_ptr<keys::Keyring>> unseal_backup(const domain::BackupHeader& header,
                                                     const NextShare& next,
                                                     const RefusedShare& refused,
                                                     const Clock& clock,
                                                     crypto::Random& random) {
  const auto store = store::make_memory_store();
  {
    COFFER_TRY(const auto batch, store->begin());
    COFFER_CHECK(batch->apply({{}, header.seal_rows, {}}));
    COFFER_CHECK(batch->commit());
  }
  COFFER_TRY(const auto record, keys::read_seal(*store));
  if (!record) return fail(Code::corrupt, "backup: it holds no seal");
  keys::ShareCollector collector(clock, random);
  while (true) {
    COFFER_TRY(const secure::SecureText text, next(collector.progress(*record)));
    const auto share = keys::parse_share(text.text());
    if (!share) {
      COFFER_CHECK(refused(share.error()));
      continue;
    }
    const auto root = collector.add(*record, share->view());
    if (!root) {
      COFFER_CHECK(refused(root.error()));
      continue;
    }
    if (!*root) continue;
    COFFER_TRY(keys::OpenedKeyring opened, keys::open_keyring(*store, (*root)->view(), random));
    return std::move(opened.keyring);
  }
}

Result<domain::VerifySummary> restore_backup(domain::BackupReader& reader,
                                             const keys::Keyring& keyring,
                                             crypto::Random& random,
                                             const domain::StoreVerifier::Report& report,
                                             const std::string& folder) {
  COFFER_TRY(fs::path target, restore_target(folder));
  COFFER_TRY(StagingFolder staging, StagingFolder::make(std::move(target)));
  domain::VerifySummary summary;
  {
    store::SqliteOptions options;
    options.path = staging.path() / "coffer.db";
    COFFER_TRY(const auto opened, store::open_sqlite_store(std::move(options)));
    domain::StoreFiller filler(*opened);
    const store::Store::Visitor fill{[&filler](store::LogId log, const store::LogRecord& record) {
                                       return filler.record(log, record);
                                     },
                                     [&filler](const store::Put& row) { return filler.row(row); }};
    COFFER_TRY(summary, domain::verify_backup(reader, keyring, std::nullopt, random, report, fill));
    if (summary.findings > 0) return summary;
    COFFER_CHECK(filler.finish());
  }
  COFFER_CHECK(staging.move_into_place());
  return summary;
}

}  // namespace coffer::cli
