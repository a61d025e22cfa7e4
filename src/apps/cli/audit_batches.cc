// for_each_batch: the audit log inside a data folder.
#include "apps/cli/audit_verify.h"
#include "domain/audit/ledger_log.h"
#include "rows/table.h"
#include "store/sqlite/sqlite_store.h"

#include <filesystem>

namespace coffer::cli {
namespace {

constexpr std::size_t kPage = 64;

}  // namespace

Result<> for_each_batch(const std::string& folder, const BatchTaker& taker) {
  store::SqliteOptions options;
  options.path = folder + "/coffer.db";
  // Opening makes what is not there.
  std::error_code error;
  if (!std::filesystem::exists(options.path, error)) {
    return fail(Code::not_found, "there is no store in " + folder + ": coffer.db is missing");
  }
  COFFER_TRY(const auto opened, store::open_sqlite_store(std::move(options)));
  COFFER_TRY(const auto start, domain::log_start(*opened));
  COFFER_CHECK(taker.begin(start));
  std::uint64_t next = 1;
  while (true) {
    COFFER_TRY(const auto records, opened->read_log(rows::kAuditLog, next, kPage));
    if (records.empty()) return {};
    for (const store::LogRecord& record : records) {
      COFFER_CHECK(taker.take(record.record));
      next = record.sequence + 1;
    }
  }
}

}  // namespace coffer::cli
