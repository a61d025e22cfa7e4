// sys/plugins/catalog: the engines that there are. All are part of the program; none can be added.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;

struct Family {
  std::string_view type;
  std::vector<std::string> names;
};

const std::array<Family, 3>& families() {
  static const std::array<Family, 3> kFamilies{
      {{"auth", {"approle", "cert", "userpass"}}, {"database", {}}, {"secret", {"kv", "transit"}}}};
  return kFamilies;
}

const Family* family_of(std::string_view type) {
  const auto found = std::ranges::find(families(), type, &Family::type);
  return found == families().end() ? nullptr : &*found;
}

void write_plugin(JsonWriter& w, std::string_view name, const Services& services) {
  w.key("name").string(name);
  w.key("builtin").boolean(true);
  w.key("version").string("v" + services.version + "+builtin");
  w.key("deprecation_status").string("supported");
}

Result<Reply> catalog(const Services& services, Call& call) {
  return data_answer(call, [&](JsonWriter& w) {
    for (const Family& family : families()) w.key(family.type).strings(family.names);
    w.key("detailed").begin_array();
    for (const Family& family : families()) {
      for (const std::string& name : family.names) {
        w.begin_object();
        w.key("type").string(family.type);
        write_plugin(w, name, services);
        w.end_object();
      }
    }
    w.end_array();
  });
}

Result<Reply> names_of_type(Call& call) {
  const Family* family = family_of(call.routing.captures.at(0));
  if (family == nullptr) return fail(Code::invalid_argument, "unknown plugin type");
  return list_answer(call, family->names);
}

Result<Reply> plugin(const Services& services, Call& call) {
  const Family* family = family_of(call.routing.captures.at(0));
  if (family == nullptr) return fail(Code::invalid_argument, "unknown plugin type");
  const std::string& name = call.routing.captures.at(1);
  if (std::ranges::find(family->names, name) == family->names.end())
    return fail(Code::not_found, "");
  return data_answer(call, [&](JsonWriter& w) {
    write_plugin(w, name, services);
    w.key("command").string("");
    w.key("args").null();
    w.key("sha256").string("");
  });
}

}  // namespace

RouteTable sys_plugin_routes(const Services& services) {
  RouteTable t;
  const auto add = [&t](Verb verb, std::string_view pattern, gate::Handler handler) {
    t.push_back(guarded(
        verb, pattern, proof::EventType::system_read, "sys.plugins.read", std::move(handler)));
  };
  add(Verb::read, "plugins/catalog", [services](Call& call) { return catalog(services, call); });
  add(Verb::list, "plugins/catalog/{type}", names_of_type);
  add(Verb::read, "plugins/catalog/{type}/{name}", [services](Call& call) {
    return plugin(services, call);
  });
  return t;
}

}  // namespace coffer::dialects::vault
