// KV version 2: metadata/, subkeys/ and config.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/kv2_parts.h"
#include "dialects/vault/kv_scan.h"
#include "dialects/vault/kv_wire.h"
#include "domain/secrets/subkeys.h"
#include "formats/vault_fields.h"

#include <limits>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using proof::EventType;

Result<std::optional<std::uint32_t>> max_versions_field(const gate::Call& call) {
  COFFER_TRY(const auto number, formats::integer_field(call.body, "max_versions"));
  if (!number) return std::nullopt;
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::invalid_argument, "max_versions: out of range");
  }
  return static_cast<std::uint32_t>(*number);
}

bool is_null(const gate::Call& call, std::string_view name) {
  const auto field = call.body.find(name);
  return field && field->is_null();
}

// For PATCH a null member of custom_metadata removes a key; a write has no nulls.
Result<> read_custom_metadata(const gate::Call& call, domain::MetadataChange& change) {
  COFFER_TRY(const auto custom, formats::map_field(call.body, "custom_metadata"));
  if (!custom) return {};
  for (const auto& [name, value] : *custom) change.custom_metadata.emplace(name, value);
  const auto object = call.body.find_value("custom_metadata");
  for (const auto& [name, value] : object->members()) {
    if (value.is_null()) change.custom_metadata.emplace(name, std::nullopt);
  }
  return {};
}

Result<domain::MetadataChange> read_change(const gate::Call& call) {
  domain::MetadataChange change;
  COFFER_TRY(change.cas, formats::integer_field(call.body, "metadata_cas"));
  COFFER_TRY(change.metadata_cas_required, formats::bool_field(call.body, "metadata_cas_required"));
  COFFER_TRY(change.max_versions, max_versions_field(call));
  COFFER_TRY(change.cas_required, formats::bool_field(call.body, "cas_required"));
  COFFER_TRY(change.delete_version_after,
             formats::duration_field(call.body, "delete_version_after"));
  COFFER_CHECK(read_custom_metadata(call, change));
  return change;
}

// What a secret lifts for itself its mount may still demand: then the answer says so.
Result<gate::Reply> changed_reply(gate::Call& call, const domain::MetadataChange& change) {
  COFFER_TRY(const domain::KvConfigRow config, kv2_engine(call).config());
  Answer out;
  const auto warn = [&](std::string_view name, bool demanded, std::optional<bool> wanted) {
    if (!demanded || wanted.value_or(true)) return;
    out.warnings.push_back("\"" + std::string(name) +
                           "\" set to false, but is mandated by backend config. This value will "
                           "be ignored.");
  };
  warn("cas_required", *config.cas_required, change.cas_required);
  warn("metadata_cas_required", *config.metadata_cas_required, change.metadata_cas_required);
  return answer(call, std::move(out));
}

Result<gate::Reply> write_metadata(gate::Call& call) {
  COFFER_TRY(domain::MetadataChange change, read_change(call));
  // A write replaces the whole map, a patch merges into it.
  change.clear_custom_metadata = call.body.find_value("custom_metadata").has_value();
  COFFER_CHECK(kv2_engine(call).write_metadata(kv2_path(call), change));
  return changed_reply(call, change);
}

Result<gate::Reply> patch_metadata(gate::Call& call) {
  COFFER_TRY(domain::MetadataChange change, read_change(call));
  // Merge patch: null puts a setting back to its default.
  if (is_null(call, "max_versions")) change.max_versions = 0;
  if (is_null(call, "cas_required")) change.cas_required = false;
  if (is_null(call, "metadata_cas_required")) change.metadata_cas_required = false;
  if (is_null(call, "delete_version_after")) change.delete_version_after = Duration{};
  change.clear_custom_metadata = is_null(call, "custom_metadata");
  COFFER_CHECK(kv2_engine(call).patch_metadata(kv2_path(call), change));
  return changed_reply(call, change);
}

Result<gate::Reply> read_metadata(gate::Call& call) {
  COFFER_TRY(const auto found, kv2_engine(call).metadata(kv2_path(call)));
  return data_answer(call, [&](JsonWriter& w) { write_secret(w, found->row); });
}

Result<gate::Reply> erase_metadata(gate::Call& call) {
  COFFER_CHECK(kv2_engine(call).erase(kv2_path(call)));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  return list_reply(call, [&](std::string_view after, std::size_t limit) {
    return kv2_engine(call).list(kv2_path(call), after, limit);
  });
}

Scanner scanner(const gate::Call& call) {
  return [unsealed = call.unsealed, mount = call.mount, folder = kv2_path(call)](
             work::View& view, const domain::ScanPage& page, const domain::MayEnter& may_enter) {
    return domain::Kv2(view, *mount, unsealed->secrets).scan(folder, page, may_enter);
  };
}

Result<gate::Reply> read_subkeys(gate::Call& call) {
  COFFER_TRY(const std::uint64_t wanted, query_number(call, "version"));
  COFFER_TRY(const std::uint64_t depth, query_number(call, "depth"));
  COFFER_TRY(const domain::Reading reading, kv2_engine(call).read(kv2_path(call), wanted));
  call.note("version", std::to_string(reading.version.number));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object().key("metadata").begin_object();
  write_version(w, reading.version, *reading.secret->row.custom_metadata);
  w.end_object().key("subkeys");
  if (reading.data) {
    COFFER_TRY(const formats::JsonView data, formats::JsonView::parse(reading.data->text()));
    w.raw(domain::subkeys(data, depth).text());
  } else {
    w.null();
    out.status = 404;
  }
  w.end_object();
  return answer(call, std::move(out));
}

Result<gate::Reply> read_config(gate::Call& call) {
  COFFER_TRY(const domain::KvConfigRow config, kv2_engine(call).config());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("cas_required").boolean(*config.cas_required);
    w.key("delete_version_after")
        .string(go_duration(std::max(*config.delete_version_after, Duration{})));
    w.key("max_versions").integer(*config.max_versions);
    w.key("metadata_cas_required").boolean(*config.metadata_cas_required);
  });
}

Result<gate::Reply> write_config(gate::Call& call) {
  domain::ConfigChange change;
  COFFER_TRY(change.metadata_cas_required, formats::bool_field(call.body, "metadata_cas_required"));
  COFFER_TRY(change.max_versions, max_versions_field(call));
  COFFER_TRY(change.cas_required, formats::bool_field(call.body, "cas_required"));
  COFFER_TRY(change.delete_version_after,
             formats::duration_field(call.body, "delete_version_after"));
  COFFER_CHECK(kv2_engine(call).write_config(change));
  return no_content();
}

Rule config_rule(std::string_view action) {
  return {.action = action};
}

}  // namespace

void add_kv2_metadata_routes(RouteTable& routes) {
  constexpr std::string_view kMetadata = "metadata/{path...}";
  const auto add =
      [&](Verb verb, std::string_view pattern, EventType event, Rule rule, gate::Handler handler) {
        routes.push_back(guarded(verb, pattern, event, std::move(rule), std::move(handler)));
      };
  const EventType changed = EventType::secret_metadata_changed;
  const EventType was_read = EventType::secret_metadata_read;
  add(Verb::list, "metadata/{path...?}", EventType::secret_listed, kv2_rule("secret.list"), list);
  routes.push_back(scanning("metadata/{path...?}", kv2_rule("secret.scan"), scanner));
  add(Verb::read, kMetadata, was_read, kv2_rule("secret.metadata_read"), read_metadata);
  add(Verb::write, kMetadata, changed, kv2_creating_rule("secret.metadata_write"), write_metadata);
  add(Verb::patch, kMetadata, changed, kv2_rule("secret.metadata_write"), patch_metadata);
  // Takes every version with it, so that who may only delete versions may not do this.
  add(Verb::remove,
      kMetadata,
      EventType::secret_destroyed,
      kv2_rule("secret.destroy"),
      erase_metadata);
  // The names in a value are read out of the value.
  add(Verb::read,
      "subkeys/{path...}",
      was_read,
      using_value<gate::ValueUse::reads>(kv2_rule("secret.metadata_read")),
      read_subkeys);
  add(Verb::read, "config", was_read, config_rule("secret.config_read"), read_config);
  add(Verb::write, "config", changed, config_rule("secret.config_write"), write_config);
  add_kv2_detailed_routes(routes);
}

}  // namespace coffer::dialects::vault
