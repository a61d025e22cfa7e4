// Rotator: rotates secrets that are due or were asked to, and erases those whose recovery window
// has ended (domain/secrets/rotations.h), in bounded units of its own.
//
// Each unit holds the claim of its job (work/job.h); a function is asked between two units, so that
// a node that lost its claim meanwhile commits nothing of what came of it. Blocking, for as long as
// a function takes: for a thread of its own. Nothing of the unsealed state is held while a function
// works, so that a seal wipes it at once. Borrows everything given.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/secrets/rotations.h"
#include "gate/lifecycle.h"
#include "gate/rotation_functions.h"
#include "work/job.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace coffer::gate {

class Rotator {
 public:
  Rotator(Lifecycle& lifecycle,
          const Clock& clock,
          crypto::Random& random,
          const RotationFunctions& functions,
          std::string node,
          std::function<bool()> stopping = {})
      : lifecycle_(lifecycle),
        clock_(clock),
        random_(random),
        functions_(functions),
        node_(std::move(node)),
        stopping_(std::move(stopping)) {}

  // What there is to do now, at most kChores of each kind. Gives how much it was. Begins nothing
  // more once `stopping` says so or the server is sealed. One kind that fails leaves the others to
  // be done, and its error is given.
  static constexpr std::size_t kChores = 50;
  Result<std::size_t> run();

 private:
  // A step that is recorded as begun, if there was one to begin.
  struct Begun {
    std::optional<domain::StepToRun> step;
    work::Claim claim;
    bool erased = false;  // a rotation of a secret that is gone, in its place
  };

  // What became of one secret: something was done, nothing is due, or it cannot be dealt with.
  enum class Tended : std::uint8_t { done, nothing, failed };
  using Chore = std::function<Result<std::optional<domain::DoneSecretChore>>(work::View&)>;

  Result<bool> tend(Unsealed& unsealed);
  Result<Tended> tend_secret(Unsealed& unsealed, const Bytes& place);
  // A chore as a unit of its own. False: there was nothing to do.
  Result<bool> perform(Unsealed& unsealed, const Chore& chore);
  // Null afterwards when the server was sealed meanwhile.
  Result<bool> step(UnsealedPtr& unsealed);
  Result<Begun> begin(Unsealed& unsealed);
  Result<bool> end(Unsealed& unsealed, const Begun& begun, const Result<>& outcome);
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
  const std::function<bool()> stopping_;  // may be empty
};

}  // namespace coffer::gate
