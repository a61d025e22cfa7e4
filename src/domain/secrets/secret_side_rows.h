// Rows beside a secret: its resource policy, and a rotation that is under way (format:
// docs/formats/secrets.md). Both lie under the secret's uid, so that they end with it.
#pragma once

#include "base/clock.h"
#include "rows/row.h"

#include <cstdint>
#include <string>

namespace coffer::domain {

struct SecretPolicyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecretPolicies;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<std::uint64_t> revision{1U};
  rows::Clear<std::string> text;
  static constexpr auto kMembers = std::tuple{&SecretPolicyRow::mount,
                                              &SecretPolicyRow::uid,
                                              &SecretPolicyRow::revision,
                                              &SecretPolicyRow::text};

  static Bytes key_of(ByteView mount, ByteView uid) {
    Bytes key = to_bytes(mount);
    append(key, uid);
    return key;
  }

  [[nodiscard]] Bytes key() const { return key_of(*mount, *uid); }
};

enum class RotationStep : std::uint8_t { create = 1, set = 2, test = 3, finish = 4 };  // on disk

struct RotationRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRotations;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<std::string> path;
  rows::Clear<std::string> token;  // the id of the version that is being made
  rows::Clear<RotationStep> step{RotationStep::create};
  rows::Clear<bool> test_only{false};  // of a version that was not made for this
  rows::Clear<std::uint32_t> attempts{0U};
  rows::Clear<Timestamp> retry;  // nobody tries before
  rows::Clear<Timestamp> started;
  static constexpr auto kMembers = std::tuple{&RotationRow::mount,
                                              &RotationRow::uid,
                                              &RotationRow::path,
                                              &RotationRow::token,
                                              &RotationRow::step,
                                              &RotationRow::test_only,
                                              &RotationRow::attempts,
                                              &RotationRow::retry,
                                              &RotationRow::started};

  [[nodiscard]] Bytes key() const { return SecretPolicyRow::key_of(*mount, *uid); }
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::SecretPolicyRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::RotationRow>;
