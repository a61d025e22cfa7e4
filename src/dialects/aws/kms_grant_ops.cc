// KMS: grants. They hold as soon as they are made; grant tokens prove that one was, no more.
#include "base/encoding.h"
#include "base/wire.h"
#include "dialects/aws/access.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "domain/kms/sealed_token.h"
#include "policy/iam_principals.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace coffer::dialects::aws {
namespace {

using domain::EncryptionContext;
using domain::GrantOperation;
using domain::GrantPtr;
using domain::KeyGrantRow;
using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array<string_view, 17> kOperations{"Decrypt",
                                                  "Encrypt",
                                                  "GenerateDataKey",
                                                  "GenerateDataKeyWithoutPlaintext",
                                                  "ReEncryptFrom",
                                                  "ReEncryptTo",
                                                  "Sign",
                                                  "Verify",
                                                  "GetPublicKey",
                                                  "CreateGrant",
                                                  "RetireGrant",
                                                  "DescribeKey",
                                                  "GenerateDataKeyPair",
                                                  "GenerateDataKeyPairWithoutPlaintext",
                                                  "GenerateMac",
                                                  "VerifyMac",
                                                  "DeriveSharedSecret"};
constexpr Member kOperation{.values = kOperations};

constexpr Member principal(string_view name, bool required) {
  return {.name = name,
          .required = required,
          .min = 1,
          .max = 256,
          .pattern = "^[\\w+=,.@:/-]+$",
          .alphabet = "a-zA-Z0-9_+=,.@:/-"};
}

constexpr std::array kConstraintMembers{context_member("EncryptionContextSubset"),
                                        context_member("EncryptionContextEquals")};
constexpr Shape kConstraints{kConstraintMembers};
constexpr std::array kCreateMembers{
    key_id_member(),
    principal("GranteePrincipal", true),
    principal("RetiringPrincipal", false),
    Member{.name = "Operations", .kind = Kind::list, .required = true, .item = &kOperation},
    Member{.name = "Constraints", .kind = Kind::structure, .of = &kConstraints},
    kGrantTokens,
    Member{.name = "Name",
           .min = 1,
           .max = 256,
           .pattern = "^[a-zA-Z0-9:/_-]+$",
           .alphabet = "a-zA-Z0-9:/_-"},
    kDryRun};
constexpr Shape kCreate{kCreateMembers};

constexpr Member grant_id(bool required) {
  return {.name = "GrantId", .required = required, .min = 1, .max = 128};
}

constexpr std::array kListMembers{
    kLimit, kMarker, key_id_member(), grant_id(false), principal("GranteePrincipal", false)};
constexpr Shape kList{kListMembers};
constexpr std::array kRetirableMembers{kLimit, kMarker, principal("RetiringPrincipal", true)};
constexpr Shape kRetirable{kRetirableMembers};
constexpr std::array kRetireMembers{Member{.name = "GrantToken", .min = 1, .max = 8192},
                                    key_id_member("KeyId", false),
                                    grant_id(false),
                                    kDryRun};
constexpr Shape kRetire{kRetireMembers};
constexpr std::array kRevokeMembers{key_id_member(), grant_id(true), kDryRun};
constexpr Shape kRevoke{kRevokeMembers};

constexpr std::size_t kMaxPairs = 8;
constexpr std::size_t kMaxPairValue = 384;
// By one listing: when they show less than a page, the page is short.
constexpr std::size_t kLookedAt = 1000;

Result<EncryptionContext> constraint(const formats::JsonView& body, string_view name) {
  const auto constraints = body.find_value("Constraints");
  if (!constraints) return EncryptionContext();
  COFFER_TRY(EncryptionContext pairs, text_map(*constraints, name));
  const bool fits = pairs.size() <= kMaxPairs && std::ranges::all_of(pairs, [](const auto& pair) {
                      return pair.second.size() <= kMaxPairValue;
                    });
  if (!fits)
    return validation("The encryption context of a constraint has 8 pairs of 384 at most.");
  return pairs;
}

// The operations that a key of this kind can be asked for by a grant.
bool grantable(const KmsSpec& spec, GrantOperation operation) {
  using enum GrantOperation;
  switch (operation) {
    case sign:
    case verify:
      return !spec.signing.empty();
    case get_public_key:
      return !spec.symmetric() && spec.mac.empty();
    case derive_shared_secret:
      return spec.agrees;
    case generate_mac:
    case verify_mac:
      return !spec.mac.empty();
    case decrypt:
    case encrypt:
    case reencrypt_from:
    case reencrypt_to:
      return !spec.encryption.empty();
    case generate_data_key:
    case generate_data_key_without_plaintext:
    case generate_data_key_pair:
    case generate_data_key_pair_without_plaintext:
      return spec.symmetric();
    case create_grant:
    case retire_grant:
    case describe_key:
      return true;
  }
  return false;
}

// As whom the caller is known by: an account is its root. "": not given.
Result<std::string> principal_of(const formats::JsonView& body, string_view member) {
  COFFER_TRY(std::string given, text_or_empty(body, member));
  if (given.empty()) return given;
  const auto named = policy::parse_aws_principal(given);
  if (!named) {
    return aws::fail(Code::invalid_argument,
                     "InvalidArnException",
                     std::string(member) + " does not refer to a valid principal");
  }
  return given == named->account ? "arn:aws:iam::" + given + ":root" : given;
}

Result<KeyGrantRow> grant_of_request(const Kms& kms, const KmsKey& key) {
  const formats::JsonView& body = kms.call.body;
  const KmsSpec& spec = spec_of(*key);
  KeyGrantRow out;
  COFFER_TRY(*out.grantee, principal_of(body, "GranteePrincipal"));
  COFFER_TRY(*out.retiring, principal_of(body, "RetiringPrincipal"));
  COFFER_TRY(*out.name, text_or_empty(body, "Name"));
  COFFER_TRY(const auto names, texts(body, "Operations"));
  if (names.empty()) return validation("A grant must allow an operation.");
  for (const std::string& name : names) {
    const auto operation = domain::parse_grant_operation(name);
    if (!operation || !grantable(spec, *operation)) {
      return validation("Operation " + name + " is not valid for key spec " +
                        std::string(spec.name) + ".");
    }
    *out.operations |= static_cast<std::uint32_t>(*operation);
  }
  COFFER_TRY(*out.context_equals, constraint(body, "EncryptionContextEquals"));
  COFFER_TRY(*out.context_subset, constraint(body, "EncryptionContextSubset"));
  if (!out.context_equals->empty() && !out.context_subset->empty()) {
    return validation("A grant has one constraint at most.");
  }
  if (!spec.symmetric() && (!out.context_equals->empty() || !out.context_subset->empty())) {
    return validation("Only grants on symmetric encryption keys have constraints.");
  }
  *out.issuer = "arn:aws:iam::" + kms.account + ":root";
  return out;
}

Result<std::string> token_of(const Kms& kms, const KeyGrantRow& grant) {
  Bytes body;
  Writer w(body);
  w.bytes(*grant.owner);
  w.bytes(*grant.id);
  COFFER_TRY(
      const Bytes token,
      domain::seal_key_token(*kms.call.view->keyring(), kms.call.view->realm(), "grant", body));
  return base64_encode(token, Base64::url_raw);
}

// No service of AWS asks here for its caller.
KmsResolve on_grants(const KmsRule& rule) {
  return [rule](Kms& kms) -> Result<std::vector<policy::Access>> {
    COFFER_TRY(const KmsKey key, kms.named());
    std::vector<policy::Access> all;
    COFFER_TRY(all.emplace_back(), key_access(kms, key, rule));
    all.back().iam->context.set("kms:GrantIsForAWSResource", {"false"});
    return all;
  };
}

constexpr KmsRule kListRule{.action = "kms.grant.list",
                            .iam = "ListGrants",
                            .path = "keys/{}/grants",
                            .capability = policy::Capability::list};
constexpr KmsRule kRevokeRule{
    .action = "kms.grant", .iam = "RevokeGrant", .path = "keys/{}/grants"};
constexpr KmsRule kCreateRule{
    .action = "kms.grant", .iam = "CreateGrant", .path = "keys/{}/grants"};

Result<std::vector<policy::Access>> may_create(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_TRY(const KeyGrantRow made, grant_of_request(kms, key));
  std::vector<policy::Access> all;
  COFFER_TRY(policy::Access needed, key_access(kms, key, kCreateRule));
  for (const string_view name : domain::grant_operation_names(*made.operations)) {
    needed.iam->context.add("kms:GrantOperations", std::string(name));
  }
  needed.iam->context.add("kms:GrantIsForAWSResource", "false");
  if (!made.context_equals->empty()) {
    needed.iam->context.add("kms:GrantConstraintType", "EncryptionContextEquals");
  }
  if (!made.context_subset->empty()) {
    needed.iam->context.add("kms:GrantConstraintType", "EncryptionContextSubset");
  }
  // Whoever holds a grant that says so may pass on as much as he has.
  for (const std::string& arn : principal_arns(kms.call)) {
    COFFER_TRY(const auto held, kms.grants().of_grantee(*key, arn));
    for (const GrantPtr& grant : held) {
      if (domain::allows(grant->row, {.operation = GrantOperation::create_grant, .made = &made})) {
        needed.iam->grant = hex_encode(*grant->row.id);
      }
    }
  }
  all.push_back(std::move(needed));
  return all;
}

Result<Reply> create(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_enabled(kms, key));
  COFFER_TRY(KeyGrantRow wanted, grant_of_request(kms, key));
  COFFER_CHECK(check_dry_run(kms.call));
  const auto made = kms.grants().create(*key, std::move(wanted));
  if (!made) return as_limit(made.error());
  COFFER_TRY(const std::string token, token_of(kms, *made));
  const std::string id = hex_encode(*made->id);
  kms.call.note("key", domain::key_id(*key));
  kms.call.note("grant", id);
  kms.call.note("grantee", *made->grantee);
  return json_answer([&](JsonWriter& w) {
    w.key("GrantToken").string(token);
    w.key("GrantId").string(id);
  });
}

void write_pairs(JsonWriter& w, string_view name, const EncryptionContext& pairs) {
  if (pairs.empty()) return;
  w.key(name).begin_object();
  for (const auto& [key, value] : pairs) w.key(key).string(value);
  w.end_object();
}

void write_grant(const std::string& key_arn, JsonWriter& w, const KeyGrantRow& grant) {
  w.begin_object();
  w.key("KeyId").string(key_arn);
  w.key("GrantId").string(hex_encode(*grant.id));
  if (!grant.name->empty()) w.key("Name").string(*grant.name);
  w.key("CreationDate");
  write_time(w, *grant.created);
  w.key("GranteePrincipal").string(*grant.grantee);
  if (!grant.retiring->empty()) w.key("RetiringPrincipal").string(*grant.retiring);
  w.key("IssuingAccount").string(*grant.issuer);
  write_names(w, "Operations", domain::grant_operation_names(*grant.operations));
  if (!grant.context_equals->empty() || !grant.context_subset->empty()) {
    w.key("Constraints").begin_object();
    write_pairs(w, "EncryptionContextEquals", *grant.context_equals);
    write_pairs(w, "EncryptionContextSubset", *grant.context_subset);
    w.end_object();
  }
  w.end_object();
}

struct Listed {
  std::string key_arn;
  GrantPtr grant;
};

Result<Reply> grants_answer(Kms& kms,
                            string_view operation,
                            const std::string& request,
                            const std::vector<Listed>& grants,
                            const std::optional<std::string>& next) {
  Result<> paged;
  Reply reply = json_answer([&](JsonWriter& w) {
    w.key("Grants").begin_array();
    for (const Listed& each : grants) write_grant(each.key_arn, w, each.grant->row);
    w.end_array();
    paged = write_page(kms, w, operation, request, next);
  });
  COFFER_CHECK(std::move(paged));
  return reply;
}

// One by its id, without a look at the others.
Result<std::vector<Listed>> only(Kms& kms, const KmsKey& key, const std::string& id) {
  const auto octets = hex_decode(id);
  COFFER_TRY(GrantPtr grant, kms.grants().find(*key->uid, octets ? ByteView(*octets) : ByteView()));
  std::vector<Listed> rows;
  if (grant) rows.push_back({key.arn, std::move(grant)});
  return rows;
}

Result<Reply> list(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_TRY(const std::string id, text_or_empty(kms.call.body, "GrantId"));
  COFFER_TRY(const std::string grantee, text_or_empty(kms.call.body, "GranteePrincipal"));
  const std::string request = key.arn + "|" + id + "|" + grantee;
  COFFER_TRY(const PageAsked page, page_of(kms, "ListGrants", request, 50));
  const auto other = [&](const Listed& each) {
    return !grantee.empty() && *each.grant->row.grantee != grantee;
  };
  std::vector<Listed> rows;
  std::optional<std::string> next;
  if (!id.empty()) {
    COFFER_TRY(rows, only(kms, key, id));
    std::erase_if(rows, other);
    return grants_answer(kms, "ListGrants", request, rows, next);
  }
  COFFER_TRY(Bytes after, hex_decode(page.position));
  std::size_t seen = 0;
  for (bool more = true; more;) {
    COFFER_TRY(const auto found, kms.grants().list(*key, after, page.limit + 1));
    more = found.size() > page.limit;
    for (const GrantPtr& grant : found) {
      if (rows.size() == page.limit || seen == kLookedAt) {
        next = hex_encode(after);
        more = false;
        break;
      }
      ++seen;
      after = *grant->row.id;
      const Listed listed{key.arn, grant};
      if (!other(listed)) rows.push_back(listed);
    }
  }
  return grants_answer(kms, "ListGrants", request, rows, next);
}

Result<Reply> list_retirable(Kms& kms) {
  COFFER_TRY(const std::string who, text_or_empty(kms.call.body, "RetiringPrincipal"));
  COFFER_TRY(const PageAsked page, page_of(kms, "ListRetirableGrants", who, 50));
  COFFER_TRY(const Bytes position, hex_decode(page.position));
  std::vector<Bytes> places;
  if (kms.home) {
    COFFER_TRY(places, kms.grants().places_of_retirer(who));
  }
  std::vector<Listed> rows;
  std::optional<std::string> next;
  std::size_t seen = 0;
  for (auto at = std::ranges::upper_bound(places, position); at != places.end(); ++at, ++seen) {
    if (rows.size() == page.limit || seen == kLookedAt) {
      next = hex_encode(*std::prev(at));
      break;
    }
    COFFER_TRY(const GrantPtr grant, kms.grants().at(*at));
    if (!grant || *grant->row.retiring != who) continue;
    COFFER_TRY(const KmsKey key, kms.by_uid(*grant->row.owner));
    if (key.row) rows.push_back({key.arn, grant});
  }
  return grants_answer(kms, "ListRetirableGrants", who, rows, next);
}

struct Ending {
  KmsKey key;
  GrantPtr grant;
};

Result<Ending> ending_of(Kms& kms, const KmsKey& key, ByteView id, const std::string& named) {
  COFFER_TRY(GrantPtr grant, kms.grants().find(*key->uid, id));
  if (!grant) {
    return aws::fail(Code::not_found, "NotFoundException", "Grant ID " + named + " not found");
  }
  return Ending{key, std::move(grant)};
}

Result<Ending> named_grant(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_TRY(const std::string id, text_or_empty(kms.call.body, "GrantId"));
  const auto octets = hex_decode(id);
  return ending_of(kms, key, octets ? ByteView(*octets) : ByteView(), id);
}

// By its token, or by key and id.
Result<Ending> retired_grant(Kms& kms) {
  COFFER_TRY(const auto token, text(kms.call.body, "GrantToken"));
  COFFER_TRY(const auto key_id, text(kms.call.body, "KeyId"));
  COFFER_TRY(const auto id, text(kms.call.body, "GrantId"));
  if (!token) {
    if (!key_id || !id) {
      return validation("You must specify either a grant token, or a key ID and a grant ID.");
    }
    return named_grant(kms);
  }
  const auto refused = aws::fail(Code::invalid_argument, "InvalidGrantTokenException", "");
  const auto octets = base64_decode(*token, Base64::url_raw);
  if (!octets) return refused;
  const auto body =
      domain::open_key_token(*kms.call.view->keyring(), kms.call.view->realm(), "grant", *octets);
  if (!body) return refused;
  Reader r(body->view());
  COFFER_TRY(const ByteView owner, r.bytes());
  COFFER_TRY(const ByteView grant, r.bytes());
  COFFER_TRY(const KmsKey key, kms.by_uid(owner));
  if (!key.row) return refused;
  return ending_of(kms, key, grant, hex_encode(grant));
}

Result<std::vector<policy::Access>> may_retire(Kms& kms) {
  COFFER_TRY(const Ending what, retired_grant(kms));
  COFFER_TRY(
      policy::Access needed,
      key_access(
          kms, what.key, {.action = "kms.grant", .iam = "RetireGrant", .path = "keys/{}/grants"}));
  const KeyGrantRow& grant = what.grant->row;
  for (const std::string& arn : principal_arns(kms.call)) {
    const bool as_grantee =
        arn == *grant.grantee && domain::allows(grant, {.operation = GrantOperation::retire_grant});
    if (arn == *grant.retiring || as_grantee) needed.iam->grant = hex_encode(*grant.id);
  }
  std::vector<policy::Access> all;
  all.push_back(std::move(needed));
  return all;
}

Result<Reply> end(Kms& kms, const Ending& what) {
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_CHECK(kms.grants().remove(*what.key, what.grant->row));
  kms.call.note("key", domain::key_id(*what.key));
  kms.call.note("grant", hex_encode(*what.grant->row.id));
  return empty_answer();
}

Result<Reply> retire(Kms& kms) {
  COFFER_TRY(const Ending what, retired_grant(kms));
  return end(kms, what);
}

Result<Reply> revoke(Kms& kms) {
  COFFER_TRY(const Ending what, named_grant(kms));
  return end(kms, what);
}

Result<std::vector<policy::Access>> may_list_retirable(Kms& /*kms*/) {
  std::vector<policy::Access> all;
  all.push_back(access("kms.grant.list",
                       "kms:ListRetirableGrants",
                       "*",
                       "transit/grants",
                       policy::Capability::list));
  return all;
}

}  // namespace

void add_kms_grant_operations(OperationTable& table, const Services& services) {
  table.push_back(
      kms_operation(services, "CreateGrant", kCreate, EventType::key_granted, may_create, create));
  table.push_back(kms_operation(
      services, "ListGrants", kList, EventType::key_listed, on_grants(kListRule), list));
  table.push_back(kms_operation(services,
                                "ListRetirableGrants",
                                kRetirable,
                                EventType::key_listed,
                                may_list_retirable,
                                list_retirable));
  table.push_back(kms_operation(
      services, "RetireGrant", kRetire, EventType::key_grant_ended, may_retire, retire));
  table.push_back(kms_operation(services,
                                "RevokeGrant",
                                kRevoke,
                                EventType::key_grant_ended,
                                on_grants(kRevokeRule),
                                revoke));
}

}  // namespace coffer::dialects::aws
