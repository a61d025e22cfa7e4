// LogRetention: closes months of the audit log, archives them, and drops what is old enough.
//
// In rounds, each of which does one of these, if there is something to do:
//   close    fixes the end of a month that is over (partitions.h)
//   archive  writes the export of the oldest month that has none into the archive, reads it back
//            and verifies it from its starting head to the head at its end
//   drop     of the oldest month, once it is archived and older than `keep`: verifies its file
//            again, folds its changes into the ledger of rows before it, appends the ledger to the
//            second log, says all that in the audit log, and only then removes the records
// Nothing is dropped that is not archived, or not to be verified in the archive. A process that
// ends between any two steps has lost nothing: the next round goes on.
//
// Every commit holds the claim of the job. The appends to the second log and the removals do not:
// the embedded store has one process. Memory while dropping: that of proof::RowLedger. Blocking and
// long: for a thread of its own. Borrows everything given.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/audit/archive.h"
#include "domain/audit/partitions.h"
#include "proof/partition_drop.h"
#include "proof/row_ledger.h"
#include "rows/rows.h"
#include "work/committer.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coffer::domain {

struct RetentionPlan {
  Archive* archive = nullptr;           // null: nothing is archived, so nothing is dropped
  std::optional<Duration> keep = {};    // nullopt: for ever
  std::function<bool()> stopping = {};  // asked in long work, which then ends; may be empty
};

class LogRetention {
 public:
  // `holder`: who claims the job. `store` is that of `rows`.
  LogRetention(store::Store& store,
               work::Committer& committer,
               rows::Rows& rows,
               const Clock& clock,
               crypto::Random& random,
               RetentionPlan plan,
               std::string holder)
      : store_(store),
        committer_(committer),
        rows_(rows),
        clock_(clock),
        random_(random),
        plan_(std::move(plan)),
        holder_(std::move(holder)) {}

  // False: there is nothing to do. What fails does not keep the other steps from their work; the
  // first error is returned. corrupt: the log, a ledger or a file of the archive is not what was
  // recorded.
  Result<bool> round();

 private:
  using Partitions = std::vector<PartitionRow>;

  // What a file of the archive turned out to be.
  struct Checked {
    crypto::Digest sha256{};
    std::uint64_t octets = 0;
  };

  Result<bool> finish_drop(const Partitions& all);
  Result<bool> drop(const Partitions& all);
  Result<bool> archive(const Partitions& all);
  Result<bool> close(const Partitions& all);

  Result<proof::RowLedger> ledger_before(const Partitions& all, std::size_t at) const;
  Result<> write_partition(const proof::ExportSink& sink,
                           const PartitionRow& row,
                           const std::optional<proof::SignedHead>& start) const;
  Result<Checked> check_file(const proof::ExportSource& source,
                             const PartitionRow& row,
                             const std::optional<proof::SignedHead>& start,
                             proof::RowLedger* fold_into) const;
  Result<Checked> check_archived(const PartitionRow& row,
                                 const std::optional<proof::SignedHead>& start,
                                 proof::RowLedger* fold_into) const;
  Result<std::optional<std::uint64_t>> find_end(std::uint64_t begin,
                                                const std::string& month_now) const;
  Result<> commit(PartitionRow row, proof::EventType type, std::vector<proof::Fact> facts);
  Result<> proceed() const;
  [[nodiscard]] std::string file_name(const PartitionRow& row) const;

  store::Store& store_;
  work::Committer& committer_;
  rows::Rows& rows_;
  const Clock& clock_;
  crypto::Random& random_;
  const RetentionPlan plan_;
  const std::string holder_;
};

}  // namespace coffer::domain
