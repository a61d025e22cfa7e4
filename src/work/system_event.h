// The audit event of what the server does by itself: a job, not a request.
//
// It is allowed, of the root realm, by the actor "system", under a request id of its own. The
// caller adds its facts. Pure but for the id.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "proof/event.h"

#include <string>

namespace coffer::work {

proof::Event system_event(Timestamp now,
                          crypto::Random& random,
                          proof::EventType type,
                          std::string reason = {});

}  // namespace coffer::work
