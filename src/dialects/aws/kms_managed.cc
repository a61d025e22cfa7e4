#include "dialects/aws/kms_managed.h"

#include "base/uuid.h"
#include "crypto/hash.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

constexpr std::array kManaged{
    ManagedKey{"secretsmanager",
               "alias/aws/secretsmanager",
               "Default key that protects my Secrets Manager data when no other key is defined"},
    ManagedKey{"ssm",
               "alias/aws/ssm",
               "Default key that protects my SSM parameters when no other key is defined"},
};
constexpr std::string_view kLabel = "coffer managed key v1|";
constexpr std::string_view kPolicy = R"({
  "Version" : "2012-10-17",
  "Id" : "auto-SERVICE-1",
  "Statement" : [ {
    "Sid" : "Allow access through SERVICE for all principals in the account that may use it",
    "Effect" : "Allow",
    "Principal" : { "AWS" : "*" },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                 "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : { "StringEquals" : {
      "kms:CallerAccount" : "ACCOUNT",
      "kms:ViaService" : "SERVICE.REGION.amazonaws.com"
    } }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : { "AWS" : "arn:aws:iam::ACCOUNT:root" },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
})";

// The same each time, so that its ARN is known before it is there.
Bytes uid_of(const Kms& kms, std::string_view service) {
  Bytes named = to_bytes(kLabel);
  for (const std::string_view part :
       {std::string_view(kms.account), std::string_view(kms.region())}) {
    append(named, as_bytes(part));
    named.push_back('|');
  }
  append(named, as_bytes(service));
  const crypto::Digest digest = crypto::sha256(named);
  std::array<std::uint8_t, domain::kKeyUid> octets{};
  std::copy_n(digest.begin(), octets.size(), octets.begin());
  return to_bytes(ByteView(*parse_uuid(uuid4(octets))));
}

std::string policy_of(const Kms& kms, const ManagedKey& managed) {
  std::string text(kPolicy);
  for (const auto& [hole, filling] :
       {std::pair<std::string_view, std::string_view>{"SERVICE", managed.service},
        {"REGION", kms.region()},
        {"ACCOUNT", kms.account}}) {
    for (auto at = text.find(hole); at != std::string::npos; at = text.find(hole, at)) {
      text.replace(at, hole.size(), filling);
      at += filling.size();
    }
  }
  return text;
}

domain::KeySpec spec_of_managed(const Kms& kms, const ManagedKey& managed) {
  domain::KeySpec spec;
  spec.uid = uid_of(kms, managed.service);
  spec.name = domain::key_id_of(spec.uid, false);
  spec.purpose = domain::KeyPurpose::encrypt_decrypt;
  spec.region = kms.region();
  spec.manager = managed.service;
  spec.description = managed.description;
  spec.policy = policy_of(kms, managed);
  spec.rotate_period = std::chrono::hours(365 * 24);
  return spec;
}

}  // namespace

std::span<const ManagedKey> managed_keys() {
  return kManaged;
}

const ManagedKey* managed_by_alias(std::string_view alias) {
  const auto at = std::ranges::find(kManaged, alias, &ManagedKey::alias);
  return at == kManaged.end() ? nullptr : &*at;
}

KmsKey key_to_be(const Kms& kms, const ManagedKey& managed) {
  const domain::KeySpec spec = spec_of_managed(kms, managed);
  auto row = std::make_shared<rows::Loaded<domain::MasterKeyRow>>();
  row->row.name = spec.name;
  row->row.uid = spec.uid;
  row->row.purpose = spec.purpose;
  row->row.region = spec.region;
  row->row.manager = spec.manager;
  row->row.policy = spec.policy;
  KmsKey key{std::move(row), "", std::string(managed.alias)};
  key.arn = kms.arn(*key);
  return key;
}

Result<KmsKey> managed_key(Kms& kms, std::string_view service) {
  const auto managed = std::ranges::find(kManaged, service, &ManagedKey::service);
  if (managed == kManaged.end()) return coffer::fail(Code::internal, "no service has such a key");
  COFFER_TRY(kms.home, home_for_write(*kms.call.view, Home::keys));
  COFFER_TRY(const domain::AliasPtr there, kms.aliases().find(kms.region(), managed->alias));
  if (there) {
    COFFER_TRY(KmsKey key, kms.by_uid(*there->row.uid));
    if (key.row) return key;
  }
  const domain::KeySpec spec = spec_of_managed(kms, *managed);
  const auto material = domain::generate_material(spec.type, 0, kms.call.random);
  COFFER_CHECK(kms.keys().create(spec, &material));
  COFFER_TRY(domain::KeyPtr row, kms.keys().find(spec.name));
  COFFER_CHECK(kms.aliases().put(kms.region(), managed->alias, row->row));
  KmsKey key{std::move(row), "", ""};
  key.arn = kms.arn(*key);
  return key;
}

}  // namespace coffer::dialects::aws
