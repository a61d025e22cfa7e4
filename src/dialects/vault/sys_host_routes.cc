// The machine and this node's part in a cluster of one: host-info, step-down; and the two settings
// of Vault's gate that do not exist here, cross-origin requests and audited headers.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;

void write_memory(JsonWriter& w, const struct sysinfo& info) {
  const auto octets = [&info](unsigned long count) {
    return static_cast<std::int64_t>(count) * static_cast<std::int64_t>(info.mem_unit);
  };
  w.key("memory").begin_object();
  w.key("total").integer(octets(info.totalram));
  w.key("free").integer(octets(info.freeram));
  w.key("buffers").integer(octets(info.bufferram));
  w.key("shared").integer(octets(info.sharedram));
  w.key("swapTotal").integer(octets(info.totalswap));
  w.key("swapFree").integer(octets(info.freeswap));
  w.end_object();
}

void write_host(JsonWriter& w, const struct sysinfo& info, const utsname& name, Timestamp now) {
  const std::int64_t uptime = info.uptime;
  w.key("host").begin_object();
  w.key("hostname").string(name.nodename);
  w.key("os").string("linux");
  w.key("kernelVersion").string(name.release);
  w.key("kernelArch").string(name.machine);
  w.key("procs").integer(info.procs);
  w.key("uptime").integer(uptime);
  w.key("bootTime").integer(now.ns / 1'000'000'000 - uptime);
  w.end_object();
}

// What the kernel says in two calls. Vault's lists of processors and disks are left empty.
Result<Reply> host_info(Call& call) {
  struct sysinfo info{};
  utsname name{};
  if (::sysinfo(&info) != 0 || ::uname(&name) != 0) {
    return fail(Code::unavailable, "the system does not tell about itself");
  }
  return data_answer(call, [&](JsonWriter& w) {
    w.key("timestamp").string(rfc3339(call.now));
    w.key("cpu").begin_array().end_array();
    w.key("cpu_count").integer(::sysconf(_SC_NPROCESSORS_ONLN));
    w.key("cpu_times").begin_array().end_array();
    w.key("disk").begin_array().end_array();
    write_host(w, info, name, call.now);
    write_memory(w, info);
  });
}

// There is no other node that could take over: nothing happens, as in Vault without a cluster.
Result<Reply> step_down(Call& /*call*/) {
  return no_content();
}

Result<Reply> read_cors(Call& call) {
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("enabled").boolean(false);
  w.key("allowed_origins").strings({});
  w.key("allowed_headers").strings({});
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> read_audited_headers(Call& call) {
  Answer out;
  JsonWriter(out.data.emplace())
      .begin_object()
      .key("headers")
      .begin_object()
      .end_object()
      .end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

gate::Handler refusing(std::string_view why) {
  return [why](Call&) -> Result<Reply> { return fail(Code::invalid_argument, std::string(why)); };
}

// Off is what it is already.
Result<Reply> switch_off(Call& /*call*/) {
  return no_content();
}

}  // namespace

RouteTable sys_host_routes() {
  using enum proof::EventType;
  RouteTable t;
  add_sudo(t, "sys.step-down", {{Verb::write, "step-down", system_configured, step_down}});
  add_sudo(t, "sys.host-info", {{Verb::read, "host-info", system_read, host_info}});
  add_sudo(t,
           "sys.config.cors",
           {{Verb::read, "config/cors", system_read, read_cors},
            {Verb::write,
             "config/cors",
             system_configured,
             refusing("requests from pages of other origins are always refused")},
            {Verb::remove, "config/cors", system_configured, switch_off}});
  constexpr std::string_view kHeaders = "config/auditing/request-headers";
  const std::string one = std::string(kHeaders) + "/{name}";
  add_sudo(t,
           "sys.config.auditing",
           {{Verb::read, std::string(kHeaders), system_read, read_audited_headers},
            {Verb::read, one, system_read, refusing("Could not find header in config")},
            {Verb::write, one, system_configured, refusing("the audit log keeps no headers")},
            {Verb::remove, one, system_configured, switch_off}});
  return t;
}

}  // namespace coffer::dialects::vault
