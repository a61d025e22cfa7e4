// Parameters: AWS Systems Manager's parameters over one mount of versioned secrets.
//
// A parameter is a secret of the mount and its side row (parameter_rows.h), changed together. A
// value is handed in and out as it is stored: a secure string's is its ciphertext, and whoever
// calls has enciphered it. So a parameter is read through KV too, and a secret that was written
// there is a parameter. A parameter whose time to expire has come is not there any more; a job
// removes it (expire_parameters.h).
//
// Limits: 4096 octets of value, 8192 in the advanced tier; 100 versions, or as many as the secret
// keeps that was made or configured through KV, of which a put drops the oldest unless it carries a
// label; 10 labels a version; 50 tags. Errors carry AWS's words
// (ParameterNotFound, ParameterVersionNotFound, ParameterAlreadyExists…) and echo names, never
// values. Lives as long as one attempt of a request; borrows the view, the mount and the state,
// which outlive its unit.
#pragma once

#include "domain/parameters/parameter_filter.h"
#include "domain/parameters/parameter_name.h"
#include "domain/parameters/parameter_policies.h"
#include "domain/parameters/parameter_rows.h"
#include "domain/secrets/kv2.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxParameterVersions = 100;
inline constexpr std::size_t kMaxStandardValue = 4096;
inline constexpr std::size_t kMaxAdvancedValue = 8192;
inline constexpr std::size_t kMaxParameterTags = 50;
inline constexpr std::string_view kDefaultParameterKey = "alias/aws/ssm";
// Of what was made through another API, which knows no regions.
inline constexpr std::string_view kDefaultParameterRegion = "us-east-1";

// A parameter that is there.
struct Parameter {
  std::shared_ptr<const ParameterRow> row;  // made up for a secret that has none
  rows::RowPtr<SecretRow> secret;

  [[nodiscard]] std::uint64_t current() const { return *secret->row.current; }

  // Whether the version is there, with its value.
  [[nodiscard]] bool has(std::uint64_t version, Timestamp now) const;
};

struct ParameterReading {
  ParameterVersion version;
  secure::SecureText stored;
};

using ParameterTags = std::map<std::string, std::string>;

// What PutParameter asks for. Absent members are as they were, or the defaults of a new one.
struct ParameterPut {
  std::string_view name;
  std::string_view value;  // in clear
  std::optional<ParameterType> type = {};
  std::optional<ParameterTier> tier = {};
  std::optional<std::string> key_id = {};
  std::optional<std::string> description = {};
  std::optional<std::string> allowed_pattern = {};
  std::optional<std::string> policies = {};
  std::optional<std::string> data_type = {};
  ParameterTags tags = {};
  bool overwrite = false;
  std::string_view region;  // of one that is new
  std::string_view author;  // an ARN
};

// A put that may go ahead: the next version, and what its row will be.
struct PlannedPut {
  ParameterRow row;
  std::optional<ParameterVersion> archived;  // gives way to the new version
  rows::RowPtr<SecretRow> before;            // null: there is none
  bool exists = false;
};

struct LabelOutcome {
  std::uint64_t version = 0;
  std::vector<std::string> changed;
  std::vector<std::string> invalid;
};

class Parameters {
 public:
  Parameters(work::View& view,
             const Mount& mount,
             SecretsState& state,
             std::string_view author = {})
      : view_(view), mount_(mount), kv_(view, mount, state, author) {}

  // By its name, with or without the first '/' where it is flat.
  Result<Parameter> find(std::string_view name);
  // nullopt: there is none.
  Result<std::optional<Parameter>> at_path(std::string_view path);

  // The version that a selector (":3", ":label", empty) names.
  Result<std::uint64_t> select(const Parameter& parameter, const ParameterReference& reference);
  Result<ParameterReading> read(const Parameter& parameter, std::uint64_t version);
  // What is known of a version, without its value.
  Result<ParameterVersion> about(const Parameter& parameter, std::uint64_t version);

  // Refuses, or says what put() will do but for versions that carry a label and would be dropped.
  // `default_tier` is the account's.
  Result<PlannedPut> plan(const ParameterPut& put, ParameterTier default_tier);
  // `stored`: the value, or a secure string's ciphertext.
  Result<ParameterVersion> put(PlannedPut planned, std::string_view stored);

  // Version 0: the current one.
  Result<LabelOutcome> label(std::string_view name,
                             std::uint64_t version,
                             const std::vector<std::string>& labels);
  Result<LabelOutcome> unlabel(std::string_view name,
                               std::uint64_t version,
                               const std::vector<std::string>& labels);

  // ParameterNotFound when there is none. Erases the newest values, at most `room` rows in all;
  // older ones are unreadable at once (Kv2::erase).
  Result<> remove(std::string_view name, std::size_t room);

  // Paths of secrets behind `after` that start with `folder` (empty, or ending in '/').
  Result<std::vector<std::string>> paths(std::string_view folder,
                                         std::string_view after,
                                         std::size_t limit);

  // The row, ready to be changed: made when the parameter has none.
  Result<ParameterRow> open_row(const Parameter& parameter);

  Result<> put_row(ParameterRow row) { return view_.put(std::move(row)); }

 private:
  [[nodiscard]] ParameterRow made_up(const SecretRow& secret) const;
  Result<ParameterVersion> next_version(const ParameterPut& put,
                                        const ParameterVersion* before,
                                        ParameterTier default_tier);
  Result<> forget_dropped(const PlannedPut& planned, const SecretRow& after);

  work::View& view_;
  const Mount& mount_;
  Kv2 kv_;
};

// The value in the text of a KV secret: its member "value", or the whole text.
Result<secure::SecureText> value_of_secret(secure::SecureText text);

}  // namespace coffer::domain
