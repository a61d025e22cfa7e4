// identity/entity-alias: which login is which entity.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/identity_parts.h"
#include "dialects/vault/sys_families.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::AliasPlace;
using domain::AliasRow;
using domain::EntityAdmin;
using formats::text_field;
using proof::EventType;
using AliasPtr = rows::RowPtr<AliasRow>;

// The alias that the path names by its id. An id is found on a worker; the row itself is read here
// again, so that the unit is checked against it.
Result<AliasPtr> alias_of(gate::Call& call, std::string id) {
  COFFER_TRY(const AliasPtr* found,
             ask_all<AliasPtr>(call, [id](EntityAdmin& admin) { return admin.alias_by_id(id); }));
  if (!*found) return AliasPtr();
  COFFER_TRY(AliasPtr alias, call.view->find<AliasRow>((*found)->row.key()));
  if (alias && *alias->row.id != id) alias.reset();
  return alias;
}

Result<> check_mount(gate::Call& call, const std::string& accessor) {
  COFFER_TRY(const auto found,
             domain::Mounts(*call.view).by_accessor(domain::MountKind::auth, accessor));
  if (found.mount == nullptr) return fail(Code::invalid_argument, "invalid mount accessor");
  return {};
}

// What is not said stays as it is with `present`.
Result<AliasPlace> place_of(gate::Call& call, const AliasRow* present) {
  COFFER_CHECK(refuse_fields(call.body, {"custom_metadata"}, "not supported by this server"));
  COFFER_TRY(const auto name, text_field(call.body, "name"));
  COFFER_TRY(const auto accessor, text_field(call.body, "mount_accessor"));
  COFFER_TRY(const auto entity, text_field(call.body, "canonical_id"));
  COFFER_TRY(const auto older, text_field(call.body, "entity_id"));
  AliasPlace place{.mount_accessor = present ? *present->mount_accessor : "",
                   .name = present ? *present->name : "",
                   .entity_id = entity.value_or(older.value_or(""))};
  if (name && !name->empty()) place.name = *name;
  if (accessor && !accessor->empty()) place.mount_accessor = *accessor;
  if (place.name.empty()) return fail(Code::invalid_argument, "missing alias name");
  if (place.mount_accessor.empty()) return fail(Code::invalid_argument, "missing mount_accessor");
  COFFER_CHECK(check_mount(call, place.mount_accessor));
  return place;
}

gate::Reply placed(gate::Call& call, const AliasRow& alias) {
  call.note("alias", *alias.id);
  call.note("entity", *alias.entity_id);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("id").string(*alias.id).key("canonical_id").string(*alias.entity_id);
  });
}

// An entity that is not there is the request's mistake, not a missing page.
Result<gate::Reply> placed_or_refused(gate::Call& call, const Result<AliasRow>& alias) {
  if (alias) return placed(call, *alias);
  if (alias.error().code != Code::not_found) return std::unexpected(alias.error());
  return fail(Code::invalid_argument, "invalid canonical ID");
}

Result<gate::Reply> change(gate::Call& call, const std::string& id) {
  COFFER_TRY(const AliasPtr present, alias_of(call, id));
  if (!present) return fail(Code::invalid_argument, "invalid alias ID");
  COFFER_TRY(const AliasPlace place, place_of(call, &present->row));
  return placed_or_refused(call, EntityAdmin(*call.view).move(present->row, place));
}

Result<gate::Reply> write(gate::Call& call) {
  COFFER_TRY(const auto id, text_field(call.body, "id"));
  if (id && !id->empty()) return change(call, *id);
  COFFER_TRY(const AliasPlace place, place_of(call, nullptr));
  return placed_or_refused(call, EntityAdmin(*call.view).place(place));
}

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(const AliasPtr alias, alias_of(call, call.routing.captures.front()));
  if (!alias) return fail(Code::not_found, "");
  Answer out;
  formats::JsonWriter w(out.data.emplace());
  w.begin_object();
  COFFER_CHECK(write_alias(w, call, alias->row));
  w.end_object();
  return answer(call, std::move(out));
}

Result<gate::Reply> remove(gate::Call& call) {
  COFFER_TRY(const AliasPtr alias, alias_of(call, call.routing.captures.front()));
  if (!alias) return no_content();
  call.note("alias", *alias->row.id);
  COFFER_CHECK(EntityAdmin(*call.view).remove(alias->row));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  using Aliases = std::vector<AliasPtr>;
  COFFER_TRY(const Aliases* all,
             ask_all<Aliases>(call, [](EntityAdmin& admin) { return admin.aliases(); }));
  if (all->empty()) return fail(Code::not_found, "");
  Answer out;
  formats::JsonWriter w(out.data.emplace());
  w.begin_object().key("keys").begin_array();
  for (const AliasPtr& alias : *all) w.string(*alias->row.id);
  w.end_array().key("key_info").begin_object();
  for (const AliasPtr& alias : *all) {
    w.key(*alias->row.id).begin_object();
    COFFER_CHECK(write_alias(w, call, alias->row));
    w.end_object();
  }
  w.end_object().end_object();
  return answer(call, std::move(out));
}

}  // namespace

Result<> write_alias(formats::JsonWriter& w, gate::Call& call, const AliasRow& alias) {
  COFFER_TRY(
      const auto found,
      domain::Mounts(*call.view).by_accessor(domain::MountKind::auth, *alias.mount_accessor));
  w.key("id").string(*alias.id).key("name").string(*alias.name);
  w.key("canonical_id").string(*alias.entity_id);
  w.key("mount_accessor").string(*alias.mount_accessor);
  w.key("mount_path").string(found.mount ? "auth/" + found.mount->path : "");
  w.key("mount_type").string(found.mount ? domain::to_text(found.mount->engine) : "");
  w.key("creation_time").string(rfc3339(*alias.created));
  w.key("local").boolean(false);
  w.key("metadata");
  write_text_map(w, *alias.metadata);
  w.key("custom_metadata").null();
  return {};
}

void add_alias_routes(RouteTable& table) {
  constexpr std::string_view kOne = "entity-alias/id/{alias}";
  constexpr EventType kChanged = EventType::identity_changed;
  constexpr EventType kRead = EventType::identity_read;
  table.push_back(guarded(Verb::write, "entity-alias", kChanged, "identity.write", write));
  table.push_back(guarded(Verb::read, kOne, kRead, "identity.read", read));
  table.push_back(guarded(Verb::write, kOne, kChanged, "identity.write", [](gate::Call& call) {
    return change(call, call.routing.captures.front());
  }));
  table.push_back(guarded(Verb::remove, kOne, kChanged, "identity.delete", remove));
  table.push_back(guarded(Verb::list, "entity-alias/id", kRead, "identity.list", list));
}

}  // namespace coffer::dialects::vault
