#include "gate/rotator.h"

#include "formats/json.h"
#include "work/job.h"
#include "work/system_event.h"

#include <utility>

namespace coffer::gate {
namespace {

constexpr std::string_view kJob = "rotate secrets";
constexpr Duration kClaim = std::chrono::minutes(5);
constexpr std::size_t kUsesAUnit = 50;

proof::EventType type_of(domain::SecretChore what) {
  switch (what) {
    case domain::SecretChore::erased:
      return proof::EventType::secret_destroyed;
    case domain::SecretChore::started:
      return proof::EventType::secret_rotation_started;
    case domain::SecretChore::given_up:
    case domain::SecretChore::retried:
      return proof::EventType::secret_rotation_failed;
    case domain::SecretChore::rotated:
    case domain::SecretChore::advanced:
      break;
  }
  return proof::EventType::secret_rotated;
}

std::string_view reason_of(domain::SecretChore what) {
  switch (what) {
    case domain::SecretChore::erased:
      return "its recovery window is over";
    case domain::SecretChore::started:
      return "its rotation is due";
    case domain::SecretChore::given_up:
      return "the function failed too often";
    case domain::SecretChore::retried:
      return "the function failed and is asked again";
    case domain::SecretChore::advanced:
      return "the function has done a step";
    case domain::SecretChore::rotated:
      break;
  }
  return "the function has finished";
}

}  // namespace

proof::Event Rotator::event(proof::EventType type) const {
  return work::system_event(clock_.now(), random_, type);
}

proof::Event Rotator::event_of(const domain::DoneSecretChore& done) const {
  proof::Event event = this->event(type_of(done.what));
  event.reason = reason_of(done.what);
  event.facts.push_back({"secret", done.path});
  if (!done.detail.empty()) event.facts.push_back({"detail", done.detail});
  const bool failed = event.type == proof::EventType::secret_rotation_failed;
  if (failed) event.outcome = proof::Outcome::failed;
  return event;
}

Result<> Rotator::commit(Unsealed& unsealed, work::View& view, proof::Event event) {
  std::vector<proof::Event> events;
  events.push_back(std::move(event));
  return unsealed.committer->commit(view, std::move(events));
}

Result<bool> Rotator::tend(Unsealed& unsealed) {
  work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
  COFFER_TRY(const auto done,
             domain::tend_one_secret(view, unsealed.secrets, unsealed.aws_account));
  if (!done) return false;
  COFFER_TRY(const auto claim, work::claim_job(view, kJob, node_, kClaim));
  COFFER_CHECK(commit(unsealed, view, event_of(*done)));
  return true;
}

// One step of one rotation: that it is tried, the function, and what came of it. What a sealed
// server does not learn is tried again.
Result<bool> Rotator::step(UnsealedPtr& unsealed) {
  COFFER_TRY(const Begun begun, begin(*unsealed));
  if (!begun.step) return begun.erased;
  unsealed.reset();
  const Result<> outcome = ask(*begun.step);
  unsealed = lifecycle_.current();
  if (!unsealed) return false;
  return end(*unsealed, begun, outcome);
}

Result<Rotator::Begun> Rotator::begin(Unsealed& unsealed) {
  work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
  Begun begun;
  COFFER_TRY(begun.step, domain::begin_step(view, unsealed.aws_account));
  if (!begun.step) {
    if (!view.has_writes()) return begun;
    proof::Event ended = event(proof::EventType::secret_rotation_changed);
    ended.reason = "the secret is gone";
    COFFER_CHECK(commit(unsealed, view, std::move(ended)));
    begun.erased = true;
    return begun;
  }
  COFFER_TRY(begun.claim, work::claim_job(view, kJob, node_, kClaim));
  proof::Event asked = event(proof::EventType::secret_rotated);
  asked.reason = "the function is asked";
  asked.facts = {{"secret", begun.step->path},
                 {"step", std::string(domain::to_text(begun.step->step))}};
  COFFER_CHECK(commit(unsealed, view, std::move(asked)));
  return begun;
}

// The function itself works on the secret: what it has written may be what this unit meets.
Result<bool> Rotator::end(Unsealed& unsealed, const Begun& begun, const Result<>& outcome) {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    work::View after(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
    COFFER_CHECK(work::hold_job(after, begun.claim, ""));
    COFFER_TRY(const auto done, domain::end_step(after, *begun.step, outcome));
    if (!done) return true;
    const Result<> committed = commit(unsealed, after, event_of(*done));
    if (committed || committed.error().code != Code::conflict) {
      COFFER_CHECK(committed);
      return true;
    }
  }
  return fail(Code::conflict, "a rotation step was overtaken again and again");
}

Result<> Rotator::ask(const domain::StepToRun& step) const {
  const RotationFunction* const function = functions_.find(step.function);
  if (function == nullptr) return fail(Code::not_found, "the function is not configured any more");
  secure::SecureText text;
  formats::JsonWriter w(text);
  w.begin_object().key("Step").string(domain::to_text(step.step));
  w.key("SecretId").string(step.secret_arn);
  w.key("ClientRequestToken").string(step.token).end_object();
  return (*function)(text.text());
}

Result<std::size_t> Rotator::write_uses(Unsealed& unsealed) {
  work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
  COFFER_TRY(const std::size_t count,
             domain::write_secret_uses(view, unsealed.secrets.uses, kUsesAUnit));
  if (count == 0) return 0;
  proof::Event event = this->event(proof::EventType::secret_metadata_changed);
  event.reason = "days of last use";
  event.facts.push_back({"count", std::to_string(count)});
  COFFER_CHECK(commit(unsealed, view, std::move(event)));
  return count;
}

Result<std::size_t> Rotator::run() {
  UnsealedPtr unsealed = lifecycle_.current();
  std::size_t total = 0;
  const auto repeat = [&](auto&& chore) -> Result<> {
    for (std::size_t i = 0; i < kChores && unsealed && !(stopping_ && stopping_()); ++i) {
      const auto more = chore();
      // Another node has the job, or somebody was first: the next round looks again.
      if (!more && more.error().code == Code::precondition_failed) return {};
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      ++total;
    }
    return {};
  };
  COFFER_CHECK(repeat([&] { return tend(*unsealed); }));
  COFFER_CHECK(repeat([&] { return step(unsealed); }));
  if (!unsealed) return total;
  COFFER_TRY(const std::size_t written, write_uses(*unsealed));
  return total + written;
}

}  // namespace coffer::gate
