// The rows of parameters (format: docs/formats/parameters.md).
//
// A parameter's values are the versions of a secret in its mount, {"value": …} each; the number of
// a version is the secret's. A ParameterRow stands beside it and says what only Parameter Store
// knows: all about the newest version that was put through it, the labels, tags and policies of the
// whole. What is to say about an older version is in a row of its own. A row whose secret has
// another uid belongs to one that is gone.
//
// Versions that were written through KV have no such record, and secrets that were made there no
// row: they count as plain parameters of the type String.
#pragma once

#include "base/clock.h"
#include "base/wire.h"
#include "domain/secrets/secret_key.h"
#include "rows/row.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

enum class ParameterType : std::uint8_t {  // stored on disk
  string = 1,
  string_list = 2,
  secure_string = 3,
};

enum class ParameterTier : std::uint8_t {  // stored on disk
  standard = 1,
  advanced = 2,
  // Only asked for, or the account's default: what a parameter has is one of the others.
  intelligent = 3,
};

std::string_view to_text(ParameterType type);
std::string_view to_text(ParameterTier tier);
std::optional<ParameterType> parse_parameter_type(std::string_view text);
std::optional<ParameterTier> parse_parameter_tier(std::string_view text);

struct ParameterVersion {
  std::uint64_t number = 0;
  ParameterType type = ParameterType::string;
  ParameterTier tier = ParameterTier::standard;
  std::string data_type = "text";
  std::string allowed_pattern;
  std::string description;
  std::string key_id;    // as it was named; secure strings only
  std::string policies;  // the JSON text; empty: none
  Timestamp modified;
  std::string modified_by;  // the ARN of whoever did; empty: not known
  static constexpr auto kMembers = std::tuple{&ParameterVersion::number,
                                              &ParameterVersion::type,
                                              &ParameterVersion::tier,
                                              &ParameterVersion::data_type,
                                              &ParameterVersion::allowed_pattern,
                                              &ParameterVersion::description,
                                              &ParameterVersion::key_id,
                                              &ParameterVersion::policies,
                                              &ParameterVersion::modified,
                                              &ParameterVersion::modified_by};
};

// A policy that shares the parameter with others.
struct SharingPolicy {
  std::string id;
  std::string hash;
  std::string text;
  static constexpr auto kMembers =
      std::tuple{&SharingPolicy::id, &SharingPolicy::hash, &SharingPolicy::text};
};

struct ParameterRow {
  static constexpr rows::TableSpec kTable = rows::tables::kParameters;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> path;
  rows::Clear<Bytes> uid;           // of the secret
  rows::Clear<std::string> name;    // as it was put: with or without the first '/'
  rows::Clear<std::string> region;  // of its ARN
  rows::Clear<ParameterVersion> current;
  rows::Clear<std::map<std::string, std::uint64_t>> labels;  // the version that carries each
  rows::Clear<std::map<std::string, std::string>> tags;
  rows::Clear<std::optional<Timestamp>> expires;
  rows::Clear<std::vector<SharingPolicy>> sharing;
  static constexpr auto kMembers = std::tuple{&ParameterRow::mount,
                                              &ParameterRow::path,
                                              &ParameterRow::uid,
                                              &ParameterRow::name,
                                              &ParameterRow::region,
                                              &ParameterRow::current,
                                              &ParameterRow::labels,
                                              &ParameterRow::tags,
                                              &ParameterRow::expires,
                                              &ParameterRow::sharing};

  [[nodiscard]] Bytes key() const { return secret_key(*mount, *path); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

// Stored on disk. Entry: u64 nanoseconds, big endian.
inline constexpr store::IndexId kParameterExpiry{371};

Bytes parameter_version_key(ByteView mount, ByteView uid, std::uint64_t version);

struct ParameterVersionRow {
  static constexpr rows::TableSpec kTable = rows::tables::kParameterVersions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<ParameterVersion> version;
  static constexpr auto kMembers = std::tuple{
      &ParameterVersionRow::mount, &ParameterVersionRow::uid, &ParameterVersionRow::version};

  [[nodiscard]] Bytes key() const { return parameter_version_key(*mount, *uid, version->number); }
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::ParameterRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::ParameterVersionRow>;
