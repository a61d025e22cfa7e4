// Parameter Store: PutResourcePolicy, GetResourcePolicies, DeleteResourcePolicy.
//
// A parameter has one resource policy, in the advanced tier only. It is evaluated with every access
// to the parameter (parameter_access()).
#include "base/encoding.h"
#include "crypto/hash.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_shapes.h"
#include "policy/evaluator.h"

namespace coffer::dialects::aws {
namespace {

using gate::Reply;
using policy::Access;
using policy::Capability;
using proof::EventType;

constexpr std::size_t kMaxPolicy = 20'480;
constexpr Member kResourceArn{.name = "ResourceArn", .required = true, .min = 20, .max = 2048};
constexpr Member kPutMembers[] = {kResourceArn,
                                  {.name = "Policy", .required = true, .min = 1},
                                  {.name = "PolicyId"},
                                  {.name = "PolicyHash"}};
constexpr Shape kPut{kPutMembers};
constexpr Member kGetMembers[] = {kResourceArn, kSsmNextToken, ssm_max_results(50)};
constexpr Shape kGet{kGetMembers};
constexpr Member kDeleteMembers[] = {
    kResourceArn, {.name = "PolicyId", .required = true}, {.name = "PolicyHash", .required = true}};
constexpr Shape kDelete{kDeleteMembers};

// Who changes it decides who may do what: no update of the parameter's metadata.
constexpr SsmRule kPutRule{
    "secret.policy_write", "PutResourcePolicy", Capability::sudo, "metadata/"};
constexpr SsmRule kGetRule{
    "secret.metadata.read", "GetResourcePolicies", Capability::read, "metadata/"};
constexpr SsmRule kDeleteRule{
    "secret.policy_write", "DeleteResourcePolicy", Capability::sudo, "metadata/"};

Result<NamedParameter> shared(const Ssm& ssm) {
  COFFER_TRY(const std::string arn, text_or_empty(ssm.call.body, "ResourceArn"));
  if (!parse_arn(arn)) {
    return aws::fail(Code::invalid_argument,
                     "ResourcePolicyInvalidParameterException",
                     "The ResourceArn is not valid.");
  }
  auto named = ssm.named(arn);
  if (!named && named.error().code == Code::not_found) return NamedParameter{};
  return named;
}

Result<NamedParameter> shared_now(const Ssm& ssm) {
  COFFER_TRY(NamedParameter named, shared(ssm));
  if (!named.parameter) {
    return aws::fail(
        Code::not_found, "ResourceNotFoundException", "The specified parameter was not found.");
  }
  return named;
}

SsmResolve on_shared(const SsmRule& rule) {
  return [rule](Ssm& ssm) -> Result<std::vector<Access>> {
    COFFER_TRY(const NamedParameter named, shared(ssm));
    std::vector<Access> all;
    COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, rule));
    return all;
  };
}

std::string hash_of(std::string_view policy) {
  return hex_encode(crypto::sha256(as_bytes(policy)));
}

Result<> check_policy(const std::string& policy) {
  if (policy.size() > kMaxPolicy) {
    return aws::fail(Code::too_large,
                     "ResourcePolicyLimitExceededException",
                     "The resource policy is larger than 20480 characters.");
  }
  const auto compiled =
      policy::compile_iam_policy("resource policy", 1, policy::IamKind::resource, policy);
  if (compiled) return {};
  return aws::fail(
      Code::invalid_argument, "MalformedResourcePolicyDocumentException", compiled.error().message);
}

// The id and the hash of the request must be those of the policy that is there.
Result<> check_current(const Ssm& ssm, const domain::ParameterRow& row) {
  COFFER_TRY(const std::string id, text_or_empty(ssm.call.body, "PolicyId"));
  COFFER_TRY(const std::string hash, text_or_empty(ssm.call.body, "PolicyHash"));
  if (row.sharing->empty() || row.sharing->front().id != id) {
    return aws::fail(Code::not_found,
                     "ResourcePolicyNotFoundException",
                     "No policies with the specified policy ID and hash could be found.");
  }
  if (row.sharing->front().hash != hash) {
    return aws::fail(Code::precondition_failed,
                     "ResourcePolicyConflictException",
                     "The hash provided in the call doesn't match the stored hash.");
  }
  return {};
}

Result<Reply> put_policy(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, shared_now(ssm));
  COFFER_TRY(const std::string policy, text_or_empty(ssm.call.body, "Policy"));
  COFFER_TRY(const auto id, text(ssm.call.body, "PolicyId"));
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(domain::ParameterRow row, parameters.open_row(*named.parameter));
  if (row.current->tier != domain::ParameterTier::advanced) {
    return aws::fail(Code::precondition_failed,
                     "ResourcePolicyInvalidParameterException",
                     "Only parameters of the advanced tier can be shared.");
  }
  COFFER_CHECK(check_policy(policy));
  if (id) {
    COFFER_CHECK(check_current(ssm, row));
  } else if (!row.sharing->empty()) {
    return aws::fail(Code::exhausted,
                     "ResourcePolicyLimitExceededException",
                     "The parameter has a resource policy: name its PolicyId and PolicyHash.");
  }
  domain::SharingPolicy next{
      id ? *id : hex_encode(ssm.call.random.array<16>()), hash_of(policy), policy};
  *row.sharing = {next};
  COFFER_CHECK(parameters.put_row(std::move(row)));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("PolicyId").string(next.id).key("PolicyHash").string(next.hash);
  });
}

Result<Reply> get_policies(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, shared_now(ssm));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Policies").begin_array();
    for (const domain::SharingPolicy& policy : *named.parameter->row->sharing) {
      w.begin_object().key("PolicyId").string(policy.id);
      w.key("PolicyHash").string(policy.hash).key("Policy").string(policy.text).end_object();
    }
    w.end_array();
  });
}

Result<Reply> delete_policy(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, shared_now(ssm));
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(domain::ParameterRow row, parameters.open_row(*named.parameter));
  COFFER_CHECK(check_current(ssm, row));
  row.sharing->clear();
  COFFER_CHECK(parameters.put_row(std::move(row)));
  return json_answer([](formats::JsonWriter&) {});
}

}  // namespace

void add_ssm_sharing_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(services,
                                "PutResourcePolicy",
                                kPut,
                                EventType::secret_metadata_changed,
                                on_shared(kPutRule),
                                put_policy));
  table.push_back(ssm_operation(services,
                                "GetResourcePolicies",
                                kGet,
                                EventType::secret_metadata_read,
                                on_shared(kGetRule),
                                get_policies));
  table.push_back(ssm_operation(services,
                                "DeleteResourcePolicy",
                                kDelete,
                                EventType::secret_metadata_changed,
                                on_shared(kDeleteRule),
                                delete_policy));
}

}  // namespace coffer::dialects::aws
