// Secrets Manager: deletion, restoration and tags; random passwords.
#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "dialects/aws/random_password.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

constexpr std::int64_t kShortestWindow = 7;  // days
constexpr std::int64_t kLongestWindow = 30;
constexpr Duration kDay = std::chrono::hours(24);

// What is asked where a replica is, or while there are any, would take them along.
Result<> refuse_with_replicas(const gate::Call& call, const domain::SecretRow& secret) {
  COFFER_CHECK(refuse_in_replica(call, secret));
  if (!*secret.extra || (*secret.extra)->replicas.empty()) return {};
  return coffer::fail(Code::invalid_argument,
                      "You can't delete secret " + *secret.path +
                          " that still has replica regions. Remove the replicas first.");
}

// What was erased: a secret of this name may never have been there.
Result<gate::Reply> erase_now(gate::Call& call, const Services& services) {
  call.event.type = EventType::secret_destroyed;
  const auto found = find_secret(call, services, Wanted::any);
  if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
  if (!found) {
    COFFER_TRY(const std::string id, text_or_empty(call.body, "SecretId"));
    COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
    domain::SecretRow never;
    *never.path = id;
    return json_answer([&](JsonWriter& w) {
      w.key("ARN").string(id.starts_with("arn:") ? id : engine.secrets.arn(never));
      w.key("Name").string(id);
      w.key("DeletionDate");
      write_time(w, call.now);
    });
  }
  COFFER_CHECK(refuse_with_replicas(call, found->secret->row));
  SecretsEngine engine = found->engine;
  COFFER_CHECK(engine.secrets.erase(found->secret));
  return secret_answer(engine, found->secret->row, [&](JsonWriter& w) {
    w.key("DeletionDate");
    write_time(w, call.now);
  });
}

Result<gate::Reply> remove(gate::Call& call, const Services& services) {
  COFFER_TRY(const auto window, integer(call.body, "RecoveryWindowInDays"));
  COFFER_TRY(const bool force, flag(call.body, "ForceDeleteWithoutRecovery"));
  if (window && force) {
    return coffer::fail(
        Code::invalid_argument,
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (window && (*window < kShortestWindow || *window > kLongestWindow)) {
    return coffer::fail(Code::invalid_argument,
                        "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  if (force) return erase_now(call, services);
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_with_replicas(call, found.secret->row));
  COFFER_TRY(
      const Timestamp when,
      found.engine.secrets.schedule_deletion(found.secret, kDay * window.value_or(kLongestWindow)));
  return secret_answer(found.engine, found.secret->row, [&](JsonWriter& w) {
    w.key("DeletionDate");
    write_time(w, when);
  });
}

Result<gate::Reply> restore(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services, Wanted::any));
  COFFER_CHECK(found.engine.secrets.restore(found.secret));
  return secret_answer(found.engine, found.secret->row);
}

Result<gate::Reply> tag(gate::Call& call, const Services& services) {
  COFFER_TRY(const auto tags, secret_tags(call.body, "Tags"));
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_CHECK(found.engine.secrets.tag(found.secret, tags));
  return empty_answer();
}

Result<gate::Reply> untag(gate::Call& call, const Services& services) {
  COFFER_TRY(const auto keys, texts(call.body, "TagKeys"));
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_CHECK(found.engine.secrets.untag(found.secret, keys));
  return empty_answer();
}

Result<gate::Reply> password(gate::Call& call, const Services& /*services*/) {
  PasswordWish wish;
  COFFER_TRY(const auto length, integer(call.body, "PasswordLength"));
  if (length) wish.length = static_cast<std::size_t>(*length);
  COFFER_TRY(wish.excluded, text_or_empty(call.body, "ExcludeCharacters"));
  COFFER_TRY(const bool no_numbers, flag(call.body, "ExcludeNumbers"));
  COFFER_TRY(const bool no_punctuation, flag(call.body, "ExcludePunctuation"));
  COFFER_TRY(const bool no_uppercase, flag(call.body, "ExcludeUppercase"));
  COFFER_TRY(const bool no_lowercase, flag(call.body, "ExcludeLowercase"));
  wish.numbers = !no_numbers;
  wish.punctuation = !no_punctuation;
  wish.uppercase = !no_uppercase;
  wish.lowercase = !no_lowercase;
  COFFER_TRY(wish.space, flag(call.body, "IncludeSpace"));
  COFFER_TRY(wish.each_type, flag(call.body, "RequireEachIncludedType", true));
  COFFER_TRY(const secure::SecureText made, random_password(wish, call.random));
  return json_answer([&](JsonWriter& w) { w.key("RandomPassword").string(made.text()); });
}

}  // namespace

void add_secret_life_operations(OperationTable& table, const Services& services) {
  const auto add = [&](std::string_view name,
                       const Shape& shape,
                       EventType event,
                       const SecretRule& rule,
                       auto function) {
    table.push_back(
        guarded(Service::secrets_manager,
                name,
                shape,
                event,
                on_secret(services, rule),
                [services, function](gate::Call& call) { return function(call, services); }));
  };
  add("DeleteSecret",
      secret_shapes::kDelete,
      EventType::secret_deletion_scheduled,
      {.action = "secret.destroy",
       .iam_action = "secretsmanager:DeleteSecret",
       .capability = Capability::del},
      remove);
  add("RestoreSecret",
      secret_shapes::kOne,
      EventType::secret_restored,
      {.action = "secret.metadata_write",
       .iam_action = "secretsmanager:RestoreSecret",
       .capability = Capability::update},
      restore);
  add("TagResource",
      secret_shapes::kTagResource,
      EventType::secret_metadata_changed,
      {.action = "secret.metadata_write",
       .iam_action = "secretsmanager:TagResource",
       .capability = Capability::update},
      tag);
  add("UntagResource",
      secret_shapes::kUntag,
      EventType::secret_metadata_changed,
      {.action = "secret.metadata_write",
       .iam_action = "secretsmanager:UntagResource",
       .capability = Capability::update},
      untag);
  table.push_back(
      guarded(Service::secrets_manager,
              "GetRandomPassword",
              secret_shapes::kPassword,
              EventType::secret_password_generated,
              on_secrets("secret.password", "secretsmanager:GetRandomPassword", Capability::read),
              [services](gate::Call& call) { return password(call, services); }));
}

}  // namespace coffer::dialects::aws
