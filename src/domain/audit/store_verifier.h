// StoreVerifier: compares everything in a store with what the audit log says must be there.
//
// It is fed one snapshot in the order of store::Store::visit: the audit log, which it verifies and
// folds into a ledger of the rows that must exist; then the rows. Found and named, by table and
// key, are rows that do not authenticate, were edited, swapped, put back in an older state,
// invented, or deleted, also the two records of the seal; index entries kept with a row that are
// not its own; the first wrong event of the log; with a witness, a log that was cut off or
// rewritten. Not found: a store that was rolled back whole to a state that the witness does not
// contradict.
//
// A log whose beginning was dropped must begin at the head of a row ledger in the store's second
// log, and an event of the log that is left must say that it begins there, with that very ledger;
// then rows are compared as if all of the log were there. Anything else is a finding: a log of
// which more was dropped, and a ledger that was edited, exchanged or deleted.
//
// Where the log is broken nothing says which rows there must be: from then on rows are only
// authenticated, and the finding says so.
//
// Memory: that of proof::RowLedger, twice while a new ledger is there and the log is not cut yet.
// Findings are reported as they are made; an error of the report stops the work and is returned.
// Not thread-safe; borrows the keyring.
#pragma once

#include "base/result.h"
#include "keys/keyring.h"
#include "proof/row_ledger.h"
#include "proof/stored_ledger.h"
#include "proof/verifier.h"
#include "rows/rows.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct TamperFinding {
  std::string table;  // "policies"; "audit log" for an event
  std::uint32_t realm = 0;
  std::string key;  // printable: see printable_key(); "event 17"
  std::string what;
};

struct VerifySummary {
  std::uint64_t rows = 0;
  std::uint64_t first = 1;  // event with which the log begins
  std::uint64_t events = 0;
  std::uint64_t findings = 0;
  std::optional<proof::SignedHead> head;  // the last one that held
};

// Text as it is, other octets as \xNN; keys that are mostly binary in hexadecimal.
std::string printable_key(ByteView key);

class StoreVerifier {
 public:
  using Report = std::function<Result<>(const TamperFinding&)>;

  // `witness`: a head known from elsewhere; the log must contain it.
  StoreVerifier(const keys::Keyring& keyring,
                std::optional<proof::SignedHead> witness,
                Report report);

  // In the order of logs: the ledgers come before the audit log.
  Result<> record(store::LogId log, const store::LogRecord& record);
  Result<> row(const store::Put& row);
  // Names what is missing. Once, after the last row.
  Result<> finish();

  [[nodiscard]] const VerifySummary& summary() const { return summary_; }

 private:
  Result<> ledger_record(const store::LogRecord& record);
  Result<> begin_log(ByteView first_record);
  void note_drop(const proof::Event& event);
  Result<> end_log();
  [[nodiscard]] std::optional<std::string> defect_of_start() const;
  Result<> found(const store::Key& key, std::string what);
  Result<> found_in_log(const Error& error);
  Result<> report_log(std::optional<std::uint64_t> event, const std::string& what);
  Result<> report(const TamperFinding& finding);
  [[nodiscard]] std::optional<std::string> defect(const store::Put& row);

  const keys::Keyring& keyring_;
  std::optional<proof::SignedHead> witness_;
  std::vector<proof::StoredLedger> ledgers_;  // of the second log: the newest; the last is read
  std::optional<proof::Verifier> log_;        // from the first record of the audit log on
  std::optional<proof::SignedHead> start_;    // where the log begins, if not with event 1
  std::optional<crypto::Digest> base_;        // digest of the ledger that it begins with
  bool start_is_stated_ = false;              // by an event of the log
  proof::RowLedger ledger_;
  Report report_;
  VerifySummary summary_;
  bool log_ended_ = false;
  bool log_holds_ = true;
};

struct VerifyProgress {
  StoreVerifier::Report finding;
  // Called every few thousand rows and events; an error stops the work.
  std::function<Result<>(const VerifySummary&)> progress;
};

// Verifies the store of an unsealed server while it stays in use: one snapshot, so that no change
// under way looks like tampering. `witness`: the newest head that the server signed. Blocking and
// long.
Result<VerifySummary> verify_store(const rows::Rows& rows,
                                   const std::optional<proof::SignedHead>& witness,
                                   const VerifyProgress& to);

}  // namespace coffer::domain
