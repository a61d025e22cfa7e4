// IAM: roles.

#include "dialects/aws/iam_parts.h"

namespace coffer::dialects::aws {
namespace {

using domain::AwsRolePtr;
using domain::AwsRoleRow;
using formats::XmlWriter;
using gate::Call;
using gate::Reply;
using std::chrono::duration_cast;
using std::chrono::seconds;

enum class With : std::uint8_t { all, no_tags };

void write_role(XmlWriter& x, const AwsRoleRow& role, const std::string& arn, With with) {
  x.element("Path", *role.path);
  x.element("RoleName", *role.name);
  x.element("RoleId", *role.id);
  x.element("Arn", arn);
  x.element("CreateDate", xml_time(*role.created));
  x.element("AssumeRolePolicyDocument", xml_document(*role.trust));
  if (!role.description->empty()) x.element("Description", *role.description);
  x.element("MaxSessionDuration",
            std::to_string(duration_cast<seconds>(*role.max_session).count()));
  if (with == With::all && !role.grants->tags.empty()) write_tags(x, role.grants->tags);
}

Result<Reply> create_role(Call& call) {
  COFFER_CHECK(refuse_boundary(call));
  domain::NewAwsRole wanted;
  COFFER_TRY(wanted.name, text_or_empty(call.body, "RoleName"));
  COFFER_TRY(const auto path, text(call.body, "Path"));
  if (path) wanted.path = *path;
  COFFER_TRY(wanted.trust, text_or_empty(call.body, "AssumeRolePolicyDocument"));
  COFFER_TRY(wanted.description, text_or_empty(call.body, "Description"));
  COFFER_TRY(const auto longest, integer(call.body, "MaxSessionDuration"));
  if (longest) wanted.max_session = seconds(*longest);
  COFFER_TRY(wanted.tags, tags_of(call));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const AwsRoleRow role, iam.create_role(wanted));
  return xml_answer(call, Service::iam, "CreateRole", [&](XmlWriter& x) {
    x.open("Role");
    write_role(x, role, iam.arn_of(role), With::all);
    x.close("Role");
  });
}

Result<Reply> get_role(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const AwsRolePtr role, iam.role(name));
  return xml_answer(call, Service::iam, "GetRole", [&](XmlWriter& x) {
    x.open("Role");
    write_role(x, role->row, iam.arn_of(role->row), With::all);
    x.close("Role");
  });
}

Result<Reply> list_roles(Call& call) {
  COFFER_TRY(const auto prefix, text(call.body, "PathPrefix"));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const auto roles, iam.roles(prefix.value_or("/")));
  std::vector<std::string> names;
  for (const AwsRolePtr& role : roles) names.push_back(domain::aws_name_key(*role->row.name));
  COFFER_TRY(const Page page, page_of(call, "ListRoles", names));
  return xml_answer(call, Service::iam, "ListRoles", [&](XmlWriter& x) {
    x.open("Roles");
    for (std::size_t i = page.begin; i < page.end; ++i) {
      x.open("member");
      write_role(x, roles[i]->row, iam.arn_of(roles[i]->row), With::no_tags);
      x.close("member");
    }
    x.close("Roles");
    write_page_end(x, page);
  });
}

Result<Reply> delete_role(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  COFFER_CHECK(identities_of(call).remove_role(name));
  return xml_answer(call, Service::iam, "DeleteRole");
}

Result<Reply> update_trust(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  COFFER_TRY(const std::string trust, text_or_empty(call.body, "PolicyDocument"));
  COFFER_CHECK(identities_of(call).set_trust(name, trust));
  return xml_answer(call, Service::iam, "UpdateAssumeRolePolicy");
}

Result<Reply> update_role(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  domain::AwsIdentities::RoleChange change;
  COFFER_TRY(change.description, text(call.body, "Description"));
  COFFER_TRY(const auto longest, integer(call.body, "MaxSessionDuration"));
  if (longest) change.max_session = seconds(*longest);
  COFFER_CHECK(identities_of(call).change_role(name, change));
  return xml_answer(call, Service::iam, "UpdateRole", [](XmlWriter&) {});
}

// There are no instances, so no role has a profile of them.
Result<Reply> list_profiles(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  COFFER_CHECK(identities_of(call).role(name));
  return xml_answer(call, Service::iam, "ListInstanceProfilesForRole", [&](XmlWriter& x) {
    x.open("InstanceProfiles").close("InstanceProfiles");
    write_page_end(x, {});
  });
}

constexpr Member kDescription{.name = "Description", .max = 1000};
constexpr Member kLongest{
    .name = "MaxSessionDuration", .kind = Kind::integer, .min = 3600, .max = 43200};
constexpr Member kCreateMembers[] = {
    kRoleName,
    kPath,
    {.name = "AssumeRolePolicyDocument", .required = true, .min = 1, .max = 131072},
    kDescription,
    kLongest,
    kBoundary,
    kTags};
constexpr Shape kCreate{kCreateMembers};
constexpr Member kOneMembers[] = {kRoleName};
constexpr Shape kOne{kOneMembers};
constexpr Member kListMembers[] = {kPathPrefix, kMarker, kMaxItems};
constexpr Shape kList{kListMembers};
constexpr Member kTrustMembers[] = {kRoleName, kPolicyDocument};
constexpr Shape kTrust{kTrustMembers};
constexpr Member kUpdateMembers[] = {kRoleName, kDescription, kLongest};
constexpr Shape kUpdate{kUpdateMembers};
constexpr Member kProfilesMembers[] = {kRoleName, kMarker, kMaxItems};
constexpr Shape kProfiles{kProfilesMembers};

}  // namespace

OperationTable iam_role_operations() {
  constexpr auto kChanged = proof::EventType::iam_role_changed;
  OperationTable table;
  table.push_back(
      iam_write("CreateRole", kCreate, kChanged, role_resource, create_role, "iam:TagRole"));
  table.push_back(iam_read("GetRole", kOne, role_resource, get_role));
  table.push_back(iam_read("ListRoles", kList, any_resource, list_roles));
  table.push_back(iam_write("DeleteRole", kOne, kChanged, role_resource, delete_role));
  table.push_back(
      iam_write("UpdateAssumeRolePolicy", kTrust, kChanged, role_resource, update_trust));
  table.push_back(iam_write("UpdateRole", kUpdate, kChanged, role_resource, update_role));
  table.push_back(iam_read("ListInstanceProfilesForRole", kProfiles, role_resource, list_profiles));
  return table;
}

}  // namespace coffer::dialects::aws
