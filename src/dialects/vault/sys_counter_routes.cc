// Numbers: how many tokens and entities there are, and the leases that could not be revoked.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/token_row.h"
#include "domain/identity/identity.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::size_t kPage = 10'000;

// All rows of a table, page by page. Slow with many: an effect.
template <rows::Row R>
Result<std::size_t> count_rows(work::View& view) {
  std::size_t count = 0;
  Bytes after;
  while (true) {
    COFFER_TRY(const std::vector<Bytes> keys, view.keys<R>({}, after, kPage));
    count += keys.size();
    if (keys.size() < kPage) return count;
    after = keys.back();
  }
}

template <rows::Row R>
gate::Handler counting(std::string_view counter, gate::Lifecycle* lifecycle) {
  return [counter, lifecycle](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::size_t* count,
               call.effects.get<std::size_t>(
                   "count", [lifecycle, unsealed = call.unsealed, realm = call.view->realm()] {
                     work::View view(
                         *unsealed->rows, realm, lifecycle->clock().now(), lifecycle->random());
                     return count_rows<R>(view);
                   }));
    return data_answer(call, [&](JsonWriter& w) {
      w.key("counters").begin_object().key(counter).begin_object();
      w.key("total").integer(static_cast<std::int64_t>(*count));
      w.end_object().end_object();
    });
  };
}

// A revocation is one unit of work here, so that no lease is ever stuck halfway.
Result<Reply> irrevocable(Call& call, bool listed) {
  const auto type = net::query_value(call.target, "type");
  if (type != "irrevocable") {
    return fail(Code::invalid_argument, "\"type\" must be \"irrevocable\"");
  }
  return data_answer(call, [&](JsonWriter& w) {
    w.key("lease_count").integer(0);
    if (listed) {
      w.key("leases").begin_array().end_array();
    } else {
      w.key("counts").begin_object().end_object();
    }
  });
}

Result<Reply> tidy(Call& call) {
  Answer out;
  out.status = 202;
  out.warnings.emplace_back("dead leases are removed in the background all the time");
  return answer(call, std::move(out));
}

}  // namespace

RouteTable sys_counter_routes(const Services& services) {
  using enum proof::EventType;
  gate::Lifecycle* lifecycle = &services.lifecycle;
  const Rule read{.action = "sys.counters.read"};
  const Rule leases{.action = "lease.count"};
  RouteTable t;
  t.push_back(guarded(Verb::read,
                      "internal/counters/tokens",
                      system_read,
                      read,
                      counting<domain::TokenRow>("service_tokens", lifecycle)));
  t.push_back(guarded(Verb::read,
                      "internal/counters/entities",
                      system_read,
                      read,
                      counting<domain::EntityRow>("entities", lifecycle)));
  t.push_back(guarded(Verb::read, "leases", lease_read, leases, [](Call& call) {
    return irrevocable(call, true);
  }));
  t.push_back(guarded(Verb::read, "leases/count", lease_read, leases, [](Call& call) {
    return irrevocable(call, false);
  }));
  add_sudo(t, "lease.tidy", {{Verb::write, "leases/tidy", lease_revoked, tidy}});
  return t;
}

}  // namespace coffer::dialects::vault
