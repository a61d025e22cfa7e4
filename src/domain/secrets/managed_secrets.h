// ManagedSecrets: secrets as AWS Secrets Manager has them, over the same rows as the KV engine: a
// secret that is written through one is read through the other.
//
// A version has an id that its writer chooses, and stages. AWSCURRENT is on exactly one version of
// a secret that has any; what moves it leaves AWSPREVIOUS behind. Every change reads the secret's
// row and puts it, so that of two units that change one secret the later is a conflict and runs
// again on what the first one left.
//
// Names are those of AWS: check_secret_name(). One that is no path of the KV engine (it begins with
// '/') is reached from here only.
// Limits: value 64 KiB; kMaxStages labels a version; kMaxTags tags.
// Errors: with AWS's texts; not_found, already_exists, precondition_failed (AWS's invalid request),
// invalid_argument, too_large, and those from below. A master key that refuses is
// precondition_failed or invalid_argument too: only open(), append and wrapping can say so.
// Lives as long as one attempt of a request; borrows all it is given.
#pragma once

#include "domain/secrets/secret_side_rows.h"
#include "domain/secrets/secret_values.h"
#include "work/view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxStages = 20;  // of one version
inline constexpr std::size_t kMaxTags = 50;

// text or binary; whether a text is an object is found out.
struct GivenValue {
  std::string_view value;
  bool binary = false;
};

struct NewSecret {
  std::string name;
  std::string region;
  std::string description = {};
  std::string type = {};
  std::string owning_service = {};
  std::vector<SecretTag> tags = {};
  std::string kms_key = {};  // as it was named; `under` is what it means
  const WrapUnder* under = nullptr;
  std::string token = {};
  std::optional<GivenValue> value = {};
  std::vector<Replica> replicas = {};
};

// Absent members stay as they are.
struct SecretUpdate {
  std::optional<std::string> description = {};
  std::optional<std::string> type = {};
  std::optional<std::string> kms_key = {};
  const WrapUnder* under = nullptr;  // with kms_key; null: the service's own
  std::string token = {};
  std::optional<GivenValue> value = {};
};

using SecretPtr = rows::RowPtr<SecretRow>;

class ManagedSecrets {
 public:
  ManagedSecrets(work::View& view,
                 ByteView mount,
                 std::string_view account,
                 SecretsState& state,
                 std::string_view author = {})
      : view_(view), account_(account), state_(state), values_(view, mount, state, author) {}

  // not_found: there is none. A suffix (of a whole ARN) that is not the secret's: none either.
  Result<SecretPtr> find(std::string_view name, std::string_view suffix = {});
  // The same, for what is refused while the secret is marked for deletion.
  Result<SecretPtr> usable(std::string_view name, std::string_view suffix = {});

  // The version that is meant; both empty: the current one.
  Result<VersionState> locate(const SecretRow& secret,
                              std::string_view version_id,
                              std::string_view stage);
  // Its value as it was given. Notes the reading.
  Result<secure::SecureText> open(const rows::Loaded<SecretRow>& secret,
                                  const VersionState& version);

  // Gives the row as it is then. A repetition with the same token and value changes nothing.
  Result<SecretPtr> create(const NewSecret& fresh);
  Result<SecretPtr> put_value(const SecretPtr& secret,
                              std::string_view token,
                              const GivenValue& value,
                              const std::vector<std::string>& stages);
  Result<SecretPtr> update(const SecretPtr& secret, const SecretUpdate& change);
  // `from`, `to`: ids of versions; empty: not given.
  Result<> move_stage(const SecretPtr& secret,
                      std::string_view stage,
                      std::string_view from,
                      std::string_view to);

  // Gives the date from which on it is erased.
  Result<Timestamp> schedule_deletion(const SecretPtr& secret, Duration window);
  Result<> erase(const SecretPtr& secret);
  Result<> restore(const SecretPtr& secret);

  Result<> tag(const SecretPtr& secret, const std::vector<SecretTag>& tags);
  Result<> untag(const SecretPtr& secret, const std::vector<std::string>& keys);
  Result<> set_replicas(const SecretPtr& secret, std::vector<Replica> replicas);

  // nullopt: it has none. A policy that the secret names and that is not there is corrupt.
  Result<std::optional<std::string>> policy(const SecretRow& secret);
  Result<> put_policy(const SecretPtr& secret, std::string text);
  Result<> remove_policy(const SecretPtr& secret);

  // Sets how it rotates.
  Result<SecretPtr> configure_rotation(const SecretPtr& secret, Rotation rotation);
  // Makes the version `token` with the stage AWSPENDING, and the row that the job goes by. With
  // `test_only` no version is made and the current one is tested, unless a rotation is under way:
  // that goes on as it is.
  Result<SecretPtr> start_rotation(const SecretPtr& secret, std::string_view token, bool test_only);
  // Rotation is switched off. What is under way is given up; AWSPENDING stays.
  Result<SecretPtr> cancel_rotation(const SecretPtr& secret);

  // "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX".
  [[nodiscard]] std::string arn(const SecretRow& secret) const;

 private:
  // Stages the row, changed now; gives it as it is then.
  Result<SecretPtr> put(SecretRow secret);
  Result<> keep(SecretRow secret);
  Result<bool> holds(const rows::Loaded<SecretRow>& secret,
                     std::uint64_t version,
                     const GivenValue& value);
  Result<bool> is_repeated(const rows::Loaded<SecretRow>& secret,
                           std::string_view token,
                           const GivenValue& value);
  Result<std::uint64_t> store(SecretRow& secret,
                              std::string_view token,
                              const GivenValue& value,
                              bool current);
  std::unexpected<Error> token_in_use(const SecretRow& secret, std::string_view token) const;

  work::View& view_;
  std::string_view account_;
  SecretsState& state_;
  SecretValues values_;
};

// invalid_argument with AWS's text.
Result<> check_secret_name(std::string_view name);

// The region of an ARN says its partition: "aws", "aws-cn", "aws-us-gov".
std::string secret_arn(const SecretRow& secret, std::string_view account);

}  // namespace coffer::domain
