// ManagedSecrets: stages, deletion, tags, policies.
#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/version_table.h"

#include <algorithm>
#include <utility>

namespace coffer::domain {
namespace {

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

// The version of an id that a stage may be moved to or from.
Result<std::uint64_t> named_version(const SecretRow& secret, std::string_view id) {
  const std::uint64_t version = version_of_id(secret, id);
  const VersionState* const state = find_version(*secret.versions, version);
  if (state != nullptr && !state->destroyed) return version;
  return refuse("Not a valid version: '" + std::string(id) + "'");
}

// `from` must name the version that holds the stage now.
Result<> check_from(const SecretRow& secret, std::string_view stage, std::string_view from) {
  COFFER_TRY(const std::uint64_t version, named_version(secret, from));
  if (version_of_stage(secret, stage) == version) return {};
  return refuse("Version stage '" + std::string(stage) + "' not found in version '" +
                std::string(from) + "'");
}

}  // namespace

Result<> ManagedSecrets::move_stage(const SecretPtr& secret,
                                    std::string_view stage,
                                    std::string_view from,
                                    std::string_view to) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  const std::uint64_t holder = version_of_stage(row, stage);
  if (!from.empty()) COFFER_CHECK(check_from(row, stage, from));
  if (to.empty()) {
    if (stage == kStageCurrent) {
      return refuse(
          "You can only move staging label AWSCURRENT to a different secret version. It can't be "
          "completely removed.");
    }
    extra_of(row).stages.erase(std::string(stage));
    return keep(std::move(row));
  }
  COFFER_TRY(const std::uint64_t target, named_version(row, to));
  if (holder != 0 && holder != target && from.empty()) {
    return refuse("The parameter RemoveFromVersionId can't be empty. Staging label " +
                  std::string(stage) + " is currently attached to version " +
                  version_id(row, holder) +
                  ", so you must explicitly reference that version in RemoveFromVersionId.");
  }
  if (stage == kStageCurrent) {
    if (kind_of(row, target) == ValueKind::none) {
      return refuse("Not a valid version: '" + std::string(to) + "'");
    }
    extra_of(row);
    COFFER_CHECK(values_.make_current(row, target));
  } else {
    extra_of(row).stages.insert_or_assign(std::string(stage), target);
    if (stages_of(row, target).size() > kMaxStages) {
      return fail(Code::too_large, "A version can have at most 20 staging labels.");
    }
  }
  return keep(std::move(row));
}

Result<Timestamp> ManagedSecrets::schedule_deletion(const SecretPtr& secret, Duration window) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  const Timestamp when = view_.now() + window;
  extra_of(row).deletion = when;
  COFFER_TRY(const auto stored, put(std::move(row)));
  COFFER_CHECK(
      view_.erase<RotationRow>(SecretPolicyRow::key_of(*secret->row.mount, *secret->row.uid)));
  return when;
}

Result<> ManagedSecrets::erase(const SecretPtr& secret) {
  return values_.erase(secret->row);
}

Result<> ManagedSecrets::restore(const SecretPtr& secret) {
  if (!secret->row.pending_deletion()) return {};
  COFFER_TRY(SecretRow row, view_.open(*secret));
  extra_of(row).deletion = {};
  return keep(std::move(row));
}

Result<> ManagedSecrets::tag(const SecretPtr& secret, const std::vector<SecretTag>& tags) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  auto& held = extra_of(row).tags;
  for (const SecretTag& tag : tags) {
    const auto at = std::ranges::find(held, tag.key, &SecretTag::key);
    if (at != held.end()) {
      at->value = tag.value;
    } else {
      held.push_back(tag);
    }
  }
  if (held.size() > kMaxTags) return refuse("A secret can have at most 50 tags.");
  return keep(std::move(row));
}

Result<> ManagedSecrets::untag(const SecretPtr& secret, const std::vector<std::string>& keys) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  std::erase_if(extra_of(row).tags, [&](const SecretTag& tag) { return is_among(keys, tag.key); });
  return keep(std::move(row));
}

Result<> ManagedSecrets::set_replicas(const SecretPtr& secret, std::vector<Replica> replicas) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  extra_of(row).replicas = std::move(replicas);
  return keep(std::move(row));
}

Result<std::optional<std::string>> ManagedSecrets::policy(const SecretRow& secret) {
  if (!*secret.extra || (*secret.extra)->policy_revision == 0) return std::nullopt;
  COFFER_TRY(const auto found,
             view_.find<SecretPolicyRow>(SecretPolicyRow::key_of(*secret.mount, *secret.uid)));
  if (!found || *found->row.revision != (*secret.extra)->policy_revision) {
    return fail(Code::corrupt, "the policy of a secret is missing");
  }
  return *found->row.text;
}

Result<> ManagedSecrets::put_policy(const SecretPtr& secret, std::string text) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  SecretPolicyRow policy;
  *policy.mount = *row.mount;
  *policy.uid = *row.uid;
  // Of the time, so that no revision comes back after a removal.
  *policy.revision =
      std::max(extra_of(row).policy_revision + 1, static_cast<std::uint64_t>(view_.now().ns));
  *policy.text = std::move(text);
  extra_of(row).policy_revision = *policy.revision;
  COFFER_CHECK(view_.put(std::move(policy)));
  return keep(std::move(row));
}

Result<> ManagedSecrets::remove_policy(const SecretPtr& secret) {
  if (!*secret->row.extra || (*secret->row.extra)->policy_revision == 0) return {};
  COFFER_TRY(SecretRow row, view_.open(*secret));
  extra_of(row).policy_revision = 0;
  COFFER_CHECK(view_.erase<SecretPolicyRow>(SecretPolicyRow::key_of(*row.mount, *row.uid)));
  return keep(std::move(row));
}

}  // namespace coffer::domain
