// Secrets Manager: rotation. The work itself is done by gate/rotator.h.
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"
#include "dialects/aws/secret_value.h"
#include "domain/secrets/rotations.h"
#include "domain/secrets/stages.h"
#include "formats/aws_schedule.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

using domain::Rotation;
using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

constexpr Duration kShortestInterval = std::chrono::hours(4);
constexpr std::int64_t kMostDays = 1000;

std::unexpected<Error> refuse(std::string message) {
  return coffer::fail(Code::invalid_argument, std::move(message));
}

// RotationRules over what the secret has.
Result<> read_rules(const formats::JsonView& rules, Rotation& rotation) {
  COFFER_TRY(const auto days, integer(rules, "AutomaticallyAfterDays"));
  COFFER_TRY(const auto schedule, text(rules, "ScheduleExpression"));
  COFFER_TRY(rotation.window, text_or_empty(rules, "Duration"));
  if (days && schedule) {
    return refuse("You can't specify both AutomaticallyAfterDays and ScheduleExpression.");
  }
  if (days && (*days < 1 || *days > kMostDays)) {
    return refuse("RotationRules.AutomaticallyAfterDays must be within 1-1000.");
  }
  rotation.after_days = static_cast<std::uint32_t>(days.value_or(0));
  rotation.schedule = schedule.value_or("");
  if (!schedule) return {};
  const auto parsed = formats::AwsSchedule::parse(*schedule);
  if (!parsed) return refuse("Invalid ScheduleExpression: " + parsed.error().message);
  if (parsed->shortest_interval() < kShortestInterval) {
    return refuse("The rotation schedule can't be more often than every four hours.");
  }
  return {};
}

std::unexpected<Error> cannot_invoke() {
  return fail(Code::permission_denied,
              "AccessDeniedException",
              "Secrets Manager cannot invoke the specified Lambda function. Ensure that the "
              "function policy grants access to the principal secretsmanager.amazonaws.com.");
}

// How the secret is to rotate from now on.
Result<Rotation> wanted_rotation(const gate::Call& call,
                                 const Services& services,
                                 const domain::SecretRow& secret) {
  Rotation rotation;
  if (*secret.extra && (*secret.extra)->rotation) rotation = *(*secret.extra)->rotation;
  COFFER_TRY(const auto function, text(call.body, "RotationLambdaARN"));
  if (function && function->size() > kMaxArn) {
    return refuse("RotationLambdaARN must <= 2048 characters long.");
  }
  if (function && !function->empty()) rotation.function = *function;
  if (const auto rules = call.body.find_value("RotationRules")) {
    COFFER_CHECK(read_rules(*rules, rotation));
  }
  if (rotation.function.empty()) {
    return coffer::fail(Code::precondition_failed,
                        "No Lambda rotation function ARN is associated with this secret.");
  }
  const bool listed =
      services.rotations != nullptr && services.rotations->find(rotation.function) != nullptr;
  if (!listed) return cannot_invoke();
  rotation.enabled = true;
  rotation.next = domain::next_rotation(rotation, call.now);
  return rotation;
}

Result<gate::Reply> rotate(gate::Call& call, const Services& services) {
  COFFER_TRY(const auto given, text(call.body, "ClientRequestToken"));
  if (!given) {
    return refuse("You must provide a ClientRequestToken value. We recommend a UUID-type value.");
  }
  COFFER_TRY(const std::string token, request_token(call.body, true));
  COFFER_TRY(const bool now, flag(call.body, "RotateImmediately", true));
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_TRY(Rotation rotation, wanted_rotation(call, services, found.secret->row));
  COFFER_TRY(const domain::SecretPtr configured,
             found.engine.secrets.configure_rotation(found.secret, std::move(rotation)));
  COFFER_TRY(const domain::SecretPtr started,
             found.engine.secrets.start_rotation(configured, token, !now));
  return secret_answer(found.engine, started->row, [&](JsonWriter& w) {
    if (now) w.key("VersionId").string(token);
  });
}

Result<gate::Reply> cancel(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  const domain::SecretRow& row = found.secret->row;
  const std::uint64_t pending = domain::version_of_stage(row, domain::kStagePending);
  COFFER_TRY(const auto cancelled, found.engine.secrets.cancel_rotation(found.secret));
  call.event.type = EventType::secret_rotation_changed;
  return secret_answer(found.engine, row, [&](JsonWriter& w) {
    if (pending != 0) w.key("VersionId").string(domain::version_id(row, pending));
  });
}

}  // namespace

void add_secret_rotation_operations(OperationTable& table, const Services& services) {
  const auto rule = [](std::string_view iam_action) {
    return SecretRule{
        .action = "secret.rotate", .iam_action = iam_action, .capability = Capability::update};
  };
  table.push_back(guarded(Service::secrets_manager,
                          "RotateSecret",
                          secret_shapes::kRotate,
                          EventType::secret_rotation_started,
                          on_secret(services, rule("secretsmanager:RotateSecret")),
                          [services](gate::Call& call) { return rotate(call, services); }));
  table.push_back(guarded(Service::secrets_manager,
                          "CancelRotateSecret",
                          secret_shapes::kOne,
                          EventType::secret_rotation_changed,
                          on_secret(services, rule("secretsmanager:CancelRotateSecret")),
                          [services](gate::Call& call) { return cancel(call, services); }));
}

}  // namespace coffer::dialects::aws
