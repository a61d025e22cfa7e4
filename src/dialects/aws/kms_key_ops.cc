// KMS: CreateKey, DescribeKey, ListKeys, GetPublicKey, UpdateKeyDescription, GetKeyLastUsage.
#include "dialects/aws/access.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/kms_managed.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_policy.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "secure/bytes.h"

#include <array>

namespace coffer::dialects::aws {
namespace {

using domain::KeyMaterial;
using domain::KeyPurpose;
using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array<string_view, 13> kKeySpecs{"RSA_2048",
                                                "ECC_NIST_P384",
                                                "ECC_NIST_P256",
                                                "ECC_NIST_P521",
                                                "HMAC_384",
                                                "RSA_3072",
                                                "ECC_SECG_P256K1",
                                                "RSA_4096",
                                                "SYMMETRIC_DEFAULT",
                                                "HMAC_256",
                                                "HMAC_224",
                                                "HMAC_512",
                                                "ECC_NIST_EDWARDS25519"};
constexpr std::array<string_view, 4> kUsages{
    "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"};
constexpr std::array<string_view, 4> kOrigins{
    "AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"};

constexpr std::array kCreateMembers{
    kPolicy,
    kDescription,
    Member{.name = "KeyUsage", .values = kUsages},
    Member{.name = "CustomerMasterKeySpec", .values = kKeySpecs},
    Member{.name = "KeySpec", .values = kKeySpecs},
    Member{.name = "Origin", .values = kOrigins},
    Member{.name = "CustomKeyStoreId", .min = 1, .max = 64},
    Member{.name = "BypassPolicyLockoutSafetyCheck", .kind = Kind::boolean},
    tags_member(),
    Member{.name = "MultiRegion", .kind = Kind::boolean},
    Member{.name = "XksKeyId", .min = 1, .max = 128},
};
constexpr Shape kCreate{kCreateMembers};
constexpr std::array kDescribeMembers{key_id_member(), kGrantTokens};
constexpr Shape kDescribe{kDescribeMembers};
constexpr std::array kListMembers{kLimit, kMarker};
constexpr Shape kList{kListMembers};
constexpr std::array kUpdateMembers{key_id_member(),
                                    Member{.name = "Description", .required = true, .max = 8192}};
constexpr Shape kUpdate{kUpdateMembers};

// What a new key is to be, as the request says it.
Result<domain::KeySpec> spec_of_request(const Kms& kms) {
  const formats::JsonView& body = kms.call.body;
  COFFER_TRY(const std::string older, text_or_empty(body, "CustomerMasterKeySpec"));
  COFFER_TRY(std::string name, text_or_empty(body, "KeySpec"));
  if (!older.empty() && !name.empty() && older != name) {
    return validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.");
  }
  if (name.empty()) name = older.empty() ? "SYMMETRIC_DEFAULT" : older;
  const KmsSpec* spec = find_spec(name);
  if (spec == nullptr) return unsupported_operation("");
  COFFER_TRY(std::string usage, text_or_empty(body, "KeyUsage"));
  if (usage.empty() && !spec->symmetric()) {
    return validation(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  if (usage.empty()) usage = "ENCRYPT_DECRYPT";
  const auto purpose = parse_usage(usage);
  if (!purpose || !fits(*spec, *purpose)) {
    return validation("KeyUsage " + usage + " is not compatible with KeySpec " + name);
  }
  COFFER_TRY(const std::string origin, text_or_empty(body, "Origin"));
  COFFER_TRY(const std::string store, text_or_empty(body, "CustomKeyStoreId"));
  if (!store.empty() || origin == "AWS_CLOUDHSM" || origin == "EXTERNAL_KEY_STORE") {
    return unsupported_operation("Custom key stores are not supported.");
  }
  domain::KeySpec out;
  out.type = spec->type;
  out.key_size = spec->size;
  out.purpose = *purpose;
  out.imported = origin == "EXTERNAL";
  out.allow_rotation = !out.imported;
  out.region = kms.region();
  COFFER_TRY(out.multi_region, flag(body, "MultiRegion"));
  COFFER_TRY(out.description, text_or_empty(body, "Description"));
  COFFER_TRY(out.tags, tags_of(body));
  COFFER_CHECK(check_tag_count(out.tags));
  return out;
}

// What the key will be counts as what a key is.
Result<std::vector<policy::Access>> may_create(Kms& kms) {
  policy::Access needed =
      access("kms.create", "kms:CreateKey", "*", "transit/keys", policy::Capability::update);
  policy::IamContext& context = needed.iam->context;
  for (const string_view member : {"KeySpec", "CustomerMasterKeySpec"}) {
    COFFER_TRY(const auto spec, text(kms.call.body, member));
    if (spec) context.set("kms:KeySpec", {*spec});  // two that differ are refused
  }
  if (context.find("kms:keyspec") == nullptr) context.set("kms:KeySpec", {"SYMMETRIC_DEFAULT"});
  COFFER_TRY(const bool multi_region, flag(kms.call.body, "MultiRegion"));
  if (multi_region) context.set("kms:MultiRegionKeyType", {"PRIMARY"});
  std::vector<policy::Access> all;
  all.push_back(std::move(needed));
  return all;
}

Result<Reply> create_key(Kms& kms) {
  COFFER_TRY(domain::KeySpec spec, spec_of_request(kms));
  COFFER_TRY(const auto policy, text(kms.call.body, "Policy"));
  spec.uid = domain::new_key_uid(kms.call.random);
  spec.name = domain::key_id_of(spec.uid, spec.multi_region);
  if (policy) {
    COFFER_TRY(const bool bypass, flag(kms.call.body, "BypassPolicyLockoutSafetyCheck"));
    COFFER_CHECK(check_key_policy(kms, spec.name, *policy, bypass));
    spec.policy = *policy;
  }
  COFFER_TRY(kms.home, home_for_write(*kms.call.view, Home::keys));
  if (spec.imported) {
    COFFER_CHECK(kms.keys().create(spec, nullptr));
  } else {
    COFFER_TRY(const KeyMaterial material, new_key_material(kms.call, spec.type, spec.key_size));
    COFFER_CHECK(kms.keys().create(spec, &material));
  }
  kms.call.note("key", spec.name);
  COFFER_TRY(const domain::KeyPtr made, kms.keys().find(spec.name));
  return json_answer([&](JsonWriter& w) { write_metadata(kms, w, made->row); });
}

// As with AWS, who describes the key of a service by its alias has it made.
Result<Reply> describe_key(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(KmsKey key, kms.named("KeyId", Naming::managed_too));
  if (!key->manager->empty() && key->versions->empty()) {
    COFFER_TRY(key, managed_key(kms, *key->manager));
    kms.call.event.type = EventType::key_created;
    kms.call.note("key", domain::key_id(*key));
  }
  return json_answer([&](JsonWriter& w) { write_metadata(kms, w, *key); });
}

Result<Reply> list_keys(Kms& kms) {
  COFFER_TRY(const PageAsked page, page_of(kms, "ListKeys", kms.region(), 100));
  std::vector<domain::KeyPtr> found;
  std::string after = page.position;
  bool more = static_cast<bool>(kms.home);
  while (more && found.size() <= page.limit) {
    COFFER_TRY(const auto names, kms.keys().list(after, page.limit + 1));
    more = names.size() == page.limit + 1;
    for (const std::string& name : names) {
      COFFER_TRY(domain::KeyPtr key, kms.keys().find(name));
      if (key && kms.is_here(key->row)) found.push_back(std::move(key));
    }
    if (!names.empty()) after = names.back();
  }
  std::optional<std::string> next;
  if (found.size() > page.limit) {
    found.resize(page.limit);
    next = *found.back()->row.name;
  }
  Result<> paged;
  Reply reply = json_answer([&](JsonWriter& w) {
    w.key("Keys").begin_array();
    for (const domain::KeyPtr& key : found) {
      w.begin_object();
      w.key("KeyId").string(domain::key_id(key->row));
      w.key("KeyArn").string(kms.arn(key->row));
      w.end_object();
    }
    w.end_array();
    paged = write_page(kms, w, "ListKeys", kms.region(), next);
  });
  COFFER_CHECK(std::move(paged));
  return reply;
}

Result<Reply> get_public_key(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const KmsKey key, kms.named("KeyId", Naming::alias_too));
  if (!domain::pair_of(*key->type) || *key->derived) return unsupported_operation("");
  COFFER_CHECK(check_enabled(kms, key));
  COFFER_TRY(const Bytes spki, kms.keys().public_key(*key, key->versions->back()));
  const KmsSpec& spec = spec_of(*key);
  const string_view usage = usage_of(*key);
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    w.key("PublicKey").string(secure::base64_text(spki).text());
    w.key("CustomerMasterKeySpec").string(spec.name);
    w.key("KeySpec").string(spec.name);
    w.key("KeyUsage").string(usage);
    if (usage == "ENCRYPT_DECRYPT") write_names(w, "EncryptionAlgorithms", spec.encryption);
    if (usage == "SIGN_VERIFY") write_names(w, "SigningAlgorithms", spec.signing);
    if (usage == "KEY_AGREEMENT") {
      w.key("KeyAgreementAlgorithms").begin_array().string("ECDH").end_array();
    }
  });
}

Result<Reply> update_description(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_not_pending(kms, key));
  domain::KeyAbout about;
  COFFER_TRY(about.description, text(kms.call.body, "Description"));
  COFFER_CHECK(kms.keys().describe(*key, about));
  return empty_answer();
}

Result<Reply> get_last_usage(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_TRY(const auto last, kms.keys().last_use(*key));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    if (last.when != Timestamp{}) {
      w.key("KeyLastUsage").begin_object();
      if (last.operation != domain::KeyOperation::unknown) {
        w.key("Operation").string(operation_text(last.operation));
      }
      w.key("Timestamp");
      write_time(w, last.when);
      w.end_object();
    }
    w.key("TrackingStartDate");
    write_time(w, *key->created);
    w.key("KeyCreationDate");
    write_time(w, *key->created);
  });
}

Result<std::vector<policy::Access>> may_list(Kms& /*kms*/) {
  std::vector<policy::Access> all;
  all.push_back(access("kms.list", "kms:ListKeys", "*", "transit/keys", policy::Capability::list));
  return all;
}

}  // namespace

Result<KeyMaterial> new_key_material(gate::Call& call, domain::KeyType type, std::size_t size) {
  if (!domain::is_rsa(type)) return domain::generate_material(type, size, call.random);
  // Random lives as long as the server, and is safe for concurrent use.
  crypto::Random* const random = &call.random;
  COFFER_TRY(const KeyMaterial* made,
             call.effects.get<KeyMaterial>("generate key", [type, random]() -> Result<KeyMaterial> {
               return domain::generate_material(type, 0, *random);
             }));
  return made->clone();
}

void add_kms_key_operations(OperationTable& table, const Services& services) {
  using policy::Capability;
  table.push_back(kms_operation(
      services, "CreateKey", kCreate, EventType::key_created, may_create, create_key));
  table.push_back(
      kms_operation(services, "ListKeys", kList, EventType::key_listed, may_list, list_keys));
  table.push_back(kms_operation(services,
                                kDescribe,
                                EventType::key_read,
                                {.action = "kms.read",
                                 .iam = "DescribeKey",
                                 .path = "keys/{}",
                                 .capability = Capability::read,
                                 .naming = Naming::managed_too,
                                 .grant = domain::GrantOperation::describe_key},
                                describe_key));
  table.push_back(kms_operation(services,
                                kDescribe,
                                EventType::key_read,
                                {.action = "kms.read",
                                 .iam = "GetPublicKey",
                                 .path = "keys/{}",
                                 .capability = Capability::read,
                                 .naming = Naming::alias_too,
                                 .grant = domain::GrantOperation::get_public_key},
                                get_public_key));
  table.push_back(kms_operation(
      services,
      kUpdate,
      EventType::key_configured,
      {.action = "kms.configure", .iam = "UpdateKeyDescription", .path = "keys/{}/config"},
      update_description));
  table.push_back(kms_operation(services,
                                kKeyIdShape,
                                EventType::key_read,
                                {.action = "kms.read",
                                 .iam = "GetKeyLastUsage",
                                 .path = "keys/{}",
                                 .capability = Capability::read},
                                get_last_usage));
}

}  // namespace coffer::dialects::aws
