#include "domain/audit/store_verifier.h"

#include "base/encoding.h"
#include "domain/auth/lockouts.h"
#include "domain/auth/secret_ids.h"
#include "domain/auth/token_row.h"
#include "domain/auth/wraps.h"
#include "domain/identity/aws_rows.h"
#include "domain/identity/groups.h"
#include "domain/identity/identity.h"
#include "domain/kms/key_rows.h"
#include "domain/parameters/parameter_rows.h"
#include "domain/pki/pki_rows.h"
#include "domain/secrets/kv_rows.h"
#include "proof/batch.h"
#include "proof/partition_drop.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::uint64_t kProgressEvery = 4096;  // rows or events
constexpr std::string_view kLogTable = "audit log";
constexpr std::string_view kLedgerTable = "ledger log";
constexpr std::size_t kMostLedgers = 2;  // that a server leaves: the one in use, and the next

bool printable(std::uint8_t octet) {
  return octet >= 0x20 && octet < 0x7f && octet != '\\';
}

using Index = std::vector<store::IndexEntry>;

// The entries that a row of type R derives from itself, in the store's order.
template <rows::Row R>
Result<Index> derived_index(const keys::Keyring& keyring, const store::Put& row) {
  COFFER_TRY(const auto loaded,
             rows::RowCodec<R>::load(keyring, {row.key, row.revision}, row.blob));
  Index entries = rows::row_index(loaded->row);
  std::ranges::sort(entries);
  return entries;
}

// The table has rows of two kinds (domain/secrets/kv1.h), and the other one has no entries.
Result<Index> secret_index(const keys::Keyring& keyring, const store::Put& row) {
  auto entries = derived_index<SecretRow>(keyring, row);
  if (!entries && row.index.empty()) return Index();
  return entries;
}

// Every table whose rows have an index. A type that gets one belongs here: without its line each of
// its rows counts as edited.
struct IndexedTable {
  store::TableId table;
  Result<Index> (*derive)(const keys::Keyring&, const store::Put&);
};

constexpr std::array kIndexed{
    IndexedTable{EntityRow::kTable.id, derived_index<EntityRow>},
    IndexedTable{GroupRow::kTable.id, derived_index<GroupRow>},
    IndexedTable{AwsAccessKeyRow::kTable.id, derived_index<AwsAccessKeyRow>},
    IndexedTable{MasterKeyRow::kTable.id, derived_index<MasterKeyRow>},
    IndexedTable{KeyAliasRow::kTable.id, derived_index<KeyAliasRow>},
    IndexedTable{KeyGrantRow::kTable.id, derived_index<KeyGrantRow>},
    IndexedTable{CertificateRow::kTable.id, derived_index<CertificateRow>},
    IndexedTable{RevocationRow::kTable.id, derived_index<RevocationRow>},
    IndexedTable{SecretRow::kTable.id, secret_index},
    IndexedTable{ParameterRow::kTable.id, derived_index<ParameterRow>},
    IndexedTable{TokenRow::kTable.id, derived_index<TokenRow>},
    IndexedTable{SecretIdRow::kTable.id, derived_index<SecretIdRow>},
    IndexedTable{LockoutRow::kTable.id, derived_index<LockoutRow>},
    IndexedTable{WrapRow::kTable.id, derived_index<WrapRow>}};

Result<bool> index_agrees(const keys::Keyring& keyring, const store::Put& row) {
  const auto* const found = std::ranges::find(kIndexed, row.key.table, &IndexedTable::table);
  if (found == kIndexed.end()) return row.index.empty();
  COFFER_TRY(const Index expected, found->derive(keyring, row));
  return row.index == expected;
}

}  // namespace

std::string printable_key(ByteView key) {
  if (static_cast<std::size_t>(std::ranges::count_if(key, printable)) * 2 < key.size()) {
    return hex_encode(key);
  }
  std::string text;
  for (const std::uint8_t& octet : key) {
    if (printable(octet)) {
      text.push_back(static_cast<char>(octet));
    } else {
      text += "\\x" + hex_encode({&octet, 1});
    }
  }
  return text;
}

StoreVerifier::StoreVerifier(const keys::Keyring& keyring,
                             std::optional<proof::SignedHead> witness,
                             Report report)
    : keyring_(keyring), witness_(std::move(witness)), report_(std::move(report)) {}

Result<> StoreVerifier::record(store::LogId log, const store::LogRecord& record) {
  if (log == rows::kLedgerLog) return ledger_record(record);
  if (log != rows::kAuditLog) {
    return report({"log " + std::to_string(log.value()),
                   0,
                   "record " + std::to_string(record.sequence),
                   "unknown: the server keeps no such log"});
  }
  if (!log_holds_) return {};
  if (!log_) COFFER_CHECK(begin_log(record.record));
  const auto events = log_->feed(record.record);
  if (!events) return found_in_log(events.error());
  summary_.head = log_->reached();
  for (const proof::Event& event : *events) {
    ledger_.apply(event);
    note_drop(event);
  }
  summary_.events += events->size();
  return {};
}

// Whether a ledger is good is not known yet: one is kept until the log says where it begins.
Result<> StoreVerifier::ledger_record(const store::LogRecord& record) {
  const bool goes_on = !ledgers_.empty() && !ledgers_.back().is_whole();
  if (goes_on && ledgers_.back().feed(record.record)) return {};
  if (goes_on) ledgers_.pop_back();  // broken off, and begun anew
  auto begun = proof::StoredLedger::begin(record.record);
  if (!begun) {
    return report({std::string(kLedgerTable),
                   0,
                   "record " + std::to_string(record.sequence),
                   begun.error().message});
  }
  if (ledgers_.size() == kMostLedgers) ledgers_.erase(ledgers_.begin());
  ledgers_.push_back(*std::move(begun));
  return {};
}

// A log that begins with event 1 needs no ledger; another one that of the head before it.
Result<> StoreVerifier::begin_log(ByteView first_record) {
  const auto batch = proof::BatchReader::open(first_record);
  if (batch && batch->first() > 1) {
    const auto base = std::ranges::find_if(ledgers_, [&](const proof::StoredLedger& ledger) {
      return ledger.is_whole() && proof::head_digest(ledger.head()) == batch->previous();
    });
    if (base != ledgers_.end()) {
      start_ = base->head();
      base_ = base->digest();
      ledger_ = base->take();
      summary_.first = start_->head.sequence + 1;
    }
  }
  ledgers_.clear();
  log_.emplace(keyring_.audit_key().public_key(), witness_, start_);
  return {};
}

void StoreVerifier::note_drop(const proof::Event& event) {
  if (!start_ || start_is_stated_) return;
  const auto drop = proof::read_drop(event);
  start_is_stated_ = drop && drop->head == *start_ && drop->ledger == *base_;
}

std::optional<std::string> StoreVerifier::defect_of_start() const {
  if (!start_ || start_is_stated_) return std::nullopt;
  return "the log begins here, and no event says that what was before was dropped, with this row "
         "ledger";
}

Result<> StoreVerifier::end_log() {
  if (std::exchange(log_ended_, true) || !log_holds_) return {};
  if (!log_) log_.emplace(keyring_.audit_key().public_key(), witness_);
  const auto head = log_->finish();
  if (!head) return found_in_log(head.error());
  if (auto what = defect_of_start()) {
    log_holds_ = false;
    return report_log(summary_.first, *std::move(what));
  }
  return {};
}

Result<> StoreVerifier::row(const store::Put& row) {
  COFFER_CHECK(end_log());
  ++summary_.rows;
  if (auto what = defect(row)) return found(row.key, *std::move(what));
  return {};
}

std::optional<std::string> StoreVerifier::defect(const store::Put& row) {
  if (log_holds_) {
    const proof::RowKey name{row.key.table.value(), row.key.realm.value(), row.key.key};
    auto what = ledger_.defect(name, row.revision, rows::change_seal(row.key.table, row.blob));
    if (what) return what;
  }
  // The seal's records are not sealed by a keyring; the ledger knows their digests.
  if (row.key.table < rows::tables::kFirstRowTable) return std::nullopt;
  if (!rows::verify_blob(keyring_, {row.key, row.revision}, row.blob)) {
    return "edited: failed authentication";
  }
  const auto agrees = index_agrees(keyring_, row);
  if (!agrees) return agrees.error().message;
  if (!*agrees) return "edited: its index entries are not those of the row";
  return std::nullopt;
}

Result<> StoreVerifier::finish() {
  COFFER_CHECK(end_log());
  if (!log_holds_) return {};
  for (proof::RowKey& row : ledger_.missing()) {
    const store::Key key{store::TableId(row.table), store::RealmId(row.realm), std::move(row.key)};
    COFFER_CHECK(found(key, "deleted: the log says that it exists"));
  }
  return {};
}

Result<> StoreVerifier::report(const TamperFinding& finding) {
  ++summary_.findings;
  return report_(finding);
}

Result<> StoreVerifier::found(const store::Key& key, std::string what) {
  return report(
      {rows::table_name(key.table), key.realm.value(), printable_key(key.key), std::move(what)});
}

Result<> StoreVerifier::found_in_log(const Error& error) {
  log_holds_ = false;
  const auto& named = log_->finding();
  return report_log(named ? std::optional(named->sequence) : std::nullopt,
                    named ? named->what : error.message);
}

Result<> StoreVerifier::report_log(std::optional<std::uint64_t> event, const std::string& what) {
  return report({std::string(kLogTable),
                 0,
                 event ? "event " + std::to_string(*event) : "end",
                 what + "; rows are authenticated, but not compared with the log"});
}

Result<VerifySummary> verify_store(const rows::Rows& rows,
                                   const std::optional<proof::SignedHead>& witness,
                                   const VerifyProgress& to) {
  // Taken inside the snapshot: the keyring then has every term that a row in it may have.
  std::shared_ptr<const keys::Keyring> keyring;
  std::optional<StoreVerifier> verifier;
  const auto begun = [&]() -> StoreVerifier& {
    if (!verifier) {
      keyring = rows.keyring();
      verifier.emplace(*keyring, witness, to.finding);
    }
    return *verifier;
  };
  std::uint64_t reported = 0;
  const auto progress = [&]() -> Result<> {
    const VerifySummary& summary = verifier->summary();
    if (summary.rows + summary.events < reported + kProgressEvery) return {};
    reported = summary.rows + summary.events;
    return to.progress(summary);
  };
  COFFER_CHECK(
      rows.store().visit({[&](store::LogId log, const store::LogRecord& record) -> Result<> {
                            COFFER_CHECK(begun().record(log, record));
                            return progress();
                          },
                          [&](const store::Put& row) -> Result<> {
                            COFFER_CHECK(begun().row(row));
                            return progress();
                          }}));
  COFFER_CHECK(begun().finish());
  return verifier->summary();
}

}  // namespace coffer::domain
