// IAM: users.

#include "dialects/aws/iam_parts.h"

namespace coffer::dialects::aws {
namespace {

using domain::AwsUserPtr;
using domain::AwsUserRow;
using formats::XmlWriter;
using gate::Call;
using gate::Reply;

enum class With : std::uint8_t { all, no_tags };

void write_user(XmlWriter& x, const AwsUserRow& user, const std::string& arn, With with) {
  x.element("Path", *user.path);
  x.element("UserName", *user.name);
  x.element("UserId", *user.id);
  x.element("Arn", arn);
  x.element("CreateDate", xml_time(*user.created));
  if (with == With::all && !user.grants->tags.empty()) write_tags(x, user.grants->tags);
}

Result<Reply> create_user(Call& call) {
  COFFER_CHECK(refuse_boundary(call));
  domain::NewAwsUser wanted;
  COFFER_TRY(wanted.name, user_name(call));
  COFFER_TRY(const auto path, text(call.body, "Path"));
  if (path) wanted.path = *path;
  COFFER_TRY(wanted.tags, tags_of(call));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const AwsUserRow user, iam.create_user(wanted));
  return xml_answer(call, Service::iam, "CreateUser", [&](XmlWriter& x) {
    x.open("User");
    write_user(x, user, iam.arn_of(user), With::all);
    x.close("User");
  });
}

Result<Reply> get_user(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const AwsUserPtr user, iam.user(name));
  return xml_answer(call, Service::iam, "GetUser", [&](XmlWriter& x) {
    x.open("User");
    write_user(x, user->row, iam.arn_of(user->row), With::all);
    x.close("User");
  });
}

Result<Reply> list_users(Call& call) {
  COFFER_TRY(const auto prefix, text(call.body, "PathPrefix"));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const auto users, iam.users(prefix.value_or("/")));
  std::vector<std::string> names;
  for (const AwsUserPtr& user : users) names.push_back(domain::aws_name_key(*user->row.name));
  COFFER_TRY(const Page page, page_of(call, "ListUsers", names));
  return xml_answer(call, Service::iam, "ListUsers", [&](XmlWriter& x) {
    x.open("Users");
    for (std::size_t i = page.begin; i < page.end; ++i) {
      x.open("member");
      write_user(x, users[i]->row, iam.arn_of(users[i]->row), With::no_tags);
      x.close("member");
    }
    x.close("Users");
    write_page_end(x, page);
  });
}

Result<Reply> delete_user(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_CHECK(identities_of(call).remove_user(name));
  return xml_answer(call, Service::iam, "DeleteUser");
}

// There are no groups: every user is in none.
Result<Reply> list_groups(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_CHECK(identities_of(call).user(name));
  return xml_answer(call, Service::iam, "ListGroupsForUser", [&](XmlWriter& x) {
    x.open("Groups").close("Groups");
    write_page_end(x, {});
  });
}

constexpr Member kCreateMembers[] = {kRequiredUserName, kPath, kBoundary, kTags};
constexpr Shape kCreate{kCreateMembers};
constexpr Member kOneMembers[] = {kUserName};
constexpr Shape kOne{kOneMembers};
constexpr Member kRequiredMembers[] = {kRequiredUserName};
constexpr Shape kRequired{kRequiredMembers};
constexpr Member kListMembers[] = {kPathPrefix, kMarker, kMaxItems};
constexpr Shape kList{kListMembers};

}  // namespace

OperationTable iam_user_operations() {
  constexpr auto kChanged = proof::EventType::iam_user_changed;
  OperationTable table;
  table.push_back(
      iam_write("CreateUser", kCreate, kChanged, user_resource, create_user, "iam:TagUser"));
  table.push_back(iam_read("GetUser", kOne, user_resource, get_user));
  table.push_back(iam_read("ListUsers", kList, any_resource, list_users));
  table.push_back(iam_write("DeleteUser", kRequired, kChanged, user_resource, delete_user));
  table.push_back(iam_read("ListGroupsForUser", kRequired, user_resource, list_groups));
  return table;
}

}  // namespace coffer::dialects::aws
