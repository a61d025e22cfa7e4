// What the families of KMS operations share: how a request names a key, what it needs to be
// allowed, and how states and purposes refuse.
//
// A key belongs to a region and is found in no other; keys that transit made have none and are
// found in all. KeyId is an id, a key ARN, or, where the operation takes them, an alias or its ARN.
// Errors are AWS's (reference aws-apis.md §1, aws-errors-observed.md).
#pragma once

#include "dialects/aws/answers.h"
#include "dialects/aws/families.h"
#include "dialects/aws/home.h"
#include "dialects/aws/operation.h"
#include "domain/kms/aws_specs.h"
#include "domain/kms/key_aliases.h"
#include "domain/kms/key_grants.h"
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

void add_kms_key_operations(OperationTable& table, const Services& services);
void add_kms_state_operations(OperationTable& table, const Services& services);
void add_kms_cipher_operations(OperationTable& table, const Services& services);
void add_kms_data_key_operations(OperationTable& table, const Services& services);
void add_kms_sign_operations(OperationTable& table, const Services& services);
void add_kms_rotation_operations(OperationTable& table, const Services& services);
void add_kms_alias_operations(OperationTable& table, const Services& services);
void add_kms_grant_operations(OperationTable& table, const Services& services);
void add_kms_policy_operations(OperationTable& table, const Services& services);
void add_kms_import_operations(OperationTable& table, const Services& services);

using domain::find_signing;
using domain::find_spec;
using domain::KmsSpec;
using domain::mac_hash;
using domain::oaep_hash;
using domain::parse_usage;
using domain::SigningAlgorithm;

// A key that a request named.
struct KmsKey {
  domain::KeyPtr row;  // never null
  std::string arn;
  std::string alias;  // that the request named it by; empty: none

  [[nodiscard]] const domain::MasterKeyRow& operator*() const { return row->row; }

  [[nodiscard]] const domain::MasterKeyRow* operator->() const { return &row->row; }
};

enum class Naming : std::uint8_t {
  id_only,
  alias_too,
  // The alias of a service's own key, too, before that is made (kms_managed.h).
  managed_too,
};

// One call of a KMS operation. Borrows the call.
class Kms {
 public:
  // Without a home there are no keys.
  static Result<Kms> of(gate::Call& call, const std::string& account);

  gate::Call& call;
  std::string account;
  MountPtr home;  // null: nobody has made it yet

  [[nodiscard]] const std::string& region() const { return call.routing.region; }

  [[nodiscard]] std::string arn(const domain::MasterKeyRow& key) const;
  [[nodiscard]] std::string alias_arn(std::string_view alias) const;
  // Of `home`, which is there.
  [[nodiscard]] domain::MasterKeys keys() const;
  [[nodiscard]] domain::KeyAliases aliases() const;
  [[nodiscard]] domain::KeyGrants grants() const;

  Result<KmsKey> find(std::string_view identifier, Naming naming);
  // By the member of the body, which the shape requires.
  Result<KmsKey> named(std::string_view member = "KeyId", Naming naming = Naming::id_only);
  Result<KmsKey> by_uid(ByteView uid);
  // The key as it is with what this request staged.
  Result<KmsKey> again(const KmsKey& key);
  [[nodiscard]] bool is_here(const domain::MasterKeyRow& key) const;

 private:
  Kms(gate::Call& c, std::string a, MountPtr h)
      : call(c), account(std::move(a)), home(std::move(h)) {}
};

// What an operation on one key needs to be allowed.
struct KmsRule {
  std::string_view action;  // our own: "kms.decrypt"
  std::string_view iam;     // "Decrypt"
  std::string_view path;    // below the home; "{}" is the key's name: "decrypt/{}"
  policy::Capability capability = policy::Capability::update;
  Naming naming = Naming::id_only;
  std::optional<domain::GrantOperation> grant = {};
  std::string_view context = {};  // the member that is the encryption context; empty: it has none
  std::string_view member = "KeyId";
};

// The access to this key, with its policy, the grant that covers it and the keys of its conditions.
Result<policy::Access> key_access(Kms& kms, const KmsKey& key, const KmsRule& rule);
// The same in this encryption context, whatever the body says; null: it has none. For services that
// use a key in their caller's name.
Result<policy::Access> key_access(Kms& kms,
                                  const KmsKey& key,
                                  const KmsRule& rule,
                                  const domain::EncryptionContext* context);
// The encryption context of a request: at most 8 KiB.
Result<domain::EncryptionContext> context_of(const gate::Call& call, std::string_view member);
// Whoever is asking, by every ARN that a grant may name.
std::vector<std::string> principal_arns(const gate::Call& call);

using KmsHandler = Result<gate::Reply> (*)(Kms&);
using KmsResolve = std::function<Result<std::vector<policy::Access>>(Kms&)>;

AwsOperation kms_operation(const Services& services,
                           std::string_view name,
                           const Shape& shape,
                           proof::EventType event,
                           KmsResolve resolve,
                           KmsHandler handler);
// For an operation on the one key that the rule's member names.
AwsOperation kms_operation(const Services& services,
                           const Shape& shape,
                           proof::EventType event,
                           const KmsRule& rule,
                           KmsHandler handler);

std::unexpected<Error> validation(std::string message);
std::unexpected<Error> unsupported_operation(std::string message);
std::unexpected<Error> invalid_state(std::string message);

// DisabledException and KMSInvalidStateException: unless the key is enabled.
Result<> check_enabled(const Kms& kms, const KmsKey& key);
// KMSInvalidStateException when it is pending deletion, or (`import`) pending import.
Result<> check_not_pending(const Kms& kms, const KmsKey& key, bool import = false);
// InvalidKeyUsageException unless the key is for this, and check_enabled().
Result<> check_use(const Kms& kms,
                   const KmsKey& key,
                   domain::KeyPurpose purpose,
                   std::string_view operation);
std::unexpected<Error> incompatible(std::string_view algorithm, const KmsSpec& spec);
// UnsupportedOperationException for the key of a service, which nobody changes.
Result<> check_customers(const KmsKey& key);
// UnsupportedOperationException unless its cipher takes what AWS's clients send.
Result<> check_symmetric(const KmsKey& key);
// DryRunOperationException when the request asks for it: all checks before it held.
Result<> check_dry_run(const gate::Call& call);
// InvalidGrantTokenException for a token that is none of ours.
Result<> check_grant_tokens(const Kms& kms);
// LimitExceededException for Code::exhausted; other errors as they are.
std::unexpected<Error> as_limit(const Error& error);
std::unexpected<Error> invalid_ciphertext();

void write_metadata(const Kms& kms, formats::JsonWriter& w, const domain::MasterKeyRow& key);
void write_names(formats::JsonWriter& w,
                 std::string_view key,
                 std::span<const std::string_view> names);

// Encrypts under the key's latest version into a blob. The use is counted.
struct Encrypted {
  Bytes blob;
  std::string material_id;
};

Result<Encrypted> encrypt_blob(Kms& kms,
                               const KmsKey& key,
                               const domain::EncryptionContext& context,
                               ByteView plaintext,
                               domain::KeyOperation operation);

// A page of `limit` (given or `otherwise`) after `position`.
struct PageAsked {
  std::size_t limit = 0;
  std::string position;
};

Result<PageAsked> page_of(const Kms& kms,
                          std::string_view operation,
                          std::string_view request,
                          std::size_t otherwise);
// "Truncated", and "NextMarker" when `next` is there.
Result<> write_page(const Kms& kms,
                    formats::JsonWriter& w,
                    std::string_view operation,
                    std::string_view request,
                    const std::optional<std::string>& next);

}  // namespace coffer::dialects::aws
