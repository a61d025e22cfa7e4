// IAM: access keys.

#include "dialects/aws/iam_parts.h"

namespace coffer::dialects::aws {
namespace {

using formats::XmlWriter;
using gate::Call;
using gate::Reply;

Result<Reply> create_key(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const domain::NewAwsAccessKey made, iam.create_key(name));
  COFFER_TRY(const domain::AwsUserPtr user, iam.user(name));
  call.note("access_key_id", made.id);
  return xml_answer(call, Service::iam, "CreateAccessKey", [&](XmlWriter& x) {
    x.open("AccessKey");
    x.element("UserName", *user->row.name);
    x.element("AccessKeyId", made.id);
    x.element("Status", "Active");
    x.element("SecretAccessKey", made.secret.text());
    x.element("CreateDate", xml_time(call.now));
    x.close("AccessKey");
  });
}

Result<Reply> list_keys(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_TRY(const auto keys, identities_of(call).keys_of(name));
  return xml_answer(call, Service::iam, "ListAccessKeys", [&](XmlWriter& x) {
    x.element("UserName", name);
    x.open("AccessKeyMetadata");
    for (const domain::AwsAccessKeyPtr& key : keys) {
      x.open("member");
      x.element("UserName", *key->row.user);
      x.element("AccessKeyId", *key->row.id);
      x.element("Status", *key->row.active ? "Active" : "Inactive");
      x.element("CreateDate", xml_time(*key->row.created));
      x.close("member");
    }
    x.close("AccessKeyMetadata");
    write_page_end(x, {});
  });
}

Result<Reply> update_key(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_TRY(const std::string id, text_or_empty(call.body, "AccessKeyId"));
  COFFER_TRY(const std::string status, text_or_empty(call.body, "Status"));
  COFFER_CHECK(identities_of(call).set_key_active(name, id, status == "Active"));
  call.note("access_key_id", id);
  return xml_answer(call, Service::iam, "UpdateAccessKey");
}

Result<Reply> delete_key(Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_TRY(const std::string id, text_or_empty(call.body, "AccessKeyId"));
  COFFER_CHECK(identities_of(call).remove_key(name, id));
  call.note("access_key_id", id);
  return xml_answer(call, Service::iam, "DeleteAccessKey");
}

Result<Reply> last_used(Call& call) {
  COFFER_TRY(const std::string id, text_or_empty(call.body, "AccessKeyId"));
  COFFER_TRY(const domain::AwsKeyUse use, identities_of(call).key_use(id));
  return xml_answer(call, Service::iam, "GetAccessKeyLastUsed", [&](XmlWriter& x) {
    x.element("UserName", use.user);
    x.open("AccessKeyLastUsed");
    if (use.last) x.element("LastUsedDate", xml_time(*use.last->last));
    x.element("Region", use.last ? *use.last->region : "N/A");
    x.element("ServiceName", use.last ? *use.last->service : "N/A");
    x.close("AccessKeyLastUsed");
  });
}

// The user whose key it is.
Result<IamTarget> owner_resource(Call& call) {
  COFFER_TRY(const std::string id, text_or_empty(call.body, "AccessKeyId"));
  COFFER_TRY(const auto key, call.view->find<domain::AwsAccessKeyRow>(id));
  if (!key) return IamTarget{"*"};
  COFFER_TRY(const auto user,
             call.view->find<domain::AwsUserRow>(domain::aws_name_key(*key->row.user)));
  if (!user) return IamTarget{"*"};
  return IamTarget{identities_of(call).arn_of(user->row), user->row.grants->tags};
}

constexpr std::string_view kStatuses[] = {"Active", "Inactive"};
constexpr Member kKeyId{.name = "AccessKeyId",
                        .required = true,
                        .min = 3,  // of AWS: 16; development servers may choose shorter ones
                        .max = 128,
                        .pattern = "[\\w]+",
                        .alphabet = "a-zA-Z0-9_"};
constexpr Member kOneMembers[] = {kUserName};
constexpr Shape kOne{kOneMembers};
constexpr Member kListMembers[] = {kUserName, kMarker, kMaxItems};
constexpr Shape kList{kListMembers};
constexpr Member kUpdateMembers[] = {
    kUserName, kKeyId, {.name = "Status", .required = true, .values = kStatuses}};
constexpr Shape kUpdate{kUpdateMembers};
constexpr Member kDeleteMembers[] = {kUserName, kKeyId};
constexpr Shape kDelete{kDeleteMembers};
constexpr Member kUsedMembers[] = {kKeyId};
constexpr Shape kUsed{kUsedMembers};

}  // namespace

OperationTable iam_key_operations() {
  using proof::EventType;
  OperationTable table;
  table.push_back(iam_write(
      "CreateAccessKey", kOne, EventType::iam_access_key_created, user_resource, create_key));
  table.push_back(iam_read("ListAccessKeys", kList, user_resource, list_keys));
  table.push_back(iam_write(
      "UpdateAccessKey", kUpdate, EventType::iam_access_key_changed, user_resource, update_key));
  table.push_back(iam_write(
      "DeleteAccessKey", kDelete, EventType::iam_access_key_deleted, user_resource, delete_key));
  table.push_back(iam_read("GetAccessKeyLastUsed", kUsed, owner_resource, last_used));
  return table;
}

}  // namespace coffer::dialects::aws
