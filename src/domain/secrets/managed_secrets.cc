#include "domain/secrets/managed_secrets.h"

#include "domain/identity/aws_names.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/version_table.h"
#include "formats/json.h"
#include "secure/bytes.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxName = 512;

std::unexpected<Error> no_such_secret() {
  return fail(Code::not_found, "Secrets Manager can't find the specified secret.");
}

std::unexpected<Error> no_such_value(std::string_view what, std::string_view name) {
  return fail(Code::not_found,
              "Secrets Manager can't find the specified secret value for " + std::string(what) +
                  ": " + std::string(name));
}

ValueKind kind_of_given(const GivenValue& given) {
  if (given.binary) return ValueKind::binary;
  const auto parsed = formats::JsonView::parse(given.value);
  const bool object = parsed && parsed->kind() == formats::JsonKind::object;
  return object ? ValueKind::object : ValueKind::text;
}

// Whether there is anything to be read in a version.
bool has_value(const SecretRow& secret, const VersionState& version, Timestamp now) {
  return !version.gone(now) && kind_of(secret, version.number) != ValueKind::none;
}

}  // namespace

Result<> check_secret_name(std::string_view name) {
  constexpr std::string_view kOthers = "-/_+=.@!";
  const bool sound = std::ranges::all_of(name, [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || kOthers.contains(c);
  });
  if (sound && !name.empty() && name.size() <= kMaxName) return {};
  return std::unexpected(
      Error{Code::invalid_argument,
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
            "following: -/_+=.@!",
            "ValidationException"});
}

std::string secret_arn(const SecretRow& secret, std::string_view account) {
  const std::string region = *secret.extra ? (*secret.extra)->region : std::string();
  return regional_arn("secretsmanager",
                      region.empty() ? "us-east-1" : region,
                      account,
                      "secret:" + *secret.path + "-" + arn_suffix(secret));
}

std::string ManagedSecrets::arn(const SecretRow& secret) const {
  return secret_arn(secret, account_);
}

std::unexpected<Error> ManagedSecrets::token_in_use(const SecretRow& secret,
                                                    std::string_view token) const {
  return fail(Code::already_exists,
              "You can't use ClientRequestToken " + std::string(token) +
                  " because that value is already in use for a version of secret " + arn(secret) +
                  ".");
}

Result<SecretPtr> ManagedSecrets::find(std::string_view name, std::string_view suffix) {
  COFFER_TRY(auto secret, values_.find(name));
  if (!secret) return no_such_secret();
  if (!suffix.empty() && arn_suffix(secret->row) != suffix) return no_such_secret();
  return secret;
}

Result<SecretPtr> ManagedSecrets::usable(std::string_view name, std::string_view suffix) {
  COFFER_TRY(auto secret, find(name, suffix));
  if (!secret->row.pending_deletion()) return secret;
  return fail(Code::precondition_failed,
              "You can't perform this operation on the secret because it was marked for deletion.");
}

Result<VersionState> ManagedSecrets::locate(const SecretRow& secret,
                                            std::string_view version_id,
                                            std::string_view stage) {
  if (!version_id.empty()) {
    const VersionState* const state =
        find_version(*secret.versions, version_of_id(secret, version_id));
    if (state == nullptr || !has_value(secret, *state, view_.now())) {
      return no_such_value("VersionId", version_id);
    }
    if (!stage.empty() && !is_among(stages_of(secret, state->number), stage)) {
      return fail(Code::precondition_failed,
                  "You provided a VersionStage that is not associated to the provided VersionId.");
    }
    return *state;
  }
  const std::string_view wanted = stage.empty() ? kStageCurrent : stage;
  const VersionState* const state =
      find_version(*secret.versions, version_of_stage(secret, wanted));
  if (state == nullptr || !has_value(secret, *state, view_.now())) {
    return no_such_value("staging label", wanted);
  }
  return *state;
}

Result<secure::SecureText> ManagedSecrets::open(const rows::Loaded<SecretRow>& secret,
                                                const VersionState& version) {
  COFFER_TRY(auto value, values_.open(secret, version));
  state_.uses.note(*secret.row.mount, *secret.row.uid, version.number, view_.now());
  return value;
}

Result<SecretPtr> ManagedSecrets::put(SecretRow secret) {
  *secret.updated = view_.now();
  const Bytes place = secret.key();
  COFFER_CHECK(view_.put(std::move(secret)));
  return view_.find<SecretRow>(place);
}

Result<> ManagedSecrets::keep(SecretRow secret) {
  COFFER_TRY(const auto stored, put(std::move(secret)));
  return {};
}

Result<bool> ManagedSecrets::holds(const rows::Loaded<SecretRow>& secret,
                                   std::uint64_t version,
                                   const GivenValue& value) {
  const VersionState* const state = find_version(*secret.row.versions, version);
  if (state == nullptr || !has_value(secret.row, *state, view_.now())) return false;
  if (kind_of(secret.row, version) != kind_of_given(value)) return false;
  COFFER_TRY(const secure::SecureText held, values_.open(secret, *state));
  return secure::equal(held.view(), as_bytes(value.value));
}

// Whether the version of this token is there with this value. One that waits for its value is not;
// one with another value is an error.
Result<bool> ManagedSecrets::is_repeated(const rows::Loaded<SecretRow>& secret,
                                         std::string_view token,
                                         const GivenValue& value) {
  const std::uint64_t version = version_of_id(secret.row, token);
  if (version == 0 || kind_of(secret.row, version) == ValueKind::none) return false;
  COFFER_TRY(const bool same, holds(secret, version, value));
  if (!same) return token_in_use(secret.row, token);
  return true;
}

// A new version, or the value of one that waited for it.
Result<std::uint64_t> ManagedSecrets::store(SecretRow& secret,
                                            std::string_view token,
                                            const GivenValue& value,
                                            bool current) {
  const FreshValue fresh{.value = value.value,
                         .kind = kind_of_given(value),
                         .id = std::string(token),
                         .current = current};
  if (const std::uint64_t waiting = version_of_id(secret, token)) {
    COFFER_CHECK(values_.fill(secret, waiting, fresh));
    if (current || *secret.current == 0) COFFER_CHECK(values_.make_current(secret, waiting));
    return waiting;
  }
  COFFER_TRY(const KvConfigRow config, values_.config());
  COFFER_TRY(const VersionState version, values_.append(secret, config, fresh));
  return version.number;
}

Result<SecretPtr> ManagedSecrets::create(const NewSecret& fresh) {
  COFFER_CHECK(check_secret_name(fresh.name));
  COFFER_TRY(const auto found, values_.find(fresh.name));
  if (found && found->row.pending_deletion()) {
    return fail(Code::precondition_failed,
                "You can't create this secret because a secret with this name is already scheduled "
                "for deletion.");
  }
  if (found) {
    if (fresh.value) {
      COFFER_TRY(const bool repeated, is_repeated(*found, fresh.token, *fresh.value));
      if (repeated) return found;
    }
    return fail(Code::already_exists,
                "The operation failed because the secret " + fresh.name + " already exists.");
  }
  SecretRow secret = values_.make(fresh.name);
  SecretExtra& extra = extra_of(secret);
  extra.region = fresh.region;
  extra.description = fresh.description;
  extra.type = fresh.type;
  extra.owning_service = fresh.owning_service;
  extra.kms_key = fresh.kms_key;
  extra.replicas = fresh.replicas;
  if (fresh.under != nullptr) COFFER_CHECK(values_.wrap_under(secret, fresh.under));
  for (const SecretTag& tag : fresh.tags) extra_of(secret).tags.push_back(tag);
  if (fresh.value) {
    COFFER_CHECK(store(secret, fresh.token, *fresh.value, true));
  }
  return put(std::move(secret));
}

Result<SecretPtr> ManagedSecrets::put_value(const SecretPtr& secret,
                                            std::string_view token,
                                            const GivenValue& value,
                                            const std::vector<std::string>& stages) {
  COFFER_TRY(const bool repeated, is_repeated(*secret, token, value));
  if (repeated) return secret;
  const bool current = stages.empty() || is_among(stages, kStageCurrent);
  COFFER_TRY(SecretRow row, view_.open(*secret));
  COFFER_TRY(const std::uint64_t version, store(row, token, value, current));
  for (const std::string& stage : stages) {
    if (stage != kStageCurrent) extra_of(row).stages.insert_or_assign(stage, version);
  }
  if (stages_of(row, version).size() > kMaxStages) {
    return fail(Code::too_large, "A version can have at most 20 staging labels.");
  }
  return put(std::move(row));
}

Result<SecretPtr> ManagedSecrets::update(const SecretPtr& secret, const SecretUpdate& change) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  SecretExtra& extra = extra_of(row);
  if (change.description) extra.description = *change.description;
  if (change.type) extra.type = *change.type;
  if (change.kms_key) {
    extra.kms_key = *change.kms_key;
    if (change.under != nullptr || extra.wrap) {
      COFFER_CHECK(values_.wrap_under(row, change.under));
    }
  }
  if (change.value) {
    COFFER_TRY(const bool repeated, is_repeated(*secret, change.token, *change.value));
    if (!repeated) {
      if (version_of_id(row, change.token) != 0) return token_in_use(row, change.token);
      COFFER_CHECK(store(row, change.token, *change.value, true));
    }
  }
  return put(std::move(row));
}

}  // namespace coffer::domain
