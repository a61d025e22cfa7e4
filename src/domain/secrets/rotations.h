// Rotations that are under way, and those that are due: what a job does about them, step by step.
//
// A rotation is a RotationRow beside its secret. The job takes one that may be tried (begin_step),
// commits that it tries, asks the function outside of any unit, and commits what came of it
// (end_step): so a crash between the two costs one attempt, which is made again. A function that
// fails is tried kMaxAttempts times a step, with growing pauses; then the rotation is given up. The
// old AWSCURRENT stays until the function itself moves the stage. Recovery windows that have ended
// are erased by the same hand. A secret that cannot be dealt with (its row is full, or does not
// open) holds up no other.
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
enum class SecretChore : std::uint8_t {
  erased,
  started,
  put_off,
  rotated,
  advanced,
  retried,
  given_up
};

struct DoneSecretChore {
  SecretChore what{};
  std::string path;
  std::string detail;
};

// Places of secrets for which something is due or will be, in the order of their times, at most
// `limit`.
Result<std::vector<Bytes>> secrets_due(work::View& view, std::size_t limit);
// A secret whose recovery window has ended is erased, or its rotation that is due is started, as
// one unit. nullopt: nothing is due for it.
Result<std::optional<DoneSecretChore>> tend_secret(work::View& view,
                                                   SecretsState& state,
                                                   std::string_view account,
                                                   const Bytes& place);
// Whether such an error says something about the one secret only: others go on.
bool is_of_one_secret(const Error& error);
// Instead, in a view of its own: the rotation could not be started, and is due again at its next
// time. nullopt: it is not a rotation that is due.
Result<std::optional<DoneSecretChore>> put_off_rotation(work::View& view,
                                                        const Bytes& place,
                                                        const Error& why);

// Stages that an attempt is made now. nullopt: there is none to make.
Result<std::optional<StepToRun>> begin_step(work::View& view, std::string_view account);
// Stages what came of it: the next step, the end, another attempt, or that it is given up. nullopt:
// the rotation is not what it was, and nothing is staged.
Result<std::optional<DoneSecretChore>> end_step(work::View& view,
                                                const StepToRun& step,
                                                const Result<>& outcome);

}  // namespace coffer::domain
