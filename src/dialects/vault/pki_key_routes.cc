// pki/keys and pki/key/:ref: the keys of an authority, apart from the issuers that use them.
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::AuthorityKeyPtr;
using domain::AuthorityKeyRow;
using formats::JsonWriter;
using proof::EventType;

void write_key(JsonWriter& w, const AuthorityKeyRow& key, std::string_view name) {
  w.key("key_id").string(*key.id).key("key_name").string(name);
  w.key("key_type").string(domain::key_type_text(*key.kind));
  w.key("subject_key_id").string(domain::serial_text(crypto::key_identifier(*key.public_key)));
}

Result<gate::Reply> generate(gate::Call& call) {
  const std::string& type = call.routing.captures.front();
  if (type != "internal" && type != "exported") {
    return fail(Code::invalid_argument, "key type must be internal or exported");
  }
  std::string name;
  std::string key_type = "rsa";
  std::int64_t bits = 0;
  COFFER_CHECK(assign(formats::text_field(call.body, "key_name"), name));
  COFFER_CHECK(assign(formats::text_field(call.body, "key_type"), key_type));
  COFFER_CHECK(assign(formats::integer_field(call.body, "key_bits"), bits));
  COFFER_TRY(const PkiFormat format, pki_format(call));
  COFFER_TRY(const crypto::KeyKind kind, domain::key_kind_of(key_type, bits));
  COFFER_TRY(const auto made, pki_perform<crypto::PrivateKey>(call, key_type == "rsa", [kind] {
               return crypto::PrivateKey::generate(kind);
             }));
  COFFER_TRY(const std::string id, pki_authority(call).add_key(*made, name));
  call.note("key", id);
  return data_answer(call, [&](JsonWriter& w) {
    w.key("key_id").string(id).key("key_name").string(name).key("key_type").string(key_type);
    if (type == "exported") write_private_key(w, format, *made);
  });
}

Result<gate::Reply> import(gate::Call& call) {
  COFFER_TRY(const auto text, required_secret(call.body, "pem_bundle"));
  COFFER_TRY(const crypto::PemBundle bundle, crypto::read_pem_bundle(text.text()));
  if (bundle.keys.size() != 1 || !bundle.certificates.empty()) {
    return fail(Code::invalid_argument, "exactly one private key expected");
  }
  std::string name;
  COFFER_CHECK(assign(formats::text_field(call.body, "key_name"), name));
  domain::Authority authority = pki_authority(call);
  COFFER_TRY(const domain::Imported imported, authority.import(bundle));
  const bool fresh = !imported.keys.empty();
  COFFER_TRY(const AuthorityKeyPtr key,
             authority.key(fresh ? imported.keys.front() : imported.existing_keys.front()));
  if (fresh && !name.empty()) {
    COFFER_CHECK(authority.rename_key(key->row, name));
  } else {
    name = *key->row.name;
  }
  call.note("key", *key->row.id);
  return data_answer(call, [&](JsonWriter& w) { write_key(w, key->row, name); });
}

Result<AuthorityKeyPtr> named(gate::Call& call) {
  return pki_authority(call).key(call.routing.captures.front());
}

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(const AuthorityKeyPtr key, named(call));
  return data_answer(call, [&](JsonWriter& w) { write_key(w, key->row, *key->row.name); });
}

Result<gate::Reply> update(gate::Call& call) {
  COFFER_TRY(const AuthorityKeyPtr key, named(call));
  COFFER_TRY(const std::string name, required_text(call.body, "key_name"));
  COFFER_CHECK(pki_authority(call).rename_key(key->row, name));
  call.note("key", *key->row.id);
  return data_answer(call, [&](JsonWriter& w) { write_key(w, key->row, name); });
}

Result<gate::Reply> remove(gate::Call& call) {
  call.note("key", call.routing.captures.front());
  COFFER_CHECK(pki_authority(call).remove_key(call.routing.captures.front()));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  COFFER_TRY(const auto keys, pki_authority(call).keys());
  if (keys.empty()) return fail(Code::not_found, "");
  COFFER_TRY(const auto settings, pki_authority(call).settings());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("keys").begin_array();
    for (const AuthorityKeyPtr& key : keys) w.string(*key->row.id);
    w.end_array();
    w.key("key_info").begin_object();
    for (const AuthorityKeyPtr& key : keys) {
      w.key(*key->row.id).begin_object();
      w.key("key_name").string(*key->row.name);
      w.key("is_default").boolean(*key->row.id == *settings.default_key);
      w.end_object();
    }
    w.end_object();
  });
}

}  // namespace

RouteTable pki_key_routes() {
  constexpr EventType kChanged = EventType::authority_changed;
  constexpr EventType kRead = EventType::certificate_read;
  RouteTable t;
  const auto add = [&](Verb verb,
                       std::string_view pattern,
                       EventType event,
                       std::string_view action,
                       gate::Handler run) {
    t.push_back(guarded(verb, pattern, event, pki_rule(action), std::move(run)));
  };
  add(Verb::write, "keys/generate/{type}", kChanged, "pki.key.generate", generate);
  add(Verb::write, "keys/import", kChanged, "pki.key.import", import);
  add(Verb::list, "keys", kRead, "pki.key.list", list);
  add(Verb::read, "key/{key}", kRead, "pki.key.read", read);
  add(Verb::write, "key/{key}", kChanged, "pki.key.write", update);
  add(Verb::remove, "key/{key}", kChanged, "pki.key.delete", remove);
  return t;
}

}  // namespace coffer::dialects::vault
