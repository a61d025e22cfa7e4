// Transit: keys, their configuration and versions.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/kv_wire.h"
#include "dialects/vault/transit_parts.h"
#include "domain/secrets/data_key_wrap.h"
#include "domain/secrets/secret_rewraps.h"
#include "net/target.h"

#include <array>
#include <memory>

namespace coffer::dialects::vault {
namespace {

using domain::KeyMaterial;
using domain::KeyPtr;
using domain::KeyType;
using domain::MasterKeyRow;
using domain::MasterKeys;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;
using proof::EventType;

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

const std::string& key_name(const Call& call) {
  return call.routing.captures.front();
}

Result<KeyPtr> find_or_refuse(MasterKeys& keys, std::string_view name, std::string message) {
  COFFER_TRY(KeyPtr key, keys.find(name));
  if (!key) return refuse(std::move(message));
  return key;
}

// The key as it is with what this request staged.
Result<Reply> present(Call& call, std::vector<std::string> warnings = {}) {
  COFFER_TRY(const KeyPtr key, transit_keys(call).find(key_name(call)));
  if (!key) return fail(Code::not_found, "");
  return key_reply(call, key->row, {}, std::move(warnings));
}

Result<domain::KeySpec> spec_of(const Call& call) {
  domain::KeySpec spec{.name = key_name(call)};
  COFFER_TRY(const std::string type, text_of(call.body, "type"));
  const auto known = domain::parse_key_type(type.empty() ? "aes256-gcm96" : type);
  if (!known) return refuse("unknown key type");
  spec.type = *known;
  COFFER_TRY(spec.derived, flag_of(call.body, "derived"));
  COFFER_TRY(spec.convergent, flag_of(call.body, "convergent_encryption"));
  COFFER_TRY(spec.exportable, flag_of(call.body, "exportable"));
  COFFER_TRY(spec.allow_plaintext_backup, flag_of(call.body, "allow_plaintext_backup"));
  COFFER_TRY(const auto period, formats::duration_field(call.body, "auto_rotate_period"));
  spec.rotate_period = period.value_or(Duration{});
  COFFER_TRY(const std::int64_t size, number_of(call.body, "key_size"));
  if (size == 0) return spec;
  if (spec.type != KeyType::hmac) {
    return refuse("key_size is not valid for algorithm " + std::string(to_text(spec.type)));
  }
  const auto least = static_cast<std::int64_t>(domain::kMinHmacKey);
  const auto most = static_cast<std::int64_t>(domain::kMaxHmacKey);
  if (size < least || size > most) return refuse("invalid key_size");
  spec.key_size = static_cast<std::size_t>(size);
  return spec;
}

Result<Reply> create(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const domain::KeySpec spec, spec_of(call));
  COFFER_TRY(const KeyPtr there, keys.find(spec.name));
  if (there) {
    call.event.type = EventType::key_read;
    return key_reply(call, there->row, {}, {"key " + spec.name + " already existed"});
  }
  COFFER_CHECK(domain::check_spec(spec));  // before material is made, which may be slow
  COFFER_TRY(const KeyMaterial material, new_material(call, spec.type, spec.key_size));
  COFFER_CHECK(keys.create(spec, &material));
  call.note("type", std::string(to_text(spec.type)));
  return present(call);
}

Result<Reply> read(Call& call) {
  COFFER_TRY(const KeyPtr key, transit_keys(call).find(key_name(call)));
  if (!key) return fail(Code::not_found, "");
  const auto context = base64_decode(net::query_value(call.target, "context").value_or(""));
  if (!context) return refuse("failed to base64-decode context");
  return key_reply(call, key->row, *context);
}

Result<Reply> list(Call& call) {
  return list_reply(call, [&](std::string_view after, std::size_t limit) {
    return transit_keys(call).list(after, limit);
  });
}

Result<Reply> remove(Call& call) {
  MasterKeys keys = transit_keys(call);
  const std::string failed = "error deleting policy " + key_name(call) + ": ";
  COFFER_TRY(const KeyPtr key,
             find_or_refuse(keys, key_name(call), failed + "could not delete key; not found"));
  if (!*key->row.deletion_allowed) return refuse(failed + "deletion is not allowed for this key");
  COFFER_CHECK(check_unneeded(call, key->row));
  COFFER_CHECK(keys.remove(key->row));
  return no_content();
}

Result<Reply> configure(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(
      const KeyPtr key,
      find_or_refuse(
          keys, key_name(call), "no existing key named " + key_name(call) + " could be found"));
  domain::KeyChange change;
  std::vector<std::string> warnings;
  COFFER_TRY(change.min_decryption, formats::integer_field(call.body, "min_decryption_version"));
  if (change.min_decryption == 0) {
    change.min_decryption = 1;
    warnings.emplace_back("transit key numbering starts at 1; forcing minimum to 1");
  }
  COFFER_TRY(change.min_encryption, formats::integer_field(call.body, "min_encryption_version"));
  COFFER_TRY(change.deletion_allowed, formats::bool_field(call.body, "deletion_allowed"));
  COFFER_TRY(change.exportable, formats::bool_field(call.body, "exportable"));
  COFFER_TRY(change.allow_plaintext_backup,
             formats::bool_field(call.body, "allow_plaintext_backup"));
  COFFER_TRY(change.rotate_period, formats::duration_field(call.body, "auto_rotate_period"));
  COFFER_CHECK(keys.configure(key->row, change));
  return present(call, std::move(warnings));
}

Result<Reply> rotate(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, find_or_refuse(keys, key_name(call), "key not found"));
  COFFER_TRY(const KeyMaterial material, new_material(call, *key->row.type, *key->row.key_size));
  COFFER_CHECK(keys.rotate(key->row, material));
  call.note("version", std::to_string(key->row.latest() + 1));
  return present(call);
}

// A version is not given up while data keys lie under it. Clients' own ciphertexts are their
// concern; what this server keeps under the key it knows (keys/destroy asks for the proof besides).
Result<> check_nothing_needs(Call& call, const domain::MasterKeyRow& key, std::int64_t version) {
  if (version <= 1 || version > key.latest()) return {};  // trim() says so
  COFFER_TRY(const auto needing,
             domain::wrapped_below(*call.view, *key.uid, static_cast<std::uint32_t>(version), 1));
  if (needing.empty()) return {};
  return refuse("secrets are still encrypted under versions before " + std::to_string(version) +
                ": rewrap them first (coffer keys rewrap)");
}

Result<Reply> trim(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, find_or_refuse(keys, key_name(call), "invalid key name"));
  COFFER_TRY(const auto version, formats::integer_field(call.body, "min_available_version"));
  if (!version) return refuse("missing min_available_version");
  COFFER_CHECK(check_nothing_needs(call, key->row, *version));
  COFFER_CHECK(keys.trim(key->row, *version));
  call.note("min_available_version", std::to_string(*version));
  return present(call);
}

gate::Handler set_enabled(bool enabled) {
  return [enabled](Call& call) -> Result<Reply> {
    MasterKeys keys = transit_keys(call);
    COFFER_TRY(const KeyPtr key, find_or_refuse(keys, key_name(call), "key not found"));
    COFFER_CHECK(keys.set_enabled(key->row, enabled));
    call.note("state", enabled ? "enabled" : "disabled");
    return no_content();
  };
}

Result<domain::KeyConfigRow> config_of(const Call& call) {
  COFFER_TRY(const auto stored,
             call.view->find<domain::KeyConfigRow>(domain::KeyConfigRow::key_of(call.mount->id)));
  if (stored) return stored->row;
  domain::KeyConfigRow defaults;
  defaults.mount = call.mount->id;
  return defaults;
}

Result<Reply> read_config(Call& call) {
  COFFER_TRY(const domain::KeyConfigRow config, config_of(call));
  return data_answer(
      call, [&](JsonWriter& w) { w.key("disable_upsert").boolean(*config.disable_upsert); });
}

Result<Reply> write_config(Call& call) {
  COFFER_TRY(domain::KeyConfigRow config, config_of(call));
  COFFER_TRY(*config.disable_upsert, flag_of(call.body, "disable_upsert", *config.disable_upsert));
  COFFER_CHECK(call.view->put(std::move(config)));
  return read_config(call);
}

}  // namespace

Result<> check_unneeded(Call& call, const MasterKeyRow& key) {
  domain::SecretRewraps secrets;
  const std::array<domain::RewrapSource*, 1> sources{&secrets};
  Result<> unneeded = domain::check_no_dependents(*call.view, sources, *key.uid);
  if (!unneeded && unneeded.error().code == Code::precondition_failed) {
    return refuse(std::move(unneeded.error().message));
  }
  return unneeded;
}

Result<KeyMaterial> new_material(Call& call, KeyType type, std::size_t size) {
  if (!domain::is_rsa(type)) return domain::generate_material(type, size, call.random);
  // Random lives as long as the server, and is safe for concurrent use.
  crypto::Random* const random = &call.random;
  COFFER_TRY(const KeyMaterial* made,
             call.effects.get<KeyMaterial>("generate key", [type, random]() -> Result<KeyMaterial> {
               return domain::generate_material(type, 0, *random);
             }));
  return made->clone();
}

void add_transit_key_routes(RouteTable& routes) {
  const auto add = [&](Verb verb,
                       std::string_view pattern,
                       std::string_view action,
                       EventType event,
                       gate::Handler handler) {
    add_transit(routes, verb, pattern, action, event, std::move(handler));
  };
  add(Verb::list, "keys", "kms.list", EventType::key_listed, list);
  add(Verb::write, "keys/{key}", "kms.create", EventType::key_created, create);
  add(Verb::read, "keys/{key}", "kms.read", EventType::key_read, read);
  add(Verb::remove, "keys/{key}", "kms.delete", EventType::key_deleted, remove);
  add(Verb::write, "keys/{key}/config", "kms.configure", EventType::key_configured, configure);
  add(Verb::write, "keys/{key}/rotate", "kms.rotate", EventType::key_rotated, rotate);
  add(Verb::write, "keys/{key}/trim", "kms.trim", EventType::key_trimmed, trim);
  add(Verb::remove,
      "keys/{key}/soft-delete",
      "kms.disable",
      EventType::key_state_changed,
      set_enabled(false));
  add(Verb::write,
      "keys/{key}/soft-delete-restore",
      "kms.enable",
      EventType::key_state_changed,
      set_enabled(true));
  add(Verb::read, "config/keys", "kms.config.read", EventType::key_read, read_config);
  add(Verb::write, "config/keys", "kms.config.write", EventType::key_configured, write_config);
}

}  // namespace coffer::dialects::vault
