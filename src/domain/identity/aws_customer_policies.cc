#include "domain/identity/aws_customer_policies.h"

#include "base/time_text.h"
#include "domain/identity/aws_identities.h"
#include "domain/identity/aws_managed.h"

#include <algorithm>

namespace coffer::domain {
namespace {

std::unexpected<Error> no_policy(std::string_view arn) {
  std::string message("Policy ");
  message.append(arn).append(" was not found.");
  return aws_error(Code::not_found, std::move(message), "NoSuchEntity");
}

// AWS's built-in policies are older than any server of ours.
constexpr Timestamp kBuiltInSince{1'423'246'825'000'000'000};

AwsPolicy described_built_in(const AwsManagedPolicy& from) {
  return {.name = std::string(from.name),
          .path = "/",
          .id = std::string(from.id),
          .arn = std::string(kAwsManagedPrefix) + std::string(from.name),
          .description = std::string(from.description),
          .version = 1,
          .text = std::string(from.text),
          .created = kBuiltInSince,
          .updated = kBuiltInSince,
          .built_in = true};
}

Error malformed(Error error) {
  if (error.code == Code::too_large) return {error.code, std::move(error.message), "LimitExceeded"};
  return {error.code, std::move(error.message), "MalformedPolicyDocument"};
}

}  // namespace

std::string AwsCustomerPolicies::arn_of(std::string_view path, std::string_view name) const {
  return iam_arn(account_, "policy", path, name);
}

Result<AwsPolicy> AwsCustomerPolicies::described(const PolicyRow& row) const {
  AwsPolicy policy{.name = label_of(row, kLabelName),
                   .path = label_of(row, kLabelPath),
                   .id = label_of(row, kLabelId),
                   .arn = {},
                   .description = label_of(row, kLabelDescription),
                   .version = *row.version,
                   .text = *row.text,
                   .created = {},
                   .updated = *row.modified,
                   .built_in = false};
  policy.arn = arn_of(policy.path, policy.name);
  COFFER_TRY(policy.created, parse_rfc3339(label_of(row, kLabelCreated)));
  return policy;
}

Result<AwsPolicy> AwsCustomerPolicies::by_arn(std::string_view arn) {
  if (const AwsManagedPolicy* built_in = find_aws_managed(arn)) {
    return described_built_in(*built_in);
  }
  const auto parts = parse_iam_arn(arn);
  if (!parts || parts->kind != "policy") return no_policy(arn);
  COFFER_TRY(const auto row, view_.find<PolicyRow>(managed_policy_row_name(parts->name)));
  if (!row) return no_policy(arn);
  COFFER_TRY(AwsPolicy policy, described(row->row));
  if (policy.arn != arn) return no_policy(arn);
  return policy;
}

Result<std::vector<AwsPolicy>> AwsCustomerPolicies::made_here() {
  std::vector<AwsPolicy> found;
  COFFER_TRY(const std::vector<Bytes> keys,
             view_.keys<PolicyRow>(as_bytes(kIamPolicyPrefix), {}, kMaxPolicies));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto row, view_.find<PolicyRow>(key));
    if (!row || *row->row.language != static_cast<std::uint8_t>(policy::Language::iam)) continue;
    COFFER_TRY(AwsPolicy policy, described(row->row));
    found.push_back(std::move(policy));
  }
  return found;
}

std::vector<AwsPolicy> AwsCustomerPolicies::built_in() {
  std::vector<AwsPolicy> found;
  for (const AwsManagedPolicy& policy : aws_managed_policies()) {
    found.push_back(described_built_in(policy));
  }
  return found;
}

Result<AwsPolicy> AwsCustomerPolicies::create(const NewAwsPolicy& wanted) {
  constexpr std::size_t kMaxDescription = 1000;
  COFFER_CHECK(check_aws_name(wanted.name, kMaxAwsPolicyName));
  COFFER_CHECK(check_aws_path(wanted.path));
  if (wanted.description.size() > kMaxDescription) {
    return aws_error(Code::invalid_argument, "The description is too long", "ValidationError");
  }
  const std::string row_name = managed_policy_row_name(wanted.name);
  COFFER_TRY(const auto present, view_.find<PolicyRow>(row_name));
  if (present) {
    return aws_error(
        Code::already_exists,
        "A policy called " + wanted.name + " already exists. Duplicate names are not allowed.",
        "EntityAlreadyExists");
  }
  std::map<std::string, std::string> labels{
      {std::string(kLabelName), wanted.name},
      {std::string(kLabelPath), wanted.path},
      {std::string(kLabelId), new_aws_id("ANPA", view_.random())},
      {std::string(kLabelDescription), wanted.description},
      {std::string(kLabelCreated), rfc3339(view_.now())}};
  const auto written = Policies(view_, cache_)
                           .write(row_name, policy::Language::iam, wanted.text, std::move(labels));
  if (!written) return std::unexpected(malformed(written.error()));
  return by_arn(arn_of(wanted.path, wanted.name));
}

Result<AwsPolicy> AwsCustomerPolicies::write(std::string_view arn, std::string_view text) {
  COFFER_TRY(const AwsPolicy policy, by_arn(arn));
  if (policy.built_in) {
    return aws_error(Code::permission_denied, "Policies of AWS cannot be changed.", "AccessDenied");
  }
  const auto written =
      Policies(view_, cache_)
          .write(managed_policy_row_name(policy.name), policy::Language::iam, text);
  if (!written) return std::unexpected(malformed(written.error()));
  return by_arn(arn);
}

Result<> AwsCustomerPolicies::remove(std::string_view arn) {
  COFFER_TRY(const AwsPolicy policy, by_arn(arn));
  if (policy.built_in) {
    return aws_error(Code::permission_denied, "Policies of AWS cannot be deleted.", "AccessDenied");
  }
  COFFER_TRY(const std::size_t count, attachments(arn));
  if (count > 0) {
    return aws_error(Code::precondition_failed,
                     "Cannot delete a policy attached to entities.",
                     "DeleteConflict");
  }
  return Policies(view_, cache_)
      .remove(managed_policy_row_name(policy.name), policy::Language::iam);
}

Result<AwsPolicyVersion> AwsCustomerPolicies::version(std::string_view arn, std::uint64_t number) {
  COFFER_TRY(const AwsPolicy policy, by_arn(arn));
  if (number == policy.version) return AwsPolicyVersion{number, policy.text, policy.updated, true};
  PolicyHistoryRow place;
  place.name = managed_policy_row_name(policy.name);
  place.version = number;
  COFFER_TRY(const auto row, view_.find<PolicyHistoryRow>(place.key()));
  // Numbers go on where a deleted policy of the name stopped: those are not of this one.
  if (!row || *row->row.modified < policy.created) {
    return aws_error(Code::not_found,
                     "Policy " + policy.arn + " version v" + std::to_string(number) +
                         " does not exist or is not attachable.",
                     "NoSuchEntity");
  }
  return AwsPolicyVersion{number, *row->row.text, *row->row.modified, false};
}

Result<std::vector<AwsPolicyVersion>> AwsCustomerPolicies::versions(std::string_view arn) {
  COFFER_TRY(const AwsPolicy policy, by_arn(arn));
  std::vector<AwsPolicyVersion> found;
  for (std::uint64_t number = policy.version; number > 0; --number) {
    auto one = version(arn, number);
    if (!one && one.error().code == Code::not_found) break;
    COFFER_TRY(found.emplace_back(), std::move(one));
    if (found.size() == kMaxAwsVersionsListed) break;
  }
  return found;
}

Result<std::map<std::string, std::size_t>> AwsCustomerPolicies::attachments() {
  AwsIdentities identities(view_, cache_, account_);
  std::map<std::string, std::size_t> counts;
  const auto count = [&counts](const AwsGrants& grants) {
    for (const std::string& arn : grants.attached) ++counts[arn];
  };
  COFFER_TRY(const auto users, identities.users());
  for (const AwsUserPtr& user : users) count(*user->row.grants);
  COFFER_TRY(const auto roles, identities.roles());
  for (const AwsRolePtr& role : roles) count(*role->row.grants);
  return counts;
}

Result<std::size_t> AwsCustomerPolicies::attachments(std::string_view arn) {
  COFFER_TRY(const auto counts, attachments());
  const auto found = counts.find(std::string(arn));
  return found == counts.end() ? 0 : found->second;
}

}  // namespace coffer::domain
