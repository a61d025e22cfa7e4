#include "dialects/aws/kms_parts.h"

#include "base/encoding.h"
#include "dialects/aws/access.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/kms_managed.h"
#include "dialects/aws/page_token.h"
#include "dialects/aws/params.h"
#include "domain/identity/aws_names.h"
#include "domain/kms/ciphertext_blob.h"
#include "domain/kms/sealed_token.h"

namespace coffer::dialects::aws {
namespace {

using domain::KeyPtr;
using domain::KeyState;
using domain::MasterKeyRow;

constexpr std::string_view kAliasPrefix = "alias/";
constexpr std::string_view kKeyPrefix = "key/";
constexpr std::size_t kMaxContext = 8192;

std::unexpected<Error> not_found(std::string message) {
  return aws::fail(Code::not_found, "NotFoundException", std::move(message));
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

void add_context(const domain::EncryptionContext& context, policy::IamContext& out) {
  for (const auto& [key, value] : context) {
    out.add("kms:EncryptionContext:" + key, value);
    out.add("kms:EncryptionContextKeys", key);
  }
}

// The id of a grant that allows this; empty: none does.
Result<std::string> covering_grant(Kms& kms, const KmsKey& key, const domain::GrantedUse& use) {
  if (*key->grants == 0) return std::string();
  domain::KeyGrants grants = kms.grants();
  for (const std::string& arn : principal_arns(kms.call)) {
    COFFER_TRY(const auto of_principal, grants.of_grantee(*key, arn));
    for (const domain::GrantPtr& grant : of_principal) {
      if (domain::allows(grant->row, use)) return hex_encode(*grant->row.id);
    }
  }
  return std::string();
}

std::string filled(std::string_view path, std::string_view name) {
  std::string out("transit/");
  const std::size_t at = path.find("{}");
  if (at == std::string_view::npos) return out.append(path);
  out.append(path.substr(0, at)).append(name).append(path.substr(at + 2));
  return out;
}

}  // namespace

Result<Kms> Kms::of(gate::Call& call, const std::string& account) {
  COFFER_TRY(MountPtr home, find_home(*call.view, Home::keys));
  return Kms(call, account, std::move(home));
}

std::string Kms::arn(const MasterKeyRow& key) const {
  const std::string_view where =
      key.region->empty() ? kDefaultRegion : std::string_view(*key.region);
  return domain::regional_arn("kms", where, account, std::string(kKeyPrefix) + domain::key_id(key));
}

std::string Kms::alias_arn(std::string_view alias) const {
  return domain::regional_arn("kms", region(), account, alias);
}

domain::MasterKeys Kms::keys() const {
  return {*call.view, home->id, call.unsealed->kms};
}

domain::KeyAliases Kms::aliases() const {
  return {*call.view, home->id};
}

domain::KeyGrants Kms::grants() const {
  return {*call.view, home->id};
}

bool Kms::is_here(const MasterKeyRow& key) const {
  return key.region->empty() || *key.region == region();
}

Result<KmsKey> Kms::by_uid(ByteView uid) {
  if (!home) return KmsKey{};
  COFFER_TRY(KeyPtr row, keys().by_uid(uid));
  if (!row || !is_here(row->row)) return KmsKey{};
  return KmsKey{row, arn(row->row), ""};
}

Result<KmsKey> Kms::again(const KmsKey& key) {
  COFFER_TRY(KeyPtr row, keys().find(*key->name));
  if (!row) return fail(Code::internal, "a key went away while it was used");
  return KmsKey{std::move(row), key.arn, key.alias};
}

Result<KmsKey> Kms::find(std::string_view identifier, Naming naming) {
  std::string_view asked = identifier;
  std::string_view where = region();
  const auto arn = parse_arn(identifier);
  if (arn) {
    if (arn->service != "kms") return not_found("Invalid arn " + arn->region);
    where = arn->region;
    asked = arn->resource;
    if (asked.starts_with(kKeyPrefix)) asked.remove_prefix(kKeyPrefix.size());
  }
  if (asked.starts_with(kAliasPrefix) && naming != Naming::id_only) {
    if (arn && where != region()) return not_found("Invalid arn " + std::string(where));
    // One of another account, which is none here, as it would be if it did not exist there.
    if (arn && arn->account != account) {
      return not_found("Alias " + domain::regional_arn("kms", where, arn->account, asked) +
                       " is not found.");
    }
    domain::AliasPtr alias;
    if (home) {
      COFFER_TRY(alias, aliases().find(region(), asked));
    }
    KmsKey key;
    if (alias) {
      COFFER_TRY(key, by_uid(*alias->row.uid));
    }
    if (!key.row && naming == Naming::managed_too) {
      if (const ManagedKey* managed = managed_by_alias(asked)) key = key_to_be(*this, *managed);
    }
    if (!key.row) return not_found("Alias " + alias_arn(asked) + " is not found.");
    key.alias = asked;
    return key;
  }
  const auto id = domain::parse_key_id(asked);
  if (!id) return not_found("Invalid keyId " + quoted(identifier));
  if (arn && where != region()) {
    // A key of no region has the default region in its ARN, and is everywhere.
    COFFER_TRY(KmsKey key, by_uid(id->uid));
    if (!key.row || !key->region->empty() || key.arn != identifier) {
      return not_found("Invalid arn " + std::string(where));
    }
    return key;
  }
  COFFER_TRY(KmsKey key, by_uid(id->uid));
  const bool other_account = arn && arn->account != account;
  if (!key.row || *key->multi_region != id->multi_region || other_account) {
    const std::string whole =
        domain::regional_arn("kms", region(), other_account ? arn->account : account, kKeyPrefix);
    return not_found("Key " + quoted(whole + std::string(asked)) + " does not exist");
  }
  return key;
}

Result<KmsKey> Kms::named(std::string_view member, Naming naming) {
  COFFER_TRY(const std::string identifier, text_or_empty(call.body, member));
  return find(identifier, naming);
}

Result<domain::EncryptionContext> context_of(const gate::Call& call, std::string_view member) {
  COFFER_TRY(domain::EncryptionContext context, text_map(call.body, member));
  std::size_t size = 0;
  for (const auto& [key, value] : context) size += key.size() + value.size();
  if (size > kMaxContext) return validation("The encryption context is too large.");
  return context;
}

std::vector<std::string> principal_arns(const gate::Call& call) {
  std::vector<std::string> arns;
  if (call.facts == nullptr || !call.facts->iam) return arns;
  const policy::IamPrincipal& who = *call.facts->iam;
  for (const std::string& arn : {who.arn, who.role_arn}) {
    if (!arn.empty()) arns.push_back(arn);
  }
  return arns;
}

Result<policy::Access> key_access(Kms& kms, const KmsKey& key, const KmsRule& rule) {
  if (rule.context.empty()) return key_access(kms, key, rule, nullptr);
  COFFER_TRY(const domain::EncryptionContext context, context_of(kms.call, rule.context));
  return key_access(kms, key, rule, &context);
}

Result<policy::Access> key_access(Kms& kms,
                                  const KmsKey& key,
                                  const KmsRule& rule,
                                  const domain::EncryptionContext* context) {
  policy::Access out = access(rule.action,
                              "kms:" + std::string(rule.iam),
                              key.arn,
                              filled(rule.path, *key->name),
                              rule.capability);
  domain::add_key_conditions(*key, kms.account, out.iam->context);
  if (!key.alias.empty()) out.iam->context.set("kms:RequestAlias", {key.alias});
  if (context != nullptr) {
    add_context(*context, out.iam->context);
    out.iam->context.set("kms:EncryptionAlgorithm", {"SYMMETRIC_DEFAULT"});  // of data keys too
  }
  out.iam->consent_policy = kms.call.unsealed->kms.policies.of(*key);
  if (rule.grant) {
    const domain::GrantedUse use{.operation = *rule.grant, .context = context};
    COFFER_TRY(out.iam->grant, covering_grant(kms, key, use));
  }
  return out;
}

AwsOperation kms_operation(const Services& services,
                           std::string_view name,
                           const Shape& shape,
                           proof::EventType event,
                           KmsResolve resolve,
                           KmsHandler handler) {
  return guarded(
      Service::kms,
      name,
      shape,
      event,
      [account = services.account,
       resolve = std::move(resolve)](gate::Call& call) -> Result<std::vector<policy::Access>> {
        COFFER_TRY(Kms kms, Kms::of(call, account));
        return resolve(kms);
      },
      [account = services.account, handler](gate::Call& call) -> Result<gate::Reply> {
        COFFER_TRY(Kms kms, Kms::of(call, account));
        return handler(kms);
      });
}

AwsOperation kms_operation(const Services& services,
                           const Shape& shape,
                           proof::EventType event,
                           const KmsRule& rule,
                           KmsHandler handler) {
  return kms_operation(
      services,
      rule.iam,
      shape,
      event,
      [rule](Kms& kms) -> Result<std::vector<policy::Access>> {
        COFFER_TRY(const KmsKey key, kms.named(rule.member, rule.naming));
        COFFER_TRY(policy::Access needed, key_access(kms, key, rule));
        std::vector<policy::Access> all;
        all.push_back(std::move(needed));
        return all;
      },
      handler);
}

std::unexpected<Error> validation(std::string message) {
  return aws::fail(Code::invalid_argument, "ValidationException", std::move(message));
}

std::unexpected<Error> unsupported_operation(std::string message) {
  return aws::fail(Code::invalid_argument, "UnsupportedOperationException", std::move(message));
}

std::unexpected<Error> invalid_state(std::string message) {
  return aws::fail(Code::precondition_failed, "KMSInvalidStateException", std::move(message));
}

Result<> check_not_pending(const Kms& kms, const KmsKey& key, bool import) {
  const KeyState state = key->state_at(kms.call.now);
  if (state == KeyState::pending_deletion) return invalid_state(key.arn + " is pending deletion.");
  if (import && state == KeyState::pending_import) {
    return invalid_state(key.arn + " is pending import.");
  }
  return {};
}

Result<> check_enabled(const Kms& kms, const KmsKey& key) {
  COFFER_CHECK(check_not_pending(kms, key, true));
  const KeyState state = key->state_at(kms.call.now);
  if (state == KeyState::enabled) return {};
  if (state == KeyState::disabled) {
    return aws::fail(Code::precondition_failed, "DisabledException", key.arn + " is disabled.");
  }
  return invalid_state(key.arn + " is unavailable.");
}

Result<> check_use(const Kms& kms,
                   const KmsKey& key,
                   domain::KeyPurpose purpose,
                   std::string_view operation) {
  const KmsSpec& spec = spec_of(*key);
  // A key without a word about its use does what its type does.
  const bool for_this = *key->purpose == domain::KeyPurpose::unsaid
                            ? fits(spec, purpose) && purpose != domain::KeyPurpose::key_agreement
                            : *key->purpose == purpose;
  if (!for_this) {
    return aws::fail(Code::invalid_argument,
                     "InvalidKeyUsageException",
                     key.arn + " key usage is " + std::string(usage_of(*key)) +
                         " which is not valid for " + std::string(operation) + ".");
  }
  return check_enabled(kms, key);
}

std::unexpected<Error> incompatible(std::string_view algorithm, const KmsSpec& spec) {
  return aws::fail(Code::invalid_argument,
                   "InvalidKeyUsageException",
                   "Algorithm " + std::string(algorithm) + " is incompatible with key spec " +
                       std::string(spec.name) + ".");
}

Result<> check_customers(const KmsKey& key) {
  if (key->manager->empty()) return {};
  return unsupported_operation(key.arn + " is a key of a service, which nobody changes.");
}

Result<> check_symmetric(const KmsKey& key) {
  if (domain::aead_of(*key->type) && !*key->derived) return {};
  return unsupported_operation("");
}

Result<> check_dry_run(const gate::Call& call) {
  COFFER_TRY(const bool dry, flag(call.body, "DryRun"));
  if (!dry) return {};
  return aws::fail(Code::precondition_failed,
                   "DryRunOperationException",
                   "The request would have succeeded, but the DryRun option is set.");
}

Result<> check_grant_tokens(const Kms& kms) {
  COFFER_TRY(const auto tokens, texts(kms.call.body, "GrantTokens"));
  for (const std::string& token : tokens) {
    const auto octets = base64_decode(token, Base64::url_raw);
    if (!octets || !domain::open_key_token(
                       *kms.call.view->keyring(), kms.call.view->realm(), "grant", *octets)) {
      return aws::fail(Code::invalid_argument, "InvalidGrantTokenException", "");
    }
  }
  return {};
}

std::unexpected<Error> as_limit(const Error& error) {
  if (error.code != Code::exhausted) return std::unexpected(error);
  return aws::fail(Code::exhausted, "LimitExceededException", error.message);
}

std::unexpected<Error> invalid_ciphertext() {
  return aws::fail(Code::invalid_argument, "InvalidCiphertextException", "");
}

void write_names(formats::JsonWriter& w,
                 std::string_view key,
                 std::span<const std::string_view> names) {
  w.key(key).begin_array();
  for (const std::string_view name : names) w.string(name);
  w.end_array();
}

namespace {

void write_algorithms(formats::JsonWriter& w, const KmsSpec& spec, std::string_view usage) {
  if (usage == "ENCRYPT_DECRYPT") write_names(w, "EncryptionAlgorithms", spec.encryption);
  if (usage == "SIGN_VERIFY") write_names(w, "SigningAlgorithms", spec.signing);
  if (usage == "GENERATE_VERIFY_MAC") write_names(w, "MacAlgorithms", spec.mac);
  if (usage == "KEY_AGREEMENT")
    w.key("KeyAgreementAlgorithms").begin_array().string("ECDH").end_array();
}

void write_multi_region(const Kms& kms, formats::JsonWriter& w, const MasterKeyRow& key) {
  w.key("MultiRegionConfiguration").begin_object();
  w.key("MultiRegionKeyType").string("PRIMARY");
  w.key("PrimaryKey").begin_object();
  w.key("Arn").string(kms.arn(key));
  w.key("Region").string(*key.region);
  w.end_object();
  w.key("ReplicaKeys").begin_array().end_array();
  w.end_object();
}

}  // namespace

void write_metadata(const Kms& kms, formats::JsonWriter& w, const MasterKeyRow& key) {
  const KmsSpec& spec = spec_of(key);
  const std::string_view usage = usage_of(key);
  const KeyState state = key.state_at(kms.call.now);
  w.key("KeyMetadata").begin_object();
  w.key("AWSAccountId").string(kms.account);
  w.key("KeyId").string(domain::key_id(key));
  w.key("Arn").string(kms.arn(key));
  w.key("CreationDate");
  write_time(w, *key.created);
  w.key("Enabled").boolean(state == KeyState::enabled);
  w.key("Description").string(*key.description);
  w.key("KeyUsage").string(usage);
  w.key("KeyState").string(state_text(state));
  if (state == KeyState::pending_deletion && *key.deletion) {
    w.key("DeletionDate");
    write_time(w, **key.deletion);
  }
  w.key("Origin").string(*key.imported ? "EXTERNAL" : "AWS_KMS");
  if (*key.imported && !key.versions->empty()) {
    const domain::MaterialFact* fact = key.fact(key.latest());
    if (fact == nullptr || !fact->gone) {
      const bool expires = fact != nullptr && fact->expires;
      w.key("ExpirationModel")
          .string(expires ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE");
      if (expires) {
        w.key("ValidTo");
        write_time(w, *fact->expires);
      }
    }
  }
  w.key("KeyManager").string(key.manager->empty() ? "CUSTOMER" : "AWS");
  w.key("CustomerMasterKeySpec").string(spec.name);
  w.key("KeySpec").string(spec.name);
  write_algorithms(w, spec, usage);
  w.key("MultiRegion").boolean(*key.multi_region);
  if (*key.multi_region) write_multi_region(kms, w, key);
  if (spec.symmetric() && !key.versions->empty()) {
    w.key("CurrentKeyMaterialId").string(domain::material_id(key, key.versions->back()));
  }
  w.end_object();
}

Result<Encrypted> encrypt_blob(Kms& kms,
                               const KmsKey& key,
                               const domain::EncryptionContext& context,
                               ByteView plaintext,
                               domain::KeyOperation operation) {
  domain::MasterKeys keys = kms.keys();
  keys.work_for(operation);
  auto counted = keys.count_uses(key.row, 0, 1);
  if (!counted) return as_limit(counted.error());
  const KeyPtr row = *std::move(counted);
  COFFER_TRY(const domain::ReadyKey ready, keys.maker(row->row, domain::KeyUse::encrypt, 0));
  domain::CiphertextBlob blob{*row->row.uid, ready.version, {}};
  COFFER_TRY(blob.sealed,
             ready.key->encrypt({}, domain::blob_associated_data(blob, context), plaintext));
  return Encrypted{domain::write_blob(blob),
                   domain::material_id(row->row, *row->row.version(ready.version))};
}

Result<PageAsked> page_of(const Kms& kms,
                          std::string_view operation,
                          std::string_view request,
                          std::size_t otherwise) {
  PageAsked page;
  COFFER_TRY(const auto limit, integer(kms.call.body, "Limit"));
  page.limit = static_cast<std::size_t>(limit.value_or(static_cast<std::int64_t>(otherwise)));
  COFFER_TRY(const auto marker, text(kms.call.body, "Marker"));
  if (!marker) return page;
  COFFER_TRY(page.position,
             open_page_token(*kms.call.view->keyring(),
                             kms.call.random,
                             operation,
                             request,
                             *marker,
                             "InvalidMarkerException"));
  return page;
}

Result<> write_page(const Kms& kms,
                    formats::JsonWriter& w,
                    std::string_view operation,
                    std::string_view request,
                    const std::optional<std::string>& next) {
  w.key("Truncated").boolean(next.has_value());
  if (!next) return {};
  COFFER_TRY(
      const std::string marker,
      seal_page_token(*kms.call.view->keyring(), kms.call.random, operation, request, *next));
  w.key("NextMarker").string(marker);
  return {};
}

}  // namespace coffer::dialects::aws
