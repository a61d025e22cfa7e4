// Event: one line of the audit log, whole, as it is hashed.
//
// The canonical encoding (docs/formats/audit.md) is versioned and covers every field: what is not
// encoded cannot be proven. Sensitive values are never in an event except as keyed HMACs made by
// the caller. Plain value.
//
// Limits: a text 2 KiB, a list 64 items, all texts together 48 KiB (beyond them texts and lists are
// cut and marked: an event is never lost for its length); 250 changes with keys of 1 KiB, which
// cannot be cut and are refused by check_event().
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::proof {

// Stored on disk: values never change, names are the public spelling.
enum class EventType : std::uint16_t {
  secret_accessed = 1,
  secret_dynamic_issued = 2,
  secret_lease_renewed = 3,
  secret_access_denied = 4,
  secret_created = 5,
  secret_updated = 6,
  secret_rotated = 7,
  secret_deleted = 8,
  secret_listed = 9,
  secret_undeleted = 10,
  secret_destroyed = 11,
  secret_metadata_read = 12,
  secret_metadata_changed = 13,
  auth_agent_bootstrap = 20,
  auth_agent_certificate_issued = 21,
  auth_agent_login = 22,
  auth_admin_login = 23,
  auth_failed = 24,
  auth_login = 25,
  auth_token_created = 26,
  auth_token_renewed = 27,
  auth_token_revoked = 28,
  auth_token_read = 29,
  auth_method_changed = 30,
  auth_root_used = 31,
  auth_lockout = 32,
  policy_created = 40,
  policy_updated = 41,
  policy_deleted = 42,
  policy_bound = 43,
  policy_read = 44,
  approle_created = 50,
  approle_deleted = 51,
  approle_login_failed = 52,
  approle_login_success = 53,
  approle_secret_rotated = 54,
  approle_read = 55,
  system_initialized = 60,
  system_unsealed = 61,
  system_sealed = 62,
  system_backup_created = 63,
  system_certificate_revoked = 64,
  system_unseal_failed = 65,
  system_rekeyed = 66,
  system_key_rotated = 67,
  system_root_generated = 68,
  system_mount_changed = 69,
  system_read = 70,
  system_configured = 71,
  system_started = 72,
  system_tampering_found = 73,
  system_audit_read = 74,
  wrapping_created = 80,
  wrapping_opened = 81,
  wrapping_read = 82,
  lease_read = 85,
  lease_renewed = 86,
  lease_revoked = 87,
  identity_changed = 90,
  identity_read = 91,
  request_refused = 95,  // malformed, unknown route, over a limit
  rate_limited = 96,
  secret_restored = 100,
  secret_stage_moved = 101,
  secret_policy_read = 102,
  secret_policy_changed = 103,
  secret_rotation_changed = 104,
  secret_rotation_started = 105,
  secret_password_generated = 106,
  secret_deletion_scheduled = 107,
  secret_rotation_failed = 108,
  key_created = 120,
  key_read = 121,
  key_listed = 122,
  key_configured = 123,
  key_rotated = 124,
  key_trimmed = 125,
  key_deleted = 126,
  key_imported = 127,
  key_exported = 128,
  key_backed_up = 129,
  key_restored = 130,
  key_encrypted = 131,
  key_decrypted = 132,
  key_rewrapped = 133,
  key_data_key_issued = 134,
  key_mac_computed = 135,
  key_signed = 136,
  key_verified = 137,
  key_state_changed = 138,
  certificate_issued = 140,
  certificate_revoked = 141,
  certificate_read = 142,
  certificate_removed = 143,
  authority_changed = 144,  // issuers and keys
  authority_configured = 145,
  iam_user_changed = 150,
  iam_role_changed = 151,
  iam_access_key_created = 152,
  iam_access_key_changed = 153,
  iam_access_key_deleted = 154,
  iam_policy_changed = 155,
  iam_policy_attached = 156,
  iam_read = 157,
  sts_role_assumed = 160,
  sts_web_identity_assumed = 161,
  sts_session_issued = 162,
  sts_read = 163,
  iam_provider_changed = 164,
  key_alias_changed = 170,
  key_granted = 171,
  key_grant_ended = 172,
  key_policy_changed = 173,
  key_random_issued = 174,
  key_secret_agreed = 175,
  system_reseal_started = 185,
  system_rows_resealed = 186,
  system_reseal_stated = 187,  // nothing is left under an older term
  system_term_destroyed = 188,
  system_audit_partition_closed = 190,  // a month of the log is over
  system_audit_archived = 191,
  system_audit_partition_dropped = 192,
};

std::string_view to_text(EventType type);
std::optional<EventType> parse_event_type(std::string_view name);
// How many types have a name.
std::size_t event_type_count();

enum class Outcome : std::uint8_t {
  allowed = 1,  // decided for and done
  denied = 2,   // decided against
  failed = 3,   // allowed, but refused by state or input; nothing was changed
};

std::string_view to_text(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view name);

struct Fact {
  std::string name;
  std::string value;
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct AccessRecord {
  std::string action;
  std::string resource;
  friend bool operator==(const AccessRecord&, const AccessRecord&) = default;
};

struct PolicyUsed {
  std::string name;
  std::uint64_t revision = 0;
  friend bool operator==(const PolicyUsed&, const PolicyUsed&) = default;
};

// What the unit did to one row: lets a verifier rebuild which rows must exist, at which revision.
struct RowChange {
  std::uint16_t table = 0;
  std::uint32_t realm = 0;
  Bytes key;
  std::uint64_t revision = 0;           // 0: erased
  std::array<std::uint8_t, 16> seal{};  // tag of the new blob; zero when erased
  friend bool operator==(const RowChange&, const RowChange&) = default;
};

struct Event {
  std::uint64_t sequence = 0;  // set by the chain
  Timestamp time;
  std::string request_id;
  EventType type{};
  Outcome outcome{};
  std::uint32_t realm = 0;
  std::string actor_type;  // token, approle, userpass, unseal, system, anonymous
  std::string actor_id;    // accessor or entity id, never a credential
  std::string actor_name;  // display name
  std::string source_ip;
  std::string dialect;  // vault, native, server
  std::vector<AccessRecord> accesses;
  std::vector<Fact> facts;
  std::vector<PolicyUsed> policies;
  std::string reason;  // why denied or failed; which rule allowed
  std::uint16_t status = 0;
  std::vector<RowChange> changes;
  friend bool operator==(const Event&, const Event&) = default;
};

inline constexpr std::size_t kMaxEventText = 2048;       // octets of one text
inline constexpr std::size_t kMaxEventItems = 64;        // accesses, facts, policies: each
inline constexpr std::size_t kMaxEventBody = 48 * 1024;  // octets before the changes
inline constexpr std::size_t kMaxEventChanges = 250;     // two full units of store/ and some
inline constexpr std::size_t kMaxEventChangeKey = 1024;  // octets, as in store/
inline constexpr std::size_t kMaxEvent = 320 * 1024;     // octets, encoded

// Whether the chain may take the event: it has a type, an outcome, and changes within the limits.
Result<> check_event(const Event& event);

// Appends the canonical encoding. Texts over the limit are cut at a UTF-8 boundary and end in
// U+2026; longer lists end in an item named U+2026. An event whose texts still take more than
// kMaxEventBody is encoded with texts of at most 128 octets.
void encode_event(const Event& event, Bytes& out);

// The strict inverse: what it accepts encodes to the same octets. Types it has no name for are kept
// (a newer server wrote them). Code::corrupt for anything else that encode_event() does not write.
Result<Event> decode_event(ByteView encoded);

// An event that the chain may take, in its canonical encoding and complete but for its sequence.
// Made where the event was, so that the chain's thread only numbers and hashes.
class EncodedEvent {
 public:
  // The errors of check_event().
  static Result<EncodedEvent> of(const Event& event);

  void set_sequence(std::uint64_t sequence);

  [[nodiscard]] ByteView octets() const { return octets_; }

 private:
  EncodedEvent() = default;

  Bytes octets_;
};

// One JSON object without line breaks, for export and `coffer audit`. Of the changes it shows
// table, realm and revision.
std::string event_json(const Event& event);

}  // namespace coffer::proof
