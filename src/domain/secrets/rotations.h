// Rotations that are under way, and those that are due: what a job does about them, step by step.
//
// A rotation is a RotationRow beside its secret. The job takes one that may be tried (begin_step),
// commits that it tries, asks the function outside of any unit, and commits what came of it
// (end_step): so a crash between the two costs one attempt, which is made again. A function that
// fails is tried kMaxAttempts times a step, with growing pauses; then the rotation is given up. The
// old AWSCURRENT stays until the function itself moves the stage. Recovery windows that have ended
// are erased by the same hand.
#pragma once

#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/secret_side_rows.h"
#include "work/view.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::uint32_t kMaxAttempts = 5;  // of one step
// After an attempt that nothing more was heard of.
inline constexpr Duration kAttemptLasts = std::chrono::minutes(3);

// The next date by the rules, after `now`; {}: on demand only.
Timestamp next_rotation(const Rotation& rotation, Timestamp now);

struct StepToRun {
  Bytes mount;
  Bytes uid;
  std::string path;
  std::string token;
  std::string function;  // its ARN
  std::string secret_arn;
  RotationStep step{};
};

// "createSecret", "setSecret", "testSecret", "finishSecret".
std::string_view to_text(RotationStep step);

// What one unit did, for its audit event.
enum class SecretChore : std::uint8_t { erased, started, rotated, advanced, retried, given_up };

struct DoneSecretChore {
  SecretChore what{};
  std::string path;
  std::string detail;
};

// A secret whose recovery window has ended is erased, or one whose rotation is due is started, as
// one unit. nullopt: nothing is due.
Result<std::optional<DoneSecretChore>> tend_one_secret(work::View& view,
                                                       SecretsState& state,
                                                       std::string_view account);

// Stages that an attempt is made now. nullopt: there is none to make.
Result<std::optional<StepToRun>> begin_step(work::View& view, std::string_view account);
// Stages what came of it: the next step, the end, another attempt, or that it is given up. nullopt:
// the rotation is not what it was, and nothing is staged.
Result<std::optional<DoneSecretChore>> end_step(work::View& view,
                                                const StepToRun& step,
                                                const Result<>& outcome);

}  // namespace coffer::domain
