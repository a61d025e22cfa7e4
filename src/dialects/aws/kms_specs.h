// What AWS calls the kinds of keys, what each may be used for, and the algorithms of each.
//
// Every type of key has one name; a key that was made elsewhere and has no exact counterpart
// (AES-128, ChaCha20, MAC keys of other sizes) goes by the nearest. Pure functions over constant
// tables. Source: reference aws-shapes.md, aws-apis.md §1.
#pragma once

#include "crypto/hash.h"
#include "crypto/signature.h"
#include "domain/kms/key_rows.h"

#include <optional>
#include <span>
#include <string_view>

namespace coffer::dialects::aws {

struct KmsSpec {
  std::string_view name;  // "RSA_2048"
  domain::KeyType type;
  std::size_t size = 0;                               // octets of a key for MACs
  std::span<const std::string_view> encryption = {};  // algorithms
  std::span<const std::string_view> signing = {};
  std::span<const std::string_view> mac = {};
  bool agrees = false;

  [[nodiscard]] bool symmetric() const { return domain::aead_of(type).has_value(); }
};

const KmsSpec* find_spec(std::string_view name);
const KmsSpec& spec_of(const domain::MasterKeyRow& key);

// "ENCRYPT_DECRYPT"; by the type where nobody said.
std::string_view usage_of(const domain::MasterKeyRow& key);
std::optional<domain::KeyPurpose> parse_usage(std::string_view name);
bool fits(const KmsSpec& spec, domain::KeyPurpose purpose);

std::string_view state_text(domain::KeyState state);
std::string_view operation_text(domain::KeyOperation operation);

struct SigningAlgorithm {
  std::string_view name;
  crypto::HashKind hash;
  crypto::Padding padding;
};

const SigningAlgorithm* find_signing(std::string_view name);
std::optional<crypto::HashKind> mac_hash(std::string_view algorithm);
std::optional<crypto::HashKind> oaep_hash(std::string_view algorithm);

}  // namespace coffer::dialects::aws
