#include "work/system_event.h"

#include "base/uuid.h"
#include "rows/table.h"

#include <utility>

namespace coffer::work {
namespace {}  // namespace

proof::Event system_event(Timestamp now,
                          crypto::Random& random,
                          proof::EventType type,
                          std::string reason) {
  proof::Event event;
  event.time = now;
  event.request_id = uuid4(random.array<16>());
  event.type = type;
  event.outcome = proof::Outcome::allowed;
  event.realm = rows::kRootRealm.value();
  event.actor_type = "system";
  event.dialect = "server";
  event.reason = std::move(reason);
  return event;
}

}  // namespace coffer::work
