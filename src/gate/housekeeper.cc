#include "gate/housekeeper.h"

#include "domain/auth/sweep.h"
#include "domain/kms/key_rewrap.h"
#include "domain/kms/tend.h"
#include "domain/parameters/expire_parameters.h"
#include "domain/pki/revocations.h"
#include "domain/secrets/cubbyhole.h"
#include "domain/secrets/erase_removed.h"
#include "domain/secrets/secret_rewraps.h"
#include "work/job.h"
#include "work/reseal.h"
#include "work/system_event.h"

#include <array>

namespace coffer::gate {
namespace {

constexpr std::size_t kSweepLimit = 40;
constexpr std::size_t kSweepOwners = 400;  // cubbyholes looked at in a round
constexpr Duration kClaim = std::chrono::minutes(5);
constexpr std::size_t kDatesAUnit = 50;  // of the 100 changes of a unit

// As what the erasure of a removed thing is recorded, and the name of the fact that names it.
std::pair<proof::EventType, std::string_view> told_of(domain::Removed what) {
  switch (what) {
    case domain::Removed::mount:
      return {proof::EventType::system_mount_changed, "mount"};
    case domain::Removed::role:
      return {proof::EventType::approle_deleted, "role"};
    case domain::Removed::secret:
      break;
  }
  return {proof::EventType::secret_destroyed, "secret"};
}

}  // namespace

proof::Event Housekeeper::event(proof::EventType type, std::string reason) const {
  return work::system_event(clock_.now(), random_, type, std::move(reason));
}

// One unit of the job. False: there is nothing to do, or another node does it.
Result<bool> Housekeeper::run(Unsealed& unsealed, std::string_view job, const Stage& stage) {
  work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
  const auto claim = work::claim_job(view, job, node_, kClaim);
  if (!claim) {
    if (claim.error().code == Code::precondition_failed) return false;
    return std::unexpected(claim.error());
  }
  COFFER_TRY(auto event, stage(view));
  if (!event) return false;
  std::vector<proof::Event> events;
  events.push_back(std::move(*event));
  COFFER_CHECK(unsealed.committer->commit(view, std::move(events)));
  return true;
}

Result<> Housekeeper::run_some(Unsealed& unsealed, std::string_view job, const Stage& stage) {
  const Duration begun = clock_.steady();
  bool more = true;
  while (more && !(plan_.stopping && plan_.stopping()) && clock_.steady() - begun < kRound) {
    COFFER_TRY(more, run(unsealed, job, stage));
  }
  return {};
}

// What has expired; when there is no more of it, cubbyholes without a token, then certificates.
Result<Housekeeper::Swept> Housekeeper::sweep_some(Unsealed& unsealed, work::View& view) {
  COFFER_TRY(const std::size_t expired, domain::sweep_expired(view, kSweepLimit));
  if (expired > 0) return Swept{.count = expired};
  COFFER_TRY(const std::size_t cubbyholes,
             domain::sweep_cubbyholes(view, swept_cubbyholes_, kSweepOwners));
  if (cubbyholes > 0) return Swept{.count = cubbyholes};
  COFFER_TRY(const std::size_t certificates,
             domain::sweep_certificates(view, unsealed.pki.crls, kSweepLimit));
  return Swept{.count = certificates, .type = proof::EventType::certificate_removed};
}

Result<> Housekeeper::sweep() {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return {};
  const auto stage = [&](work::View& view) -> Result<std::optional<proof::Event>> {
    COFFER_TRY(const Swept swept, sweep_some(*unsealed, view));
    if (swept.count == 0) return std::nullopt;
    proof::Event event = this->event(swept.type, "expired");
    event.facts.push_back({"count", std::to_string(swept.count)});
    return event;
  };
  return run_some(*unsealed, "sweep", stage);
}

proof::Event Housekeeper::told(const domain::DoneChore& chore) const {
  using domain::Chore;
  using proof::EventType;
  proof::Event event = this->event(EventType::key_rotated, "its period is over");
  if (chore.what == Chore::deleted) {
    event = this->event(EventType::key_deleted, "its waiting period is over");
  } else if (chore.what == Chore::erased) {
    event = this->event(EventType::key_trimmed, "versions given up are erased");
  } else if (chore.what == Chore::expired) {
    event = this->event(EventType::key_state_changed, "its imported material expired");
  } else if (chore.what == Chore::kept) {
    event = this->event(EventType::key_state_changed,
                        "its waiting period is over, but secrets depend on it: it is kept");
    event.facts.push_back({"dependents", std::to_string(chore.dependents)});
  }
  event.facts.push_back({"mount", chore.mount});
  event.facts.push_back({"key", chore.key});
  event.facts.push_back({"version", std::to_string(chore.version)});
  return event;
}

Result<> Housekeeper::tend_keys() {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return {};
  domain::SecretRewraps secrets;
  const std::array<domain::RewrapSource*, 1> sources{&secrets};
  const auto chore = [&](work::View& view) -> Result<std::optional<proof::Event>> {
    COFFER_TRY(const auto done, domain::tend_one_key(view, unsealed->kms, sources));
    if (!done) return std::nullopt;
    return told(*done);
  };
  const auto dates = [&](work::View& view) -> Result<std::optional<proof::Event>> {
    COFFER_TRY(const std::size_t count, domain::write_last_uses(view, unsealed->kms, kDatesAUnit));
    if (count == 0) return std::nullopt;
    proof::Event event = this->event(proof::EventType::key_configured, "dates of last use");
    event.facts.push_back({"count", std::to_string(count)});
    return event;
  };
  for (const Stage& stage : {Stage(chore), Stage(dates)}) {
    COFFER_CHECK(run_some(*unsealed, "tend keys", stage));
  }
  return {};
}

Result<bool> Housekeeper::reseal(std::size_t rounds) {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return false;
  work::Reseal terms(*unsealed->committer, *unsealed->rows, clock_, random_, node_);
  domain::SecretRewraps secrets;
  domain::KeyRewrap keys(
      *unsealed->committer, *unsealed->rows, unsealed->kms, clock_, random_, node_, {&secrets});
  for (std::size_t i = 0; i < rounds; ++i) {
    auto more = terms.round();
    if (more && !*more) more = keys.round();
    if (!more && more.error().code == Code::conflict) continue;
    if (!more || !*more) return more ? Result<bool>(i > 0) : more;
  }
  return true;
}

Result<> Housekeeper::tend_audit_log() {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return {};
  domain::LogRetention retention(
      lifecycle_.store(), *unsealed->committer, *unsealed->rows, clock_, random_, plan_, node_);
  while (true) {
    const auto more = retention.round();
    if (more && *more) continue;
    const bool defect = !more && more.error().code == Code::corrupt;
    if (!defect) {
      if (more) audit_defect_.clear();
      return more ? Result<>() : std::unexpected(more.error());
    }
    if (std::exchange(audit_defect_, more.error().message) != audit_defect_) {
      proof::Event told = event(proof::EventType::system_tampering_found, audit_defect_);
      told.outcome = proof::Outcome::failed;
      std::vector<proof::Event> events;
      events.push_back(std::move(told));
      work::View view(*unsealed->rows, rows::kRootRealm, clock_.now(), random_);
      COFFER_CHECK(unsealed->committer->commit(view, std::move(events)));
    }
    return std::unexpected(more.error());
  }
}

Result<> Housekeeper::expire_parameters() {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return {};
  const auto stage = [&](work::View& view) -> Result<std::optional<proof::Event>> {
    COFFER_TRY(const auto expired, domain::expire_one_parameter(view, unsealed->secrets));
    if (!expired) return std::nullopt;
    proof::Event event = this->event(proof::EventType::secret_deleted, "its policy says so");
    event.facts = {{"mount", expired->mount}, {"path", expired->path}};
    return event;
  };
  return run_some(*unsealed, "expire parameters", stage);
}

Result<std::size_t> Housekeeper::erase_removed(std::size_t units) {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed) return 0;
  const auto stage = [&](work::View& view) -> Result<std::optional<proof::Event>> {
    COFFER_TRY(const auto erasure, domain::erase_removed(view, unsealed->secrets));
    if (!erasure) return std::nullopt;
    const auto [type, kind] = told_of(erasure->what);
    proof::Event event = this->event(type, erasure->finished ? "erased" : "being erased");
    event.facts = {{std::string(kind), erasure->name}, {"rows", std::to_string(erasure->rows)}};
    return event;
  };
  for (std::size_t done = 0; done < units; ++done) {
    COFFER_TRY(const bool more, run(*unsealed, "erase", stage));
    if (!more) return done;
  }
  return units;
}

}  // namespace coffer::gate
