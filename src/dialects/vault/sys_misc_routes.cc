// Metrics, version history, and the part of the configuration that may be shown.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/ttl.h"

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;

// Prometheus' text when it is asked for; else the little that Vault's own shape has a place for.
Result<Reply> metrics(const Services& services, Call& call) {
  const auto format = net::query_value(call.target, "format");
  if (format == "prometheus") {
    Reply reply;
    reply.content_type = "text/plain; version=0.0.4";
    reply.body = secure::SecureText(services.metrics.text());
    return reply;
  }
  if (format && !format->empty()) {
    return fail(Code::invalid_argument, "metric response format must be \"prometheus\" or empty");
  }
  return bare(200, [&](JsonWriter& w) {
    w.key("Timestamp").string("");
    w.key("Gauges").begin_array().end_array();
    w.key("Points").begin_array().end_array();
    w.key("Counters").begin_array().begin_object();
    w.key("Name").string("coffer.root_token_uses");
    w.key("Count").integer(static_cast<std::int64_t>(services.metrics.root_uses()));
    w.end_object().end_array();
    w.key("Samples").begin_array().end_array();
  });
}

// The versions that ran on this store are not recorded: the present one.
Result<Reply> version_history(const Services& services, Call& call) {
  return data_answer(call, [&](JsonWriter& w) {
    w.key("keys").strings({services.version});
    w.key("key_info").begin_object();
    w.key(services.version).begin_object();
    w.key("build_date").string(services.version_date);
    w.key("previous_version").null();
    w.key("timestamp_installed").null();
    w.end_object().end_object();
  });
}

// Paths name secrets, so that sudo is asked for.
Result<Reply> in_flight(const Services& services, Call& /*call*/) {
  return bare(200, [&](JsonWriter& w) {
    for (const gate::InFlight::Seen& request : services.metrics.in_flight()->all()) {
      w.key(request.id).begin_object();
      w.key("start_time").string(rfc3339(request.started));
      w.key("client_remote_address").string(request.address);
      w.key("request_path").string(request.path);
      w.key("request_method").string(request.method);
      w.key("client_id").string("");
      w.end_object();
    }
  });
}

Result<Reply> sanitized_state(const Services& services, Call& call) {
  const auto ttl = std::chrono::duration_cast<std::chrono::seconds>(domain::kServerTtl).count();
  return data_answer(call, [&](JsonWriter& w) {
    w.key("cluster_name").string(services.cluster_name);
    w.key("default_lease_ttl").integer(ttl);
    w.key("max_lease_ttl").integer(ttl);
    w.key("seals").begin_array().begin_object();
    w.key("disabled").boolean(false);
    w.key("type").string("shamir");
    w.end_object().end_array();
    w.key("storage").begin_object().key("type").string("coffer").end_object();
  });
}

}  // namespace

RouteTable sys_misc_routes(const Services& services) {
  RouteTable t;
  const auto add = [&t](Verb verb,
                        std::string_view pattern,
                        std::string_view action,
                        gate::Handler handler) {
    t.push_back(guarded(verb, pattern, proof::EventType::system_read, action, std::move(handler)));
  };
  add(Verb::read, "metrics", "sys.metrics.read", [services](Call& call) {
    return metrics(services, call);
  });
  for (const Verb verb : {Verb::read, Verb::list}) {
    add(verb, "version-history", "sys.version.read", [services](Call& call) {
      return version_history(services, call);
    });
  }
  add(Verb::read, "config/state/sanitized", "sys.config.read", [services](Call& call) {
    return sanitized_state(services, call);
  });
  add_sudo(t,
           "sys.in-flight",
           {{Verb::read, "in-flight-req", proof::EventType::system_read, [services](Call& call) {
               return in_flight(services, call);
             }}});
  return t;
}

}  // namespace coffer::dialects::vault
