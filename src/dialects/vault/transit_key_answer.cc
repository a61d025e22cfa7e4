// Transit: a key as keys/:name shows it.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/transit_parts.h"

namespace coffer::dialects::vault {
namespace {

using domain::KeyType;
using domain::KeyVersion;
using domain::MasterKeyRow;
using formats::JsonWriter;
using gate::Call;

constexpr std::size_t kRawPublic = 32;  // the end of an Ed25519 SubjectPublicKeyInfo

std::int64_t seconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

// PEM; raw in base64 for Ed25519; empty for a derived key without a context.
Result<std::string> public_text(Call& call,
                                const MasterKeyRow& key,
                                const KeyVersion& version,
                                ByteView context) {
  domain::MasterKeys keys = transit_keys(call);
  COFFER_TRY(const Bytes spki, keys.public_key(key, version));
  if (*key.type != KeyType::ed25519) {
    COFFER_TRY(const auto parsed, crypto::PublicKey::from_der(spki));
    return parsed.pem();
  }
  if (!*key.derived) return base64_encode(ByteView(spki).last(kRawPublic));
  if (context.empty()) return std::string();
  COFFER_TRY(const auto material, keys.material(key, version));
  COFFER_TRY(const auto opened,
             domain::OpenedKey::make({*key.type, true, false}, material, call.random));
  COFFER_TRY(const Bytes derived, opened->derived_public(context));
  return base64_encode(derived);
}

Result<> write_versions(Call& call, JsonWriter& w, const MasterKeyRow& key, ByteView context) {
  w.key("keys").begin_object();
  for (const KeyVersion& version : *key.versions) {
    w.key(std::to_string(version.number));
    if (!domain::pair_of(*key.type)) {
      w.integer(seconds(Duration(version.created.ns)));
      continue;
    }
    COFFER_TRY(const std::string text, public_text(call, key, version, context));
    w.begin_object();
    w.key("creation_time").string(rfc3339(version.created));
    w.key("name").string(domain::pair_name(*key.type));
    w.key("public_key").string(text);
    w.end_object();
  }
  w.end_object();
  return {};
}

void write_copy(JsonWriter& w, std::string_view name, const domain::KeyCopy& copy) {
  if (copy.version == 0) return;
  w.key(name).begin_object();
  w.key("time").string(rfc3339(copy.when));
  w.key("version").integer(copy.version);
  w.end_object();
}

void write_traits(JsonWriter& w, const MasterKeyRow& key) {
  const KeyType type = *key.type;
  w.key("allow_plaintext_backup").boolean(*key.allow_plaintext_backup);
  w.key("auto_rotate_period").integer(seconds(*key.rotate_period));
  w.key("deletion_allowed").boolean(*key.deletion_allowed);
  w.key("derived").boolean(*key.derived);
  w.key("exportable").boolean(*key.exportable);
  w.key("imported_key").boolean(*key.imported);
  if (*key.imported) w.key("imported_key_allow_rotation").boolean(*key.allow_rotation);
  if (*key.derived) {
    w.key("kdf").string("hkdf_sha256");
    w.key("convergent_encryption").boolean(*key.convergent);
    if (*key.convergent) w.key("convergent_encryption_version").integer(-1);
  }
  if (*key.key_size != 0) w.key("key_size").integer(*key.key_size);
  w.key("latest_version").integer(key.latest());
  w.key("min_available_version").integer(*key.min_available);
  w.key("min_decryption_version").integer(*key.min_decryption);
  w.key("min_encryption_version").integer(*key.min_encryption);
  w.key("name").string(*key.name);
  w.key("soft_deleted").boolean(*key.state == domain::KeyState::disabled);
  w.key("state").string(domain::to_text(*key.state));
  w.key("supports_decryption").boolean(domain::encrypts(type));
  w.key("supports_derivation").boolean(domain::derives(type));
  w.key("supports_encryption").boolean(domain::encrypts(type));
  w.key("supports_signing").boolean(domain::signs(type));
  w.key("type").string(domain::to_text(type));
}

}  // namespace

Result<gate::Reply> key_reply(Call& call,
                              const MasterKeyRow& key,
                              ByteView context,
                              std::vector<std::string> warnings) {
  Answer out;
  out.warnings = std::move(warnings);
  JsonWriter w(out.data.emplace());
  w.begin_object();
  write_traits(w, key);
  COFFER_TRY(const Timestamp last, transit_keys(call).last_used(key));
  if (last != Timestamp{}) w.key("last_used").string(rfc3339(last));
  if (*key.deletion) w.key("deletion_time").string(rfc3339(**key.deletion));
  write_copy(w, "backup_info", *key.backup);
  write_copy(w, "restore_info", *key.restored);
  COFFER_CHECK(write_versions(call, w, key, context));
  w.end_object();
  return answer(call, std::move(out));
}

}  // namespace coffer::dialects::vault
