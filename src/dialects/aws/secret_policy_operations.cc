// Secrets Manager: policies of single secrets.
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"
#include "domain/identity/aws_names.h"
#include "policy/evaluator.h"

#include <algorithm>
#include <array>
#include <charconv>
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

// Operators that hold only for what a value names. What is negated holds for everybody but a few,
// and …IfExists and ForAllValues for those of whom the key says nothing.
constexpr std::array<std::string_view, 6> kPositive{
    "StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"};

// Keys of who asks, and from where.
constexpr std::array<std::string_view, 14> kIdentity{"aws:principalarn",
                                                     "aws:principalaccount",
                                                     "aws:principalorgid",
                                                     "aws:principalorgpaths",
                                                     "aws:userid",
                                                     "aws:username",
                                                     "aws:sourceip",
                                                     "aws:vpcsourceip",
                                                     "aws:sourcevpc",
                                                     "aws:sourcevpce",
                                                     "aws:sourcearn",
                                                     "aws:sourceaccount",
                                                     "aws:sourceorgid",
                                                     "aws:sourceorgpaths"};

bool names_identity(std::string_view key) {
  return std::ranges::find(kIdentity, key) != kIdentity.end() ||
         key.starts_with("aws:principaltag/");
}

bool is_positive(std::string_view name) {
  constexpr std::string_view kAny = "ForAnyValue:";
  if (name.starts_with(kAny)) name.remove_prefix(kAny.size());
  return std::ranges::find(kPositive, name) != kPositive.end();
}

// A range of addresses that is none of one network: AWS draws the line there as well.
bool is_wide_range(std::string_view value) {
  const std::size_t slash = value.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view digits = value.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  return error == std::errc() && bits < (value.contains(':') ? 32U : 8U);
}

// Whether a value of the key is anybody's: "*", what the request says of itself, a wide range of
// addresses, an ARN of any account.
bool is_anybodys(std::string_view key, std::string_view value) {
  constexpr std::string_view kWild = "*?";
  if (value.find_first_not_of("*?:/") == std::string_view::npos || value.contains("${"))
    return true;
  if (key.ends_with("sourceip")) return is_wide_range(value);
  if (!key.ends_with("arn") || value.find_first_of(kWild) == std::string_view::npos) return false;
  const auto parts = parse_arn(value);
  return !parts || parts->account.find_first_of(kWild) != std::string::npos;
}

bool names_somebody(std::string_view key, const JsonView& value) {
  const auto text = value.string();
  return !text || !is_anybodys(key, *text);
}

// Whether the condition holds for some only, by who they are. All its parts must hold: one that
// narrows is enough.
bool narrows(const JsonView& condition) {
  for (const auto& [name, keys] : condition.members()) {
    if (!is_positive(name)) continue;
    for (const auto& [spelled, values] : keys.members()) {
      const std::string key = domain::aws_name_key(spelled);
      const auto named = [&key](const JsonView& value) { return names_somebody(key, value); };
      if (names_identity(key) && std::ranges::all_of(one_or_many(values), named)) return true;
    }
  }
  return false;
}

// Whether the policy gives something to everybody, or to all but a few. The text was compiled.
bool is_public(std::string_view policy) {
  const auto document = JsonView::parse(policy);
  const auto statements = document ? document->find_value("Statement") : std::nullopt;
  if (!statements) return false;
  return std::ranges::any_of(one_or_many(*statements), [](const JsonView& statement) {
    const auto effect = statement.find_value("Effect");
    const auto principal = statement.find_value("Principal");
    const auto condition = statement.find_value("Condition");
    const bool allows = effect && effect->string() && *effect->string() == "Allow";
    return allows && principal && is_everybody(*principal) && !(condition && narrows(*condition));
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
