// Secrets Manager: policies of single secrets.
#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"
#include "policy/evaluator.h"

#include <algorithm>
#include <utility>

namespace coffer::dialects::aws {
namespace {

using formats::JsonKind;
using formats::JsonView;
using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

std::vector<JsonView> one_or_many(const JsonView& value) {
  return value.kind() == JsonKind::array ? value.elements() : std::vector<JsonView>{value};
}

bool is_everybody(const JsonView& principal) {
  const auto is_star = [](const JsonView& value) {
    const auto text = value.string();
    return text && *text == "*";
  };
  if (is_star(principal)) return true;
  for (const auto& [kind, value] : principal.members()) {
    if (std::ranges::any_of(one_or_many(value), is_star)) return true;
  }
  return false;
}

// Whether the policy gives something to everybody without a condition. The text was compiled.
bool is_public(std::string_view policy) {
  const auto document = JsonView::parse(policy);
  const auto statements = document ? document->find_value("Statement") : std::nullopt;
  if (!statements) return false;
  return std::ranges::any_of(one_or_many(*statements), [](const JsonView& statement) {
    const auto effect = statement.find_value("Effect");
    const auto principal = statement.find_value("Principal");
    const auto condition = statement.find_value("Condition");
    const bool allows = effect && effect->string() && *effect->string() == "Allow";
    const bool narrowed = condition && !condition->members().empty();
    return allows && principal && is_everybody(*principal) && !narrowed;
  });
}

Result<> check_policy(const std::string& text) {
  const auto compiled =
      policy::compile_iam_policy("resource policy", 1, policy::IamKind::resource, text);
  if (compiled) return {};
  return fail(Code::invalid_argument,
              "MalformedPolicyDocumentException",
              "This resource policy contains a syntax error: " + compiled.error().message);
}

Result<gate::Reply> put(gate::Call& call, const Services& services) {
  COFFER_TRY(std::string text, text_or_empty(call.body, "ResourcePolicy"));
  COFFER_TRY(const bool block, flag(call.body, "BlockPublicPolicy"));
  COFFER_CHECK(check_policy(text));
  if (block && is_public(text)) {
    return fail(
        Code::invalid_argument,
        "PublicPolicyException",
        "This resource policy grants broad access to the secret, which is not allowed while "
        "BlockPublicPolicy is set.");
  }
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_CHECK(found.engine.secrets.put_policy(found.secret, std::move(text)));
  return secret_answer(found.engine, found.secret->row);
}

Result<gate::Reply> get(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_TRY(const auto policy, found.engine.secrets.policy(found.secret->row));
  return secret_answer(found.engine, found.secret->row, [&](JsonWriter& w) {
    if (policy) w.key("ResourcePolicy").string(*policy);
  });
}

Result<gate::Reply> remove(gate::Call& call, const Services& services) {
  COFFER_TRY(FoundSecret found, find_secret(call, services));
  COFFER_CHECK(refuse_in_replica(call, found.secret->row));
  COFFER_CHECK(found.engine.secrets.remove_policy(found.secret));
  return secret_answer(found.engine, found.secret->row);
}

Result<gate::Reply> validate(gate::Call& call, const Services& services) {
  COFFER_TRY(const std::string policy, text_or_empty(call.body, "ResourcePolicy"));
  COFFER_TRY(const auto id, text(call.body, "SecretId"));
  if (id) COFFER_CHECK(find_secret(call, services));
  COFFER_CHECK(check_policy(policy));
  const bool open = is_public(policy);
  return json_answer([&](JsonWriter& w) {
    w.key("PolicyValidationPassed").boolean(!open);
    w.key("ValidationErrors").begin_array();
    if (open) {
      w.begin_object().key("CheckName").string("PUBLIC_POLICY");
      w.key("ErrorMessage").string("The policy gives access to everybody.").end_object();
    }
    w.end_array();
  });
}

}  // namespace

void add_secret_policy_operations(OperationTable& table, const Services& services) {
  const auto add = [&](std::string_view name,
                       const Shape& shape,
                       EventType event,
                       gate::Resolve resolve,
                       auto function) {
    table.push_back(
        guarded(Service::secrets_manager,
                name,
                shape,
                event,
                std::move(resolve),
                [services, function](gate::Call& call) { return function(call, services); }));
  };
  const auto rule = [](std::string_view action, std::string_view iam, Capability capability) {
    return SecretRule{.action = action, .iam_action = iam, .capability = capability};
  };
  add("PutResourcePolicy",
      secret_shapes::kPutPolicy,
      EventType::secret_policy_changed,
      on_secret(services,
                rule("secret.policy_write", "secretsmanager:PutResourcePolicy", Capability::sudo)),
      put);
  add("GetResourcePolicy",
      secret_shapes::kOne,
      EventType::secret_policy_read,
      on_secret(services,
                rule("secret.policy_read", "secretsmanager:GetResourcePolicy", Capability::read)),
      get);
  add("DeleteResourcePolicy",
      secret_shapes::kOne,
      EventType::secret_policy_changed,
      on_secret(
          services,
          rule("secret.policy_write", "secretsmanager:DeleteResourcePolicy", Capability::sudo)),
      remove);
  const gate::Resolve of_secret = on_secret(
      services,
      rule("secret.policy_read", "secretsmanager:ValidateResourcePolicy", Capability::read));
  const gate::Resolve of_none =
      on_secrets("secret.policy_read", "secretsmanager:ValidateResourcePolicy", Capability::read);
  add(
      "ValidateResourcePolicy",
      secret_shapes::kValidate,
      EventType::secret_policy_read,
      [of_secret, of_none](gate::Call& call) {
        return call.body.find_value("SecretId") ? of_secret(call) : of_none(call);
      },
      validate);
}

}  // namespace coffer::dialects::aws
