// Rotator: rotates secrets that are due or were asked to, and erases those whose recovery window
// has ended (domain/secrets/rotations.h), in bounded units of its own.
//
// Each unit holds the claim of its job (work/job.h); a function is asked between two units, so that
// a node that lost its claim meanwhile commits nothing of what came of it. Blocking, for as long as
// functions take: for a thread of its own. Borrows everything given.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/secrets/rotations.h"
#include "gate/lifecycle.h"
#include "gate/rotation_functions.h"

#include <cstddef>
#include <optional>
#include <string>

namespace coffer::gate {

class Rotator {
 public:
  Rotator(Lifecycle& lifecycle,
          const Clock& clock,
          crypto::Random& random,
          const RotationFunctions& functions,
          std::string node)
      : lifecycle_(lifecycle),
        clock_(clock),
        random_(random),
        functions_(functions),
        node_(std::move(node)) {}

  // What there is to do now, at most kChores of each kind. Gives how much it was.
  static constexpr std::size_t kChores = 50;
  Result<std::size_t> run();

 private:
  Result<bool> tend(Unsealed& unsealed);
  Result<bool> step(Unsealed& unsealed);
  Result<std::size_t> write_uses(Unsealed& unsealed);
  Result<> ask(const domain::StepToRun& step) const;
  Result<> commit(Unsealed& unsealed, work::View& view, proof::Event event);
  [[nodiscard]] proof::Event event(proof::EventType type) const;
  [[nodiscard]] proof::Event event_of(const domain::DoneSecretChore& done) const;

  Lifecycle& lifecycle_;
  const Clock& clock_;
  crypto::Random& random_;
  const RotationFunctions& functions_;
  const std::string node_;
};

}  // namespace coffer::gate
