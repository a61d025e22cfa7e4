// Transit: material that leaves and comes: exports, backups, imports.
#include "base/encoding.h"
#include "crypto/traditional_key.h"
#include "dialects/vault/transit_parts.h"
#include "dialects/vault/versioned_text.h"
#include "domain/kms/key_backup.h"
#include "domain/kms/key_import.h"
#include "net/target.h"

#include <charconv>
#include <memory>

namespace coffer::dialects::vault {
namespace {

using domain::KeyMaterial;
using domain::KeyPtr;
using domain::KeyType;
using domain::KeyVersion;
using domain::MasterKeyRow;
using domain::MasterKeys;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;
using proof::EventType;

constexpr std::size_t kRawEd25519 = 32;

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

const std::string& key_name(const Call& call) {
  return call.routing.captures.front();
}

// Vault answers these with 500, and its clients' tests expect that.
std::unexpected<Error> as_server_error(const Error& error) {
  if (error.code != Code::precondition_failed) return std::unexpected(error);
  return fail(Code::internal, error.message);
}

struct Export {
  std::string kind;    // "encryption-key", "signing-key", "hmac-key", "public-key"
  std::string format;  // "", "raw", "der", "pem"
};

Result<> check_export(const MasterKeyRow& key, const Export& wanted) {
  if (!*key.exportable && wanted.kind != "public-key") {
    return refuse("private key material is not exportable");
  }
  if (*key.state != domain::KeyState::enabled) {
    return domain::check_usable(key, domain::KeyUse::mac);
  }
  if (wanted.kind == "encryption-key" && !domain::encrypts(*key.type)) {
    return refuse("encryption not supported for the key");
  }
  if (wanted.kind == "signing-key" && !domain::signs(*key.type)) {
    return refuse("signing not supported for the key");
  }
  if (wanted.kind == "public-key" && (!domain::signs(*key.type) || *key.derived)) {
    return refuse("unknown key type " + std::string(to_text(*key.type)) +
                  " for export type public-key");
  }
  return {};
}

Result<secure::SecureText> export_public(const MasterKeyRow& key,
                                         const KeyMaterial& material,
                                         const std::string& format) {
  const bool edwards = *key.type == KeyType::ed25519;
  if (format == "raw" && !edwards) return refuse("this type of key has no raw format");
  if (edwards && (format.empty() || format == "raw")) {
    return secure::base64_text(ByteView(material.public_key).last(kRawEd25519));
  }
  if (format == "der") return secure::base64_text(material.public_key);
  COFFER_TRY(const auto parsed, crypto::PublicKey::from_der(material.public_key));
  return secure::SecureText(parsed.pem());
}

Result<secure::SecureText> export_private(const MasterKeyRow& key,
                                          const KeyMaterial& material,
                                          const std::string& format) {
  if (material.secret.empty()) return secure::SecureText();
  const bool edwards = *key.type == KeyType::ed25519;
  if (format == "raw" && !edwards) return refuse("this type of key has no raw format");
  if (edwards && (format.empty() || format == "raw")) {
    // As Go writes such a key: the seed, then the public key.
    secure::SecureBytes raw(material.secret.view().last(kRawEd25519));
    raw.append(ByteView(material.public_key).last(kRawEd25519));
    return secure::base64_text(raw.view());
  }
  if (format == "der") return secure::base64_text(material.secret.view());
  if (format.empty()) return crypto::traditional_pem(material.secret.view());
  COFFER_TRY(const auto parsed, crypto::PrivateKey::from_der(material.secret.view()));
  return parsed.pem();
}

Result<secure::SecureText> export_version(const MasterKeyRow& key,
                                          const KeyMaterial& material,
                                          const Export& wanted) {
  if (wanted.kind == "public-key") return export_public(key, material, wanted.format);
  const bool of_mac = wanted.kind == "hmac-key";
  if (!of_mac && domain::pair_of(*key.type)) return export_private(key, material, wanted.format);
  if (wanted.format == "der" || wanted.format == "pem") {
    return refuse("unknown format for HMAC key; supported values are `` or `raw`");
  }
  return secure::base64_text((of_mac ? material.mac : material.secret).view());
}

// The versions that an export is about.
Result<std::vector<KeyVersion>> exported_versions(const Call& call, const MasterKeyRow& key) {
  if (call.routing.captures.size() < 3) return *key.versions;
  std::string_view text = call.routing.captures[2];
  std::uint64_t number = key.latest();
  if (text != "latest") {
    if (text.starts_with('v')) text.remove_prefix(1);
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || stop != text.data() + text.size()) {
      return refuse("invalid key version");
    }
  }
  if (number < *key.min_decryption) {
    return refuse("version for export is below minimum decryption version");
  }
  const KeyVersion* version = key.version(number);
  if (version == nullptr) return refuse("version does not exist or cannot be found");
  return std::vector<KeyVersion>{*version};
}

Result<Reply> export_key(Call& call) {
  const Export wanted{call.routing.captures[0],
                      std::string(net::query_value(call.target, "format").value_or(""))};
  bool known = false;
  for (const std::string_view kind : {"encryption-key", "signing-key", "hmac-key", "public-key"}) {
    known = known || wanted.kind == kind;
  }
  if (!known) return refuse("invalid export type");
  if (!wanted.format.empty() && wanted.format != "raw" && wanted.format != "der" &&
      wanted.format != "pem") {
    return refuse("invalid format");
  }
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(call.routing.captures[1]));
  if (!key) return fail(Code::not_found, "");
  COFFER_CHECK(check_export(key->row, wanted));
  COFFER_TRY(const auto versions, exported_versions(call, key->row));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object().key("keys").begin_object();
  for (const KeyVersion& version : versions) {
    COFFER_TRY(const KeyMaterial material, keys.material(key->row, version));
    COFFER_TRY(const auto text, export_version(key->row, material, wanted));
    w.key(std::to_string(version.number)).string(text.text());
  }
  w.end_object();
  w.key("name").string(*key->row.name);
  w.key("type").string(to_text(*key->row.type));
  w.end_object();
  call.note("kind", wanted.kind);
  return answer(call, std::move(out));
}

Result<Reply> back_up(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(key_name(call)));
  if (!key) return fail(Code::not_found, "");
  if (*key->row.state != domain::KeyState::enabled) {
    COFFER_CHECK(domain::check_usable(key->row, domain::KeyUse::mac));
  }
  if (const auto allowed = domain::check_backup(key->row); !allowed) {
    return as_server_error(allowed.error());
  }
  COFFER_CHECK(keys.note_backup(key->row));
  std::vector<KeyMaterial> versions;
  for (const KeyVersion& version : *key->row.versions) {
    COFFER_TRY(versions.emplace_back(), keys.material(key->row, version));
  }
  COFFER_TRY(const auto text, domain::write_backup(key->row, versions));
  return data_answer(call, [&](JsonWriter& w) { w.key("backup").string(text.text()); });
}

Result<Reply> restore(Call& call) {
  COFFER_TRY(const auto text, formats::secret_field(call.body, "backup"));
  if (!text || text->empty()) return refuse("'backup' must be supplied");
  COFFER_TRY(const bool force, flag_of(call.body, "force"));
  COFFER_TRY(domain::KeyBackup backup, domain::read_backup(text->text()));
  if (!call.routing.captures.empty()) backup.key.name = key_name(call);
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(KeyPtr there, keys.find(*backup.key.name));
  if (there && !force) {
    return as_server_error(
        {Code::precondition_failed, "key \"" + *backup.key.name + "\" already exists"});
  }
  // Whose policy was not asked, as the request did not name it.
  if (there && call.routing.captures.empty() && !there->row.policy->empty()) {
    return fail(Code::permission_denied, "the key has a policy; name it in the path");
  }
  // What comes back has another uid: what lies under the present key does not open with it.
  if (there) COFFER_CHECK(check_unneeded(call, there->row));
  call.note("key", *backup.key.name);
  COFFER_CHECK(keys.restore(std::move(backup.key), backup.versions, std::move(there)));
  return no_content();
}

Result<KeyPtr> wrapping_key(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(KeyPtr key, keys.wrapping_key());
  if (key) return key;
  COFFER_TRY(const KeyMaterial material, new_material(call, KeyType::rsa4096, 0));
  COFFER_CHECK(keys.create_wrapping_key(material));
  call.event.type = EventType::key_created;
  return keys.wrapping_key();
}

Result<Reply> read_wrapping_key(Call& call) {
  COFFER_TRY(const KeyPtr key, wrapping_key(call));
  COFFER_TRY(const Bytes spki, transit_keys(call).public_key(key->row, key->row.versions->back()));
  COFFER_TRY(const auto parsed, crypto::PublicKey::from_der(spki));
  return data_answer(call, [&](JsonWriter& w) { w.key("public_key").string(parsed.pem()); });
}

// What "ciphertext" holds, opened on a worker with the wrapping key.
Result<secure::SecureBytes> unwrapped(Call& call, std::string_view ciphertext) {
  COFFER_TRY(const std::string hash_name, text_of(call.body, "hash_function"));
  const auto hash = domain::parse_import_hash(hash_name.empty() ? "SHA256" : hash_name);
  if (!hash) return refuse("unknown hash function");
  const auto blob = base64_decode(ciphertext);
  if (!blob) return refuse("failed to base64-decode ciphertext");
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.wrapping_key());
  if (!key) return refuse("error importing key: there is no wrapping key yet; read it first");
  COFFER_TRY(KeyMaterial wrapping, keys.material(key->row, key->row.versions->back()));
  const auto shared = std::make_shared<const KeyMaterial>(std::move(wrapping));
  COFFER_TRY(
      const secure::SecureBytes* opened,
      call.effects.get<secure::SecureBytes>("unwrap import", [shared, blob = *blob, hash = *hash] {
        return domain::unwrap_import(shared->secret.view(), blob, hash);
      }));
  return opened->clone();
}

Result<KeyMaterial> imported_material(Call& call, KeyType type) {
  COFFER_TRY(const std::string ciphertext, text_of(call.body, "ciphertext"));
  COFFER_TRY(const std::string public_key, text_of(call.body, "public_key"));
  if (!ciphertext.empty() && !public_key.empty()) {
    return refuse("only one of the following fields, ciphertext and public_key, can be set");
  }
  if (ciphertext.empty()) return domain::material_of_public(type, public_key, call.random);
  COFFER_TRY(secure::SecureBytes secret, unwrapped(call, ciphertext));
  return domain::material_of_secret(type, std::move(secret), call.random);
}

Result<Reply> import_key(Call& call) {
  if (call.body.find("convergent_encryption")) {
    return refuse("import cannot be used on keys with convergent encryption enabled");
  }
  domain::KeySpec spec{.name = key_name(call), .imported = true};
  COFFER_TRY(const std::string type, text_of(call.body, "type"));
  const auto known = domain::parse_key_type(type.empty() ? "aes256-gcm96" : type);
  if (!known) return refuse("unknown key type");
  spec.type = *known;
  COFFER_TRY(spec.derived, flag_of(call.body, "derived"));
  COFFER_TRY(spec.exportable, flag_of(call.body, "exportable"));
  COFFER_TRY(spec.allow_plaintext_backup, flag_of(call.body, "allow_plaintext_backup"));
  COFFER_TRY(spec.allow_rotation, flag_of(call.body, "allow_rotation"));
  COFFER_TRY(const auto period, formats::duration_field(call.body, "auto_rotate_period"));
  spec.rotate_period = period.value_or(Duration{});
  if (spec.rotate_period > Duration{} && !spec.allow_rotation) {
    return refuse("allow_rotation must be set to true if auto-rotation is enabled");
  }
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr there, keys.find(spec.name));
  if (there) {
    return refuse(
        "the import path cannot be used with an existing key; use import-version to rotate an "
        "existing imported key");
  }
  COFFER_TRY(const KeyMaterial material, imported_material(call, spec.type));
  if (spec.derived && material.secret.empty()) {
    return refuse("a derived key cannot be imported as a public key");
  }
  COFFER_CHECK(keys.create(spec, &material));
  call.note("type", std::string(to_text(spec.type)));
  return no_content();
}

Result<Reply> import_version(Call& call) {
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(key_name(call)));
  if (!key) {
    return refuse("no key found with name " + key_name(call) +
                  "; to import a new key, use the import/ endpoint");
  }
  COFFER_TRY(const std::int64_t version, number_of(call.body, "version"));
  COFFER_TRY(const KeyMaterial material, imported_material(call, *key->row.type));
  COFFER_CHECK(keys.import_version(key->row, material, version));
  return no_content();
}

}  // namespace

void add_transit_copy_routes(RouteTable& routes) {
  const auto add = [&](Verb verb,
                       std::string_view pattern,
                       std::string_view action,
                       EventType event,
                       gate::Handler handler) {
    add_transit(routes, verb, pattern, action, event, std::move(handler));
  };
  add(Verb::read, "export/{kind}/{key}", "kms.export", EventType::key_exported, export_key);
  add(Verb::read,
      "export/{kind}/{key}/{version}",
      "kms.export",
      EventType::key_exported,
      export_key);
  add(Verb::read, "backup/{key}", "kms.backup", EventType::key_backed_up, back_up);
  add(Verb::write, "restore", "kms.restore", EventType::key_restored, restore);
  add(Verb::write, "restore/{key}", "kms.restore", EventType::key_restored, restore);
  add(Verb::read, "wrapping_key", "kms.wrapping_key", EventType::key_read, read_wrapping_key);
  add(Verb::write, "keys/{key}/import", "kms.import", EventType::key_imported, import_key);
  add(Verb::write,
      "keys/{key}/import_version",
      "kms.import",
      EventType::key_imported,
      import_version);
}

}  // namespace coffer::dialects::vault
