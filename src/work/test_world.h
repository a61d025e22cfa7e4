// TestWorld: all that a View needs, in memory, for tests of this floor and of those above.
//
//   work::TestWorld world;
//   work::View view = world.view();
//   … stage something …
//   ASSERT_TRUE(world.commit(view));
//
// Time stands still until a test advances `clock`, and randomness repeats. A View is good for one
// commit. Construction throws when a part fails to start.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "keys/keyring.h"
#include "rows/rows.h"
#include "store/memory/memory_store.h"
#include "work/committer.h"
#include "work/view.h"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace coffer::work {

inline constexpr store::RealmId kTestRealm{1};

class TestWorld {
 public:
  TestWorld() {
    keyring = value(keys::Keyring::create(clock.now(), *random));
    restart();
  }

  [[nodiscard]] View view() { return View(*rows, kTestRealm, clock.now(), *random); }

  // The unit, made durable. A millisecond passes, so that no two units share a moment.
  [[nodiscard]] Result<> commit(View& view) {
    Result<> done = committer->commit(view, {event()});
    clock.advance(std::chrono::milliseconds(1));
    return done;
  }

  // Forgets what is cached and reads the store again, as after an unseal.
  void restart() {
    committer.reset();
    rows = value(rows::Rows::open(*store, keyring, 1U << 20U));
    committer = value(Committer::start(*store, *rows, clock));
  }

  // Takes the value out, or throws.
  template <class T>
  static T value(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  // What accompanies a unit of a test.
  [[nodiscard]] proof::Event event() const {
    proof::Event event;
    event.time = clock.now();
    event.type = proof::EventType::system_configured;
    event.outcome = proof::Outcome::allowed;
    event.realm = kTestRealm.value();
    return event;
  }

  FakeClock clock;
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::shared_ptr<const keys::Keyring> keyring;
  std::unique_ptr<rows::Rows> rows;
  std::unique_ptr<Committer> committer;  // last: stops before what it borrows goes
};

}  // namespace coffer::work
