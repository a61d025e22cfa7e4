// KMS: EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion.
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"

#include <array>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using gate::Reply;
using proof::EventType;

constexpr std::array kScheduleMembers{
    key_id_member(),
    Member{.name = "PendingWindowInDays", .kind = Kind::integer, .min = 1, .max = 365}};
constexpr Shape kSchedule{kScheduleMembers};
constexpr std::int64_t kUsualWindow = 30;
constexpr std::int64_t kLeastWindow = 7;
constexpr Duration kDay = std::chrono::hours(24);

Result<Reply> set_enabled(Kms& kms, bool enabled) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_not_pending(kms, key, true));
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(kms.keys().set_enabled(*key, enabled));
  kms.call.note("state", enabled ? "enabled" : "disabled");
  return empty_answer();
}

Result<Reply> enable(Kms& kms) {
  return set_enabled(kms, true);
}

Result<Reply> disable(Kms& kms) {
  return set_enabled(kms, false);
}

Result<Reply> schedule_deletion(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_not_pending(kms, key));
  COFFER_CHECK(check_customers(key));
  COFFER_TRY(const auto asked, integer(kms.call.body, "PendingWindowInDays"));
  const std::int64_t days = asked.value_or(kUsualWindow);
  if (days < kLeastWindow || days > kUsualWindow) {
    return validation("PendingWindowInDays must be between 7 and 30 days.");
  }
  COFFER_CHECK(kms.keys().schedule_deletion(*key, kDay * days));
  kms.call.note("state", "pending deletion");
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    w.key("DeletionDate");
    write_time(w, kms.call.now + kDay * days);
    w.key("KeyState").string("PendingDeletion");
    w.key("PendingWindowInDays").integer(days);
  });
}

Result<Reply> cancel_deletion(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  if (*key->state != domain::KeyState::pending_deletion) {
    return invalid_state(key.arn + " is not pending deletion.");
  }
  COFFER_CHECK(kms.keys().cancel_deletion(*key));
  kms.call.note("state", "disabled");
  return json_answer([&](JsonWriter& w) { w.key("KeyId").string(key.arn); });
}

}  // namespace

void add_kms_state_operations(OperationTable& table, const Services& services) {
  const auto add = [&](const Shape& shape,
                       std::string_view action,
                       std::string_view name,
                       std::string_view path,
                       policy::Capability capability,
                       KmsHandler handler) {
    table.push_back(
        kms_operation(services,
                      shape,
                      EventType::key_state_changed,
                      {.action = action, .iam = name, .path = path, .capability = capability},
                      handler));
  };
  using policy::Capability;
  add(kKeyIdShape,
      "kms.enable",
      "EnableKey",
      "keys/{}/soft-delete-restore",
      Capability::update,
      enable);
  add(kKeyIdShape, "kms.disable", "DisableKey", "keys/{}/soft-delete", Capability::del, disable);
  add(kSchedule,
      "kms.delete",
      "ScheduleKeyDeletion",
      "keys/{}",
      Capability::del,
      schedule_deletion);
  add(kKeyIdShape,
      "kms.delete.cancel",
      "CancelKeyDeletion",
      "keys/{}/soft-delete-restore",
      Capability::update,
      cancel_deletion);
}

}  // namespace coffer::dialects::aws
