#include "base/enum_table.h"
#include "proof/event.h"

namespace coffer::proof {
namespace {

constexpr EnumTable<EventType, 122> kEventTypes{{{
    {EventType::secret_accessed, "secret.accessed"},
    {EventType::secret_dynamic_issued, "secret.dynamic_issued"},
    {EventType::secret_lease_renewed, "secret.lease_renewed"},
    {EventType::secret_access_denied, "secret.access_denied"},
    {EventType::secret_created, "secret.created"},
    {EventType::secret_updated, "secret.updated"},
    {EventType::secret_rotated, "secret.rotated"},
    {EventType::secret_deleted, "secret.deleted"},
    {EventType::secret_listed, "secret.listed"},
    {EventType::secret_undeleted, "secret.undeleted"},
    {EventType::secret_destroyed, "secret.destroyed"},
    {EventType::secret_metadata_read, "secret.metadata_read"},
    {EventType::secret_metadata_changed, "secret.metadata_changed"},
    {EventType::auth_agent_bootstrap, "auth.agent_bootstrap"},
    {EventType::auth_agent_certificate_issued, "auth.agent_certificate_issued"},
    {EventType::auth_agent_login, "auth.agent_login"},
    {EventType::auth_admin_login, "auth.admin_login"},
    {EventType::auth_failed, "auth.failed"},
    {EventType::auth_login, "auth.login"},
    {EventType::auth_token_created, "auth.token_created"},
    {EventType::auth_token_renewed, "auth.token_renewed"},
    {EventType::auth_token_revoked, "auth.token_revoked"},
    {EventType::auth_token_read, "auth.token_read"},
    {EventType::auth_method_changed, "auth.method_changed"},
    {EventType::auth_root_used, "auth.root_used"},
    {EventType::auth_lockout, "auth.lockout"},
    {EventType::policy_created, "policy.created"},
    {EventType::policy_updated, "policy.updated"},
    {EventType::policy_deleted, "policy.deleted"},
    {EventType::policy_bound, "policy.bound"},
    {EventType::policy_read, "policy.read"},
    {EventType::approle_created, "approle.created"},
    {EventType::approle_deleted, "approle.deleted"},
    {EventType::approle_login_failed, "approle.login_failed"},
    {EventType::approle_login_success, "approle.login_success"},
    {EventType::approle_secret_rotated, "approle.secret_rotated"},
    {EventType::approle_read, "approle.read"},
    {EventType::system_initialized, "system.initialized"},
    {EventType::system_unsealed, "system.unsealed"},
    {EventType::system_sealed, "system.sealed"},
    {EventType::system_backup_created, "system.backup_created"},
    {EventType::system_certificate_revoked, "system.certificate_revoked"},
    {EventType::system_unseal_failed, "system.unseal_failed"},
    {EventType::system_rekeyed, "system.rekeyed"},
    {EventType::system_key_rotated, "system.key_rotated"},
    {EventType::system_root_generated, "system.root_generated"},
    {EventType::system_mount_changed, "system.mount_changed"},
    {EventType::system_read, "system.read"},
    {EventType::system_configured, "system.configured"},
    {EventType::system_started, "system.started"},
    {EventType::system_tampering_found, "system.tampering_found"},
    {EventType::system_audit_read, "system.audit_read"},
    {EventType::wrapping_created, "wrapping.created"},
    {EventType::wrapping_opened, "wrapping.opened"},
    {EventType::wrapping_read, "wrapping.read"},
    {EventType::lease_read, "lease.read"},
    {EventType::lease_renewed, "lease.renewed"},
    {EventType::lease_revoked, "lease.revoked"},
    {EventType::identity_changed, "identity.changed"},
    {EventType::identity_read, "identity.read"},
    {EventType::request_refused, "request.refused"},
    {EventType::rate_limited, "rate_limit.exceeded"},
    {EventType::secret_restored, "secret.restored"},
    {EventType::secret_stage_moved, "secret.stage_moved"},
    {EventType::secret_policy_read, "secret.policy_read"},
    {EventType::secret_policy_changed, "secret.policy_changed"},
    {EventType::secret_rotation_changed, "secret.rotation_changed"},
    {EventType::secret_rotation_started, "secret.rotation_started"},
    {EventType::secret_password_generated, "secret.password_generated"},
    {EventType::secret_deletion_scheduled, "secret.deletion_scheduled"},
    {EventType::secret_rotation_failed, "secret.rotation_failed"},
    {EventType::key_created, "key.created"},
    {EventType::key_read, "key.read"},
    {EventType::key_listed, "key.listed"},
    {EventType::key_configured, "key.configured"},
    {EventType::key_rotated, "key.rotated"},
    {EventType::key_trimmed, "key.trimmed"},
    {EventType::key_deleted, "key.deleted"},
    {EventType::key_imported, "key.imported"},
    {EventType::key_exported, "key.exported"},
    {EventType::key_backed_up, "key.backed_up"},
    {EventType::key_restored, "key.restored"},
    {EventType::key_encrypted, "key.encrypted"},
    {EventType::key_decrypted, "key.decrypted"},
    {EventType::key_rewrapped, "key.rewrapped"},
    {EventType::key_data_key_issued, "key.data_key_issued"},
    {EventType::key_mac_computed, "key.mac_computed"},
    {EventType::key_signed, "key.signed"},
    {EventType::key_verified, "key.verified"},
    {EventType::key_state_changed, "key.state_changed"},
    {EventType::certificate_issued, "certificate.issued"},
    {EventType::certificate_revoked, "certificate.revoked"},
    {EventType::certificate_read, "certificate.read"},
    {EventType::certificate_removed, "certificate.removed"},
    {EventType::authority_changed, "authority.changed"},
    {EventType::authority_configured, "authority.configured"},
    {EventType::iam_user_changed, "iam.user_changed"},
    {EventType::iam_role_changed, "iam.role_changed"},
    {EventType::iam_access_key_created, "iam.access_key_created"},
    {EventType::iam_access_key_changed, "iam.access_key_changed"},
    {EventType::iam_access_key_deleted, "iam.access_key_deleted"},
    {EventType::iam_policy_changed, "iam.policy_changed"},
    {EventType::iam_policy_attached, "iam.policy_attached"},
    {EventType::iam_read, "iam.read"},
    {EventType::sts_role_assumed, "sts.role_assumed"},
    {EventType::sts_web_identity_assumed, "sts.web_identity_assumed"},
    {EventType::sts_session_issued, "sts.session_issued"},
    {EventType::sts_read, "sts.read"},
    {EventType::iam_provider_changed, "iam.provider_changed"},
    {EventType::key_alias_changed, "key.alias_changed"},
    {EventType::key_granted, "key.granted"},
    {EventType::key_grant_ended, "key.grant_ended"},
    {EventType::key_policy_changed, "key.policy_changed"},
    {EventType::key_random_issued, "key.random_issued"},
    {EventType::key_secret_agreed, "key.secret_agreed"},
    {EventType::system_reseal_started, "system.reseal_started"},
    {EventType::system_rows_resealed, "system.rows_resealed"},
    {EventType::system_reseal_stated, "system.reseal_stated"},
    {EventType::system_term_destroyed, "system.term_destroyed"},
    {EventType::system_audit_partition_closed, "system.audit_partition_closed"},
    {EventType::system_audit_archived, "system.audit_archived"},
    {EventType::system_audit_partition_dropped, "system.audit_partition_dropped"},
}}};

constexpr EnumTable<Outcome, 3> kOutcomes{{{
    {Outcome::allowed, "allowed"},
    {Outcome::denied, "denied"},
    {Outcome::failed, "failed"},
}}};

}  // namespace

std::string_view to_text(EventType type) {
  return kEventTypes.text(type);
}

std::optional<EventType> parse_event_type(std::string_view name) {
  return kEventTypes.parse(name);
}

std::size_t event_type_count() {
  return kEventTypes.rows.size();
}

std::string_view to_text(Outcome outcome) {
  return kOutcomes.text(outcome);
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  return kOutcomes.parse(name);
}

}  // namespace coffer::proof
