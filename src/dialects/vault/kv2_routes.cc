// KV version 2: data/ and the life of versions.
#include "dialects/vault/dialect.h"
#include "dialects/vault/kv2_parts.h"
#include "dialects/vault/kv_wire.h"

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using proof::EventType;

// Status 404 with a body when the version is deleted: clients read its metadata from there.
constexpr int kGone = 404;

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(const std::uint64_t wanted, query_number(call, "version"));
  COFFER_TRY(const domain::Reading reading, kv2_engine(call).read(kv2_path(call), wanted));
  call.note("version", std::to_string(reading.version.number));
  Answer out;
  secure::SecureText& data = out.data.emplace();
  data.reserve(512 + (reading.data ? reading.data->size() : 0));
  JsonWriter w(data);
  w.begin_object().key("data");
  if (reading.data) {
    w.raw(reading.data->text());
  } else {
    w.null();
    out.status = kGone;
  }
  w.key("metadata").begin_object();
  write_version(w, reading.version, *reading.secret->row.custom_metadata);
  w.end_object().end_object();
  return answer(call, std::move(out));
}

gate::Reply written_reply(gate::Call& call, const domain::Written& written) {
  call.note("version", std::to_string(written.version.number));
  return data_answer(
      call, [&](JsonWriter& w) { write_version(w, written.version, written.custom_metadata); });
}

Result<gate::Reply> write(gate::Call& call) {
  COFFER_TRY(const std::string_view data, data_field(call));
  COFFER_TRY(const domain::Cas cas, cas_option(call));
  COFFER_TRY(const domain::Written written, kv2_engine(call).write(kv2_path(call), data, cas));
  if (written.version.number == 1) call.event.type = EventType::secret_created;
  return written_reply(call, written);
}

Result<gate::Reply> patch(gate::Call& call) {
  COFFER_TRY(const std::string_view change, data_field(call));
  COFFER_TRY(const domain::Cas cas, cas_option(call));
  COFFER_TRY(const domain::Written written, kv2_engine(call).patch(kv2_path(call), change, cas));
  if (written.stored) return written_reply(call, written);
  Answer out;
  out.status = kGone;
  JsonWriter w(out.data.emplace());
  w.begin_object().key("data").null().key("metadata").begin_object();
  write_version(w, written.version, written.custom_metadata);
  w.end_object().end_object();
  return answer(call, std::move(out));
}

Result<gate::Reply> remove_latest(gate::Call& call) {
  COFFER_CHECK(kv2_engine(call).remove_latest(kv2_path(call)));
  return no_content();
}

using VersionsCall = Result<> (domain::Kv2::*)(std::string_view, std::span<const std::int64_t>);

gate::Handler on_versions(VersionsCall change) {
  return [change](gate::Call& call) -> Result<gate::Reply> {
    COFFER_TRY(const std::vector<std::int64_t> versions, versions_field(call));
    domain::Kv2 engine = kv2_engine(call);
    COFFER_CHECK((engine.*change)(kv2_path(call), versions));
    std::string list;
    for (const std::int64_t version : versions) {
      if (!list.empty()) list += ',';
      list += std::to_string(version);
    }
    call.note("versions", list);
    return no_content();
  };
}

}  // namespace

void add_kv2_data_routes(RouteTable& routes) {
  const auto add =
      [&](Verb verb, std::string_view pattern, EventType event, Rule rule, gate::Handler handler) {
        routes.push_back(guarded(verb, pattern, event, std::move(rule), std::move(handler)));
      };
  using gate::ValueUse;
  add(Verb::read,
      "data/{path...}",
      EventType::secret_accessed,
      using_value<ValueUse::reads>(kv2_rule("secret.read")),
      read);
  add(Verb::write,
      "data/{path...}",
      EventType::secret_updated,
      using_value<ValueUse::writes>(kv2_creating_rule("secret.write")),
      write);
  add(Verb::patch,
      "data/{path...}",
      EventType::secret_updated,
      using_value<ValueUse::both>(kv2_rule("secret.patch")),
      patch);
  add(Verb::remove,
      "data/{path...}",
      EventType::secret_deleted,
      kv2_rule("secret.delete"),
      remove_latest);
  add(Verb::write,
      "delete/{path...}",
      EventType::secret_deleted,
      kv2_rule("secret.delete"),
      on_versions(&domain::Kv2::remove));
  add(Verb::write,
      "undelete/{path...}",
      EventType::secret_undeleted,
      kv2_rule("secret.undelete"),
      on_versions(&domain::Kv2::undelete));
  add(Verb::write,
      "destroy/{path...}",
      EventType::secret_destroyed,
      kv2_rule("secret.destroy"),
      on_versions(&domain::Kv2::destroy));
}

RouteTable kv2_routes() {
  RouteTable routes;
  add_kv2_data_routes(routes);
  add_kv2_metadata_routes(routes);
  return routes;
}

}  // namespace coffer::dialects::vault
