// What AWS calls the kinds of keys, what each may be used for, the algorithms of each, and what
// policies of IAM may ask about a key.
//
// Every type of key has one name; a key that was made elsewhere and has no exact counterpart
// (AES-128, ChaCha20, MAC keys of other sizes) goes by the nearest. Pure functions over constant
// tables. Source: reference aws-shapes.md, aws-apis.md §1.
#pragma once

#include "crypto/hash.h"
#include "crypto/signature.h"
#include "domain/kms/key_rows.h"
#include "policy/iam_access.h"

#include <optional>
#include <span>
#include <string_view>

namespace coffer::domain {

struct KmsSpec {
  std::string_view name;  // "RSA_2048"
  KeyType type;
  std::size_t size = 0;                               // octets of a key for MACs
  std::span<const std::string_view> encryption = {};  // algorithms
  std::span<const std::string_view> signing = {};
  std::span<const std::string_view> mac = {};
  bool agrees = false;

  [[nodiscard]] bool symmetric() const { return aead_of(type).has_value(); }
};

const KmsSpec* find_spec(std::string_view name);
const KmsSpec& spec_of(const MasterKeyRow& key);

// "ENCRYPT_DECRYPT"; by the type where nobody said.
std::string_view usage_of(const MasterKeyRow& key);
std::optional<KeyPurpose> parse_usage(std::string_view name);
bool fits(const KmsSpec& spec, KeyPurpose purpose);

// What a condition may ask about the key itself, through whichever API it is used: kms:KeySpec,
// kms:KeyUsage, kms:KeyOrigin, kms:MultiRegion, kms:MultiRegionKeyType, aws:ResourceTag/KEY, and
// kms:CallerAccount, whose it is.
void add_key_conditions(const MasterKeyRow& key, std::string_view account, policy::IamContext& out);

std::string_view state_text(KeyState state);
std::string_view operation_text(KeyOperation operation);

struct SigningAlgorithm {
  std::string_view name;
  crypto::HashKind hash;
  crypto::Padding padding;
};

const SigningAlgorithm* find_signing(std::string_view name);
std::optional<crypto::HashKind> mac_hash(std::string_view algorithm);
std::optional<crypto::HashKind> oaep_hash(std::string_view algorithm);

}  // namespace coffer::domain
