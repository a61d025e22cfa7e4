#include "work/system_event.h"

#include "base/uuid.h"
#include "store/store.h"

#include <utility>

namespace coffer::work {
namespace {

constexpr store::RealmId kRootRealm{1};

}  // namespace

proof::Event system_event(Timestamp now,
                          crypto::Random& random,
                          proof::EventType type,
                          std::string reason) {
  proof::Event event;
  event.time = now;
  event.request_id = uuid4(random.array<16>());
  event.type = type;
  event.outcome = proof::Outcome::allowed;
  event.realm = kRootRealm.value();
  event.actor_type = "system";
  event.dialect = "server";
  event.reason = std::move(reason);
  return event;
}

}  // namespace coffer::work
