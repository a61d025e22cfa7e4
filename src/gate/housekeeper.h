// Housekeeper: the recurring work of an unsealed server, in bounded units of its own.
//
// Each unit holds the claim of its job (work/job.h), so that one node does it at a time and one
// that was asleep commits nothing any more; and each has its audit event. While sealed there is
// nothing to do. Blocking: for a thread of its own. Borrows everything given.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/audit/log_retention.h"
#include "gate/lifecycle.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace coffer::domain {
struct DoneChore;
}

namespace coffer::gate {

class Housekeeper {
 public:
  // `node`: who holds the claims; another one for every process.
  Housekeeper(Lifecycle& lifecycle,
              const Clock& clock,
              crypto::Random& random,
              std::string node,
              domain::RetentionPlan plan = {})
      : lifecycle_(lifecycle),
        clock_(clock),
        random_(random),
        node_(std::move(node)),
        plan_(std::move(plan)) {}

  // How long one call goes on with units of one kind; what is left is for the next call.
  static constexpr Duration kRound = std::chrono::seconds(2);

  // Removes what has expired, cubbyholes without a token, and expired certificates.
  Result<> sweep();

  // Rotates, deletes and erases the keys that are due, one a unit, and writes dates of last use
  // (domain/kms/tend.h). A key that secrets depend on is kept. An RSA key takes seconds.
  Result<> tend_keys();

  // Seals rows anew that lie under an old term, and moves data keys to the newest version of their
  // master key, as far as somebody asked for it (work/reseal.h, domain/kms/key_rewrap.h), at most
  // `rounds` rounds. False: there was nothing to do. For a thread of its own.
  Result<bool> reseal(std::size_t rounds);

  // Closes, archives and drops months of the audit log until there is nothing more to do
  // (domain/audit/log_retention.h). That a log, a ledger or a file is not what was recorded is said
  // in the audit log, once for each such message. For a thread of its own.
  Result<> tend_audit_log();

  // Removes parameters whose policy says so (domain/parameters/expire_parameters.h), one a unit.
  Result<> expire_parameters();

  // Erases what removed mounts and roles left behind, at most kErasures units, so that requests
  // hardly notice. Gives how many there were; fewer than kErasures: nothing is left.
  static constexpr std::size_t kErasures = 20;
  Result<std::size_t> erase_removed(std::size_t units = kErasures);

 private:
  // Stages a unit and says with which event; nullopt: nothing to do.
  using Stage = std::function<Result<std::optional<proof::Event>>(work::View&)>;

  Result<bool> run(Unsealed& unsealed, std::string_view job, const Stage& stage);
  // Unit after unit until there is nothing to do, kRound is over or the server stops.
  Result<> run_some(Unsealed& unsealed, std::string_view job, const Stage& stage);

  // What a round of the sweep removed, and as what it is told.
  struct Swept {
    std::size_t count = 0;
    proof::EventType type = proof::EventType::auth_token_revoked;
  };

  Result<Swept> sweep_some(Unsealed& unsealed, work::View& view);
  [[nodiscard]] proof::Event event(proof::EventType type, std::string reason) const;
  [[nodiscard]] proof::Event told(const domain::DoneChore& chore) const;

  Lifecycle& lifecycle_;
  const Clock& clock_;
  crypto::Random& random_;
  const std::string node_;
  const domain::RetentionPlan plan_;
  std::string swept_cubbyholes_;  // where the sweep goes on
  std::string audit_defect_;      // that was told last
};

}  // namespace coffer::gate
