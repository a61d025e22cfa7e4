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
constexpr std::size_t kLookedAt = 32;  // secrets that are due first
constexpr std::size_t kMostLookedAt = 2048;

proof::EventType type_of(domain::SecretChore what) {
  switch (what) {
    case domain::SecretChore::erased:
      return proof::EventType::secret_destroyed;
    case domain::SecretChore::started:
      return proof::EventType::secret_rotation_started;
    case domain::SecretChore::put_off:
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
    case domain::SecretChore::put_off:
      return "its rotation could not be started";
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

// What cannot be dealt with stays in front of what comes after it: then more is looked at.
Result<bool> Rotator::tend(Unsealed& unsealed) {
  std::size_t seen = 0;
  for (std::size_t limit = kLookedAt; limit <= kMostLookedAt; limit *= 4) {
    work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
    COFFER_TRY(const auto places, domain::secrets_due(view, limit));
    bool all_failed = places.size() == limit;
    for (; seen < places.size(); ++seen) {
      COFFER_TRY(const Tended tended, tend_secret(unsealed, places[seen]));
      if (tended == Tended::done) return true;
      all_failed = all_failed && tended == Tended::failed;
    }
    if (!all_failed) return false;
  }
  return false;
}

// A rotation that cannot be started is put off: else the secret would be due for ever, and be the
// first that is.
Result<Rotator::Tended> Rotator::tend_secret(Unsealed& unsealed, const Bytes& place) {
  const auto done = perform(unsealed, [&](work::View& view) {
    return domain::tend_secret(view, unsealed.secrets, unsealed.aws_account, place);
  });
  if (done) return *done ? Tended::done : Tended::nothing;
  if (!domain::is_of_one_secret(done.error())) return std::unexpected(done.error());
  const auto put_off = perform(unsealed, [&](work::View& view) {
    return domain::put_off_rotation(view, place, done.error());
  });
  if (put_off) return *put_off ? Tended::done : Tended::failed;
  if (!domain::is_of_one_secret(put_off.error())) return std::unexpected(put_off.error());
  return Tended::failed;
}

Result<bool> Rotator::perform(Unsealed& unsealed, const Chore& chore) {
  work::View view(*unsealed.rows, rows::kRootRealm, clock_.now(), random_);
  COFFER_TRY(const auto done, chore(view));
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
  const Result<> tended = repeat([&] { return tend(*unsealed); });
  const Result<> stepped = repeat([&] { return step(unsealed); });
  if (unsealed) {
    COFFER_TRY(const std::size_t written, write_uses(*unsealed));
    total += written;
  }
  COFFER_CHECK(tended);
  COFFER_CHECK(stepped);
  return total;
}

}  // namespace coffer::gate
