// IAM: managed policies.

#include "dialects/aws/iam_parts.h"

#include <algorithm>
#include <charconv>

namespace coffer::dialects::aws {
namespace {

using domain::AwsPolicy;
using formats::XmlWriter;
using gate::Call;
using gate::Reply;

std::string version_id(std::uint64_t version) {
  return "v" + std::to_string(version);
}

void write_policy(XmlWriter& x, const AwsPolicy& policy, std::size_t attachments) {
  x.element("PolicyName", policy.name);
  x.element("PolicyId", policy.id);
  x.element("Arn", policy.arn);
  x.element("Path", policy.path);
  x.element("DefaultVersionId", version_id(policy.version));
  x.element("AttachmentCount", std::to_string(attachments));
  x.element("PermissionsBoundaryUsageCount", "0");
  x.element("IsAttachable", "true");
  if (!policy.description.empty()) x.element("Description", policy.description);
  x.element("CreateDate", xml_time(policy.created));
  x.element("UpdateDate", xml_time(policy.updated));
}

Result<Reply> create_policy(Call& call) {
  domain::NewAwsPolicy wanted;
  COFFER_TRY(wanted.name, text_or_empty(call.body, "PolicyName"));
  COFFER_TRY(const auto path, text(call.body, "Path"));
  if (path) wanted.path = *path;
  COFFER_TRY(wanted.description, text_or_empty(call.body, "Description"));
  COFFER_TRY(wanted.text, text_or_empty(call.body, "PolicyDocument"));
  COFFER_TRY(const AwsPolicy policy, policies_of(call).create(wanted));
  return xml_answer(call, Service::iam, "CreatePolicy", [&](XmlWriter& x) {
    x.open("Policy");
    write_policy(x, policy, 0);
    x.close("Policy");
  });
}

Result<Reply> get_policy(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
  domain::AwsCustomerPolicies policies = policies_of(call);
  COFFER_TRY(const AwsPolicy policy, policies.by_arn(arn));
  COFFER_TRY(const std::size_t attachments, policies.attachments(arn));
  return xml_answer(call, Service::iam, "GetPolicy", [&](XmlWriter& x) {
    x.open("Policy");
    write_policy(x, policy, attachments);
    x.close("Policy");
  });
}

// Scope, PathPrefix and OnlyAttached.
Result<std::vector<AwsPolicy>> selected(Call& call) {
  COFFER_TRY(const std::string scope, text_or_empty(call.body, "Scope"));
  COFFER_TRY(const std::string prefix, text_or_empty(call.body, "PathPrefix"));
  std::vector<AwsPolicy> found;
  if (scope != "Local") found = domain::AwsCustomerPolicies::built_in();
  if (scope != "AWS") {
    COFFER_TRY(std::vector<AwsPolicy> ours, policies_of(call).made_here());
    std::ranges::move(ours, std::back_inserter(found));
  }
  std::erase_if(found, [&](const AwsPolicy& policy) { return !policy.path.starts_with(prefix); });
  std::ranges::sort(found, {}, &AwsPolicy::arn);
  return found;
}

Result<Reply> list_policies(Call& call) {
  COFFER_TRY(const std::vector<AwsPolicy> all, selected(call));
  COFFER_TRY(const bool attached, flag(call.body, "OnlyAttached"));
  COFFER_TRY(const auto attachments, policies_of(call).attachments());
  std::vector<std::pair<AwsPolicy, std::size_t>> found;
  std::vector<std::string> names;
  for (const AwsPolicy& policy : all) {
    const auto counted = attachments.find(policy.arn);
    const std::size_t count = counted == attachments.end() ? 0 : counted->second;
    if (attached && count == 0) continue;
    found.emplace_back(policy, count);
    names.push_back(policy.arn);
  }
  COFFER_TRY(const Page page, page_of(call, "ListPolicies", names));
  return xml_answer(call, Service::iam, "ListPolicies", [&](XmlWriter& x) {
    x.open("Policies");
    for (std::size_t i = page.begin; i < page.end; ++i) {
      x.open("member");
      write_policy(x, found[i].first, found[i].second);
      x.close("member");
    }
    x.close("Policies");
    write_page_end(x, page);
  });
}

Result<Reply> delete_policy(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
  COFFER_CHECK(policies_of(call).remove(arn));
  return xml_answer(call, Service::iam, "DeletePolicy");
}

void write_version(XmlWriter& x, const domain::AwsPolicyVersion& version) {
  x.element("VersionId", version_id(version.number));
  x.element("IsDefaultVersion", version.is_default ? "true" : "false");
  x.element("CreateDate", xml_time(version.created));
}

Result<Reply> create_version(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
  COFFER_TRY(const std::string text, text_or_empty(call.body, "PolicyDocument"));
  COFFER_TRY(const bool as_default, flag(call.body, "SetAsDefault"));
  if (!as_default) {
    return aws::fail(Code::invalid_argument,
                     "InvalidInput",
                     "A new version is always the default version here: set SetAsDefault.");
  }
  COFFER_TRY(const AwsPolicy policy, policies_of(call).write(arn, text));
  return xml_answer(call, Service::iam, "CreatePolicyVersion", [&](XmlWriter& x) {
    x.open("PolicyVersion");
    write_version(x, {policy.version, "", policy.updated, true});
    x.close("PolicyVersion");
  });
}

Result<Reply> get_version(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
  COFFER_TRY(const std::string id, text_or_empty(call.body, "VersionId"));
  std::uint64_t number = 0;
  const char* end = id.data() + id.size();
  const auto [stop, error] = std::from_chars(id.data() + 1, end, number);
  if (error != std::errc() || id[0] != 'v') number = 0;
  COFFER_TRY(const domain::AwsPolicyVersion version, policies_of(call).version(arn, number));
  return xml_answer(call, Service::iam, "GetPolicyVersion", [&](XmlWriter& x) {
    x.open("PolicyVersion");
    x.element("Document", xml_document(version.text));
    write_version(x, version);
    x.close("PolicyVersion");
  });
}

Result<Reply> list_versions(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
  COFFER_TRY(const auto versions, policies_of(call).versions(arn));
  return xml_answer(call, Service::iam, "ListPolicyVersions", [&](XmlWriter& x) {
    x.open("Versions");
    for (const domain::AwsPolicyVersion& version : versions) {
      x.open("member");
      write_version(x, version);
      x.close("member");
    }
    x.close("Versions");
    write_page_end(x, {});
  });
}

// Of a policy that is made: by its name and path.
Result<IamTarget> new_policy_resource(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "PolicyName"));
  COFFER_TRY(const auto path, text(call.body, "Path"));
  return IamTarget{policies_of(call).arn_of(path.value_or("/"), name)};
}

constexpr std::string_view kScopes[] = {"All", "AWS", "Local"};
constexpr Member kVersionId{.name = "VersionId",
                            .required = true,
                            .min = 2,
                            .max = 32,
                            .pattern = "v[1-9][0-9]*",
                            .alphabet = "v0-9"};
constexpr Member kCreateMembers[] = {
    kPolicyName, kPath, {.name = "Description", .max = 1000}, kPolicyDocument};
constexpr Shape kCreate{kCreateMembers};
constexpr Member kOneMembers[] = {kPolicyArn};
constexpr Shape kOne{kOneMembers};
constexpr Member kListMembers[] = {{.name = "Scope", .values = kScopes},
                                   {.name = "OnlyAttached", .kind = Kind::boolean},
                                   kPathPrefix,
                                   kMarker,
                                   kMaxItems};
constexpr Shape kList{kListMembers};
constexpr Member kCreateVersionMembers[] = {
    kPolicyArn, kPolicyDocument, {.name = "SetAsDefault", .kind = Kind::boolean}};
constexpr Shape kCreateVersion{kCreateVersionMembers};
constexpr Member kVersionMembers[] = {kPolicyArn, kVersionId};
constexpr Shape kVersion{kVersionMembers};

}  // namespace

OperationTable iam_policy_operations() {
  constexpr auto kChanged = proof::EventType::iam_policy_changed;
  OperationTable table;
  table.push_back(iam_write("CreatePolicy", kCreate, kChanged, new_policy_resource, create_policy));
  table.push_back(iam_read("GetPolicy", kOne, policy_resource, get_policy));
  table.push_back(iam_read("ListPolicies", kList, any_resource, list_policies));
  table.push_back(iam_write("DeletePolicy", kOne, kChanged, policy_resource, delete_policy));
  table.push_back(
      iam_write("CreatePolicyVersion", kCreateVersion, kChanged, policy_resource, create_version));
  table.push_back(iam_read("GetPolicyVersion", kVersion, policy_resource, get_version));
  table.push_back(iam_read("ListPolicyVersions", kOne, policy_resource, list_versions));
  return table;
}

}  // namespace coffer::dialects::aws
