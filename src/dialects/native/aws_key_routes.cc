// Keys of KMS with a chosen id and given material: for seeds of development servers, and for moving
// keys between servers. What KMS itself does not offer, as its ids are its own.
#include "base/encoding.h"
#include "dialects/native/aws_parts.h"
#include "domain/kms/key_aliases.h"
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"
#include "domain/realms/mounts.h"
#include "formats/vault_fields.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::native {
namespace {

using domain::KeyPurpose;
using domain::KeyType;

constexpr std::string_view kHome = "transit/";
constexpr std::string_view kDefaultRegion = "us-east-1";
constexpr std::string_view kAlias = "alias/";
constexpr std::string_view kReserved = "alias/aws/";

struct SpecOfKey {
  std::string_view name;
  KeyType type;
  KeyPurpose purpose;      // where the request names none
  std::size_t octets = 0;  // of HMAC keys
};

constexpr std::array kSpecs{
    SpecOfKey{"SYMMETRIC_DEFAULT", KeyType::aes256_gcm96, KeyPurpose::encrypt_decrypt},
    SpecOfKey{"HMAC_256", KeyType::hmac, KeyPurpose::generate_verify_mac, 32},
    SpecOfKey{"HMAC_384", KeyType::hmac, KeyPurpose::generate_verify_mac, 48},
    SpecOfKey{"HMAC_512", KeyType::hmac, KeyPurpose::generate_verify_mac, 64},
    SpecOfKey{"RSA_2048", KeyType::rsa2048, KeyPurpose::unsaid},
    SpecOfKey{"RSA_3072", KeyType::rsa3072, KeyPurpose::unsaid},
    SpecOfKey{"RSA_4096", KeyType::rsa4096, KeyPurpose::unsaid},
    SpecOfKey{"ECC_NIST_P256", KeyType::ecdsa_p256, KeyPurpose::sign_verify},
    SpecOfKey{"ECC_NIST_P384", KeyType::ecdsa_p384, KeyPurpose::sign_verify},
    SpecOfKey{"ECC_NIST_P521", KeyType::ecdsa_p521, KeyPurpose::sign_verify},
    SpecOfKey{"ECC_SECG_P256K1", KeyType::ecdsa_secp256k1, KeyPurpose::sign_verify},
    SpecOfKey{"ECC_NIST_EDWARDS25519", KeyType::ed25519, KeyPurpose::sign_verify}};

std::unexpected<Error> invalid(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

Result<SpecOfKey> spec_field(const gate::Call& call) {
  COFFER_TRY(const auto name, formats::text_field(call.body, "key_spec"));
  COFFER_TRY(const auto usage, formats::text_field(call.body, "key_usage"));
  const auto found =
      std::ranges::find(kSpecs, name.value_or("SYMMETRIC_DEFAULT"), &SpecOfKey::name);
  if (found == kSpecs.end()) return invalid("key_spec: none that keys are imported with");
  SpecOfKey spec = *found;
  if (usage == "ENCRYPT_DECRYPT" && spec.purpose == KeyPurpose::unsaid) {
    spec.purpose = KeyPurpose::encrypt_decrypt;
  } else if (usage == "SIGN_VERIFY" && spec.purpose == KeyPurpose::unsaid) {
    spec.purpose = KeyPurpose::sign_verify;
  } else if (usage || spec.purpose == KeyPurpose::unsaid) {
    return invalid("key_usage: RSA keys need ENCRYPT_DECRYPT or SIGN_VERIFY, others take none");
  }
  return spec;
}

// The home of KMS, made when it is not there. Gives the mount's id.
Result<Bytes> home_of_keys(work::View& view) {
  domain::Mounts mounts(view);
  COFFER_TRY(auto found, mounts.resolve(domain::MountKind::secret, kHome));
  if (found.mount == nullptr) {
    domain::Mount mount;
    mount.path = kHome;
    mount.engine = domain::Engine::transit;
    mount.description = "keys, shared with AWS KMS";
    COFFER_CHECK(mounts.add(domain::MountKind::secret, std::move(mount)));
    COFFER_TRY(found, mounts.resolve(domain::MountKind::secret, kHome));
  }
  if (found.mount == nullptr || found.mount->path != kHome ||
      found.mount->engine != domain::Engine::transit) {
    return fail(Code::precondition_failed, "another engine is mounted at transit/");
  }
  return found.mount->id;
}

Result<domain::KeyMaterial> material_field(gate::Call& call, const SpecOfKey& spec) {
  COFFER_TRY(const auto text, formats::secret_field(call.body, "material"));
  if (!text) return invalid("material: the key in base64 is missing");
  secure::SecureBytes octets;
  {
    auto decoded = base64_decode(text->text());
    if (!decoded) return invalid("material: not base64");
    octets = secure::SecureBytes(*decoded);
    secure::wipe(decoded->data(), decoded->size());
  }
  if (spec.octets != 0 && octets.size() != spec.octets) {
    return invalid("material: of another length than the key's");
  }
  return domain::material_of_secret(spec.type, std::move(octets), call.random);
}

Result<gate::Reply> create_key(gate::Call& call) {
  const std::string& id = call.routing.captures.at(0);
  const auto parsed = domain::parse_key_id(id);
  if (!parsed) return invalid("a key's id is a UUID, or mrk- and 32 hexadecimal digits");
  COFFER_TRY(const SpecOfKey of, spec_field(call));
  COFFER_TRY(const domain::KeyMaterial material, material_field(call, of));
  COFFER_TRY(const auto region, formats::text_field(call.body, "region"));
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  COFFER_TRY(const auto aliases, formats::list_field(call.body, "aliases"));
  COFFER_TRY(const Bytes mount, home_of_keys(*call.view));

  domain::KeySpec spec;
  spec.name = id;
  spec.type = of.type;
  spec.purpose = of.purpose;
  spec.uid = parsed->uid;
  spec.multi_region = parsed->multi_region;
  spec.region = region.value_or(std::string(kDefaultRegion));
  spec.description = description.value_or("");
  domain::MasterKeys keys(*call.view, mount, call.unsealed->kms);
  COFFER_TRY(const domain::KeyPtr present, keys.by_uid(spec.uid));
  if (present) return fail(Code::already_exists, "there is a key of this id");
  COFFER_CHECK(keys.create(spec, &material));
  COFFER_TRY(const domain::KeyPtr made, keys.find(spec.name));
  domain::KeyAliases names(*call.view, mount);
  for (const std::string& alias : aliases.value_or(std::vector<std::string>())) {
    if (!alias.starts_with(kAlias) || alias.starts_with(kReserved)) {
      return invalid("aliases: an alias begins with alias/, and not with alias/aws/");
    }
    COFFER_TRY(const auto taken, names.find(spec.region, alias));
    if (taken) return fail(Code::already_exists, "an alias of this name is there");
    COFFER_CHECK(names.put(spec.region, alias, made->row));
  }
  call.note("key", id);
  return json_reply([&](formats::JsonWriter& w) { w.key("id").string(id); });
}

}  // namespace

RouteTable aws_key_routes() {
  RouteTable table;
  table.push_back(
      guarded("PUT",
              "aws/keys/{key}",
              proof::EventType::key_imported,
              {.action = "aws.key.create", .capability = policy::Capability::update, .sudo = true},
              create_key));
  return table;
}

}  // namespace coffer::dialects::native
