#include "domain/secrets/rotations.h"

#include "base/enum_table.h"
#include "base/uuid.h"
#include "base/wire.h"
#include "domain/secrets/stages.h"
#include "formats/aws_schedule.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::domain {
namespace {

constexpr EnumTable<RotationStep, 4> kSteps{{{
    {RotationStep::create, "createSecret"},
    {RotationStep::set, "setSecret"},
    {RotationStep::test, "testSecret"},
    {RotationStep::finish, "finishSecret"},
}}};

constexpr std::size_t kLookedAt = 32;
constexpr std::size_t kRotationPages = 64;  // of kLookedAt rotations that wait
constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kFirstPause = std::chrono::seconds(10);

std::string_view key_of(const SecretRow& row) {
  return *row.path;
}

// What is due is erased or started.
Result<std::optional<DoneSecretChore>> tend(work::View& view,
                                            SecretsState& state,
                                            std::string_view account,
                                            const SecretPtr& secret) {
  const SecretRow& row = secret->row;
  const SecretExtra& extra = **row.extra;
  ManagedSecrets secrets(view, *row.mount, account, state, "rotation");
  if (extra.deletion.ns != 0) {
    COFFER_CHECK(secrets.erase(secret));
    return DoneSecretChore{SecretChore::erased, std::string(key_of(row)), {}};
  }
  Rotation rotation = *extra.rotation;
  rotation.next = next_rotation(rotation, view.now());
  COFFER_TRY(const SecretPtr changed, secrets.configure_rotation(secret, std::move(rotation)));
  // One that was given up is taken up again.
  const std::uint64_t pending = version_of_stage(row, kStagePending);
  const bool left_over = pending != 0 && pending != *row.current;
  const std::string token = left_over ? version_id(row, pending) : uuid4(view.random().array<16>());
  const auto started = secrets.start_rotation(changed, token, false);
  if (!started && started.error().code != Code::precondition_failed) {
    return std::unexpected(started.error());
  }
  return DoneSecretChore{SecretChore::started,
                         std::string(key_of(row)),
                         started ? token : "the one before is not complete"};
}

bool is_due(const SecretRow& row, Timestamp now) {
  if (!*row.extra) return false;
  const SecretExtra& extra = **row.extra;
  if (extra.deletion.ns != 0) return extra.deletion <= now;
  const bool rotates = extra.rotation && extra.rotation->enabled && extra.rotation->next.ns != 0;
  return rotates && extra.rotation->next <= now;
}

// The function has finished: the version that it made is the current one now.
Result<DoneSecretChore> finish(work::View& view, SecretRow row, const RotationRow& rotation) {
  SecretExtra& extra = extra_of(row);
  const auto pending = extra.stages.find(std::string(kStagePending));
  if (pending != extra.stages.end() && pending->second == *row.current) {
    extra.stages.erase(pending);
  }
  if (extra.rotation) {
    if (!*rotation.test_only) extra.rotation->last = view.now();
    extra.rotation->next = next_rotation(*extra.rotation, view.now());
  }
  *row.updated = view.now();
  DoneSecretChore done{SecretChore::rotated, *row.path, *rotation.token};
  COFFER_CHECK(view.erase<RotationRow>(rotation.key()));
  COFFER_CHECK(view.put(std::move(row)));
  return done;
}

Result<DoneSecretChore> fail_step(work::View& view, RotationRow rotation, const Error& error) {
  std::string detail = std::string(to_text(*rotation.step)) + ": " + error.message;
  if (*rotation.attempts >= kMaxAttempts) {
    DoneSecretChore done{SecretChore::given_up, *rotation.path, std::move(detail)};
    COFFER_CHECK(view.erase<RotationRow>(rotation.key()));
    return done;
  }
  DoneSecretChore done{SecretChore::retried, *rotation.path, std::move(detail)};
  *rotation.retry = view.now() + kFirstPause * (1U << *rotation.attempts);
  COFFER_CHECK(view.put(std::move(rotation)));
  return done;
}

}  // namespace

Timestamp next_rotation(const Rotation& rotation, Timestamp now) {
  if (!rotation.enabled) return {};
  if (rotation.after_days != 0) return now + kDay * rotation.after_days;
  const auto schedule = formats::AwsSchedule::parse(rotation.schedule);
  return schedule ? schedule->next_after(now).value_or(Timestamp{}) : Timestamp{};
}

std::string_view to_text(RotationStep step) {
  return kSteps.text(step);
}

Result<std::vector<Bytes>> secrets_due(work::View& view, std::size_t limit) {
  return view.lookup<SecretRow>(kSecretDue, {}, limit);
}

Result<std::optional<DoneSecretChore>> tend_secret(work::View& view,
                                                   SecretsState& state,
                                                   std::string_view account,
                                                   const Bytes& place) {
  COFFER_TRY(const SecretPtr secret, view.find<SecretRow>(place));
  if (!secret || !is_due(secret->row, view.now())) return std::nullopt;
  return tend(view, state, account, secret);
}

bool is_of_one_secret(const Error& error) {
  constexpr std::array kCodes{Code::invalid_argument,
                              Code::not_found,
                              Code::already_exists,
                              Code::too_large,
                              Code::corrupt};
  return std::ranges::find(kCodes, error.code) != kCodes.end();
}

Result<std::optional<DoneSecretChore>> put_off_rotation(work::View& view,
                                                        const Bytes& place,
                                                        const Error& why) {
  COFFER_TRY(const SecretPtr secret, view.find<SecretRow>(place));
  if (!secret || !is_due(secret->row, view.now())) return std::nullopt;
  if ((*secret->row.extra)->deletion.ns != 0) return std::nullopt;
  COFFER_TRY(SecretRow row, view.open(*secret));
  Rotation& rotation = *extra_of(row).rotation;
  rotation.next = next_rotation(rotation, view.now());
  COFFER_CHECK(view.put(std::move(row)));
  return DoneSecretChore{SecretChore::put_off, std::string(key_of(secret->row)), why.message};
}

namespace {

// Those that nobody tries just now, from the first page that has any: however many wait for a
// function that fails, they hold up no others.
Result<std::vector<Bytes>> ready_rotations(work::View& view) {
  std::vector<Bytes> ready;
  Bytes after;
  for (std::size_t page = 0; page < kRotationPages && ready.empty(); ++page) {
    COFFER_TRY(const auto keys, view.keys<RotationRow>({}, after, kLookedAt));
    for (const Bytes& key : keys) {
      const auto found = view.peek<RotationRow>(key);
      if (!found && is_of_one_secret(found.error())) continue;
      if (!found) return std::unexpected(found.error());
      if (*found && *(*found)->row.retry <= view.now()) ready.push_back(key);
    }
    if (keys.size() < kLookedAt) break;
    after = keys.back();
  }
  return ready;
}

}  // namespace

Result<std::optional<StepToRun>> begin_step(work::View& view, std::string_view account) {
  COFFER_TRY(const auto ready, ready_rotations(view));
  for (const Bytes& key : ready) {
    COFFER_TRY(const auto found, view.find<RotationRow>(key));
    if (!found || *found->row.retry > view.now()) continue;
    const auto read = view.find<SecretRow>(secret_key(*found->row.mount, *found->row.path));
    if (!read && is_of_one_secret(read.error())) continue;
    COFFER_TRY(const SecretPtr secret, read);
    RotationRow rotation = found->row;
    const bool gone = !secret || *secret->row.uid != *rotation.uid || !*secret->row.extra ||
                      !(*secret->row.extra)->rotation;
    if (gone) {
      COFFER_CHECK(view.erase<RotationRow>(key));
      continue;
    }
    ++*rotation.attempts;
    *rotation.retry = view.now() + kAttemptLasts;
    StepToRun step{.mount = *rotation.mount,
                   .uid = *rotation.uid,
                   .path = *rotation.path,
                   .token = *rotation.token,
                   .function = (*secret->row.extra)->rotation->function,
                   .secret_arn = secret_arn(secret->row, account),
                   .step = *rotation.step};
    COFFER_CHECK(view.put(std::move(rotation)));
    return step;
  }
  return std::nullopt;
}

Result<std::optional<DoneSecretChore>> end_step(work::View& view,
                                                const StepToRun& step,
                                                const Result<>& outcome) {
  COFFER_TRY(const auto found,
             view.find<RotationRow>(SecretPolicyRow::key_of(step.mount, step.uid)));
  const bool same = found && *found->row.token == step.token && *found->row.step == step.step;
  if (!same) return std::nullopt;
  RotationRow rotation = found->row;
  if (!outcome) return fail_step(view, std::move(rotation), outcome.error());
  COFFER_TRY(const SecretPtr secret, view.find<SecretRow>(secret_key(step.mount, step.path)));
  if (!secret || *secret->row.uid != step.uid) return std::nullopt;
  const bool last = *rotation.step == RotationStep::finish || *rotation.test_only;
  if (!last) {
    const auto at = static_cast<std::uint8_t>(*rotation.step);
    DoneSecretChore done{
        SecretChore::advanced, *rotation.path, std::string(to_text(*rotation.step))};
    rotation.step = static_cast<RotationStep>(at + 1);
    rotation.attempts = 0U;
    rotation.retry = Timestamp{};
    COFFER_CHECK(view.put(std::move(rotation)));
    return done;
  }
  if (!*rotation.test_only && version_of_id(secret->row, step.token) != *secret->row.current) {
    return fail_step(
        view,
        std::move(rotation),
        Error{Code::precondition_failed, "the new version did not become the current one", {}});
  }
  COFFER_TRY(SecretRow row, view.open(*secret));
  return finish(view, std::move(row), rotation);
}

}  // namespace coffer::domain
