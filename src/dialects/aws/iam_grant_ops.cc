// IAM: the policies and tags of users and roles.

#include "dialects/aws/iam_parts.h"

namespace coffer::dialects::aws {
namespace {

using domain::AwsGrants;
using domain::AwsOwner;
using formats::XmlWriter;
using gate::Call;
using gate::Handler;
using gate::Reply;

// The operations of one kind of owner: their names differ by one word.
struct Side {
  AwsOwner kind;
  std::string word;         // "User"
  std::string name_member;  // "UserName"
};

Result<std::string> owner_name(const Side& side, const Call& call) {
  return text_or_empty(call.body, side.name_member);
}

Result<AwsGrants> grants_of(const Side& side, Call& call) {
  COFFER_TRY(const std::string name, owner_name(side, call));
  return identities_of(call).grants(side.kind, name);
}

Handler put_policy(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const std::string policy, text_or_empty(call.body, "PolicyName"));
    COFFER_TRY(const std::string document, text_or_empty(call.body, "PolicyDocument"));
    COFFER_CHECK(identities_of(call).embed(side.kind, name, policy, document));
    call.note("policy", policy);
    return xml_answer(call, Service::iam, "Put" + side.word + "Policy");
  };
}

Handler get_policy(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const std::string policy, text_or_empty(call.body, "PolicyName"));
    COFFER_TRY(const AwsGrants grants, identities_of(call).grants(side.kind, name));
    const auto found = grants.embedded.find(policy);
    if (found == grants.embedded.end()) {
      return aws::fail(Code::not_found,
                       "NoSuchEntity",
                       "The " + std::string(domain::to_text(side.kind)) + " policy with name " +
                           policy + " cannot be found.");
    }
    return xml_answer(call, Service::iam, "Get" + side.word + "Policy", [&](XmlWriter& x) {
      x.element(side.name_member, name);
      x.element("PolicyName", policy);
      x.element("PolicyDocument", xml_document(found->second.text));
    });
  };
}

Handler delete_policy(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const std::string policy, text_or_empty(call.body, "PolicyName"));
    COFFER_CHECK(identities_of(call).remove_embedded(side.kind, name, policy));
    call.note("policy", policy);
    return xml_answer(call, Service::iam, "Delete" + side.word + "Policy");
  };
}

Handler list_policies(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const AwsGrants grants, grants_of(side, call));
    return xml_answer(call, Service::iam, "List" + side.word + "Policies", [&](XmlWriter& x) {
      x.open("PolicyNames");
      for (const auto& [name, policy] : grants.embedded) x.element("member", name);
      x.close("PolicyNames");
      write_page_end(x, {});
    });
  };
}

Handler attach(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
    COFFER_CHECK(identities_of(call).attach(side.kind, name, arn));
    call.note("policy", arn);
    return xml_answer(call, Service::iam, "Attach" + side.word + "Policy");
  };
}

Handler detach(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const std::string arn, text_or_empty(call.body, "PolicyArn"));
    COFFER_CHECK(identities_of(call).detach(side.kind, name, arn));
    call.note("policy", arn);
    return xml_answer(call, Service::iam, "Detach" + side.word + "Policy");
  };
}

Handler list_attached(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const AwsGrants grants, grants_of(side, call));
    const std::string operation = "ListAttached" + side.word + "Policies";
    return xml_answer(call, Service::iam, operation, [&](XmlWriter& x) {
      x.open("AttachedPolicies");
      for (const std::string& arn : grants.attached) {
        x.open("member");
        x.element("PolicyName", std::string_view(arn).substr(arn.rfind('/') + 1));
        x.element("PolicyArn", arn);
        x.close("member");
      }
      x.close("AttachedPolicies");
      write_page_end(x, {});
    });
  };
}

Handler tag(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const auto tags, tags_of(call));
    COFFER_CHECK(identities_of(call).tag(side.kind, name, tags));
    return xml_answer(call, Service::iam, "Tag" + side.word);
  };
}

Handler untag(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const std::string name, owner_name(side, call));
    COFFER_TRY(const auto keys, texts(call.body, "TagKeys"));
    COFFER_CHECK(identities_of(call).untag(side.kind, name, keys));
    return xml_answer(call, Service::iam, "Untag" + side.word);
  };
}

Handler list_tags(const Side& side) {
  return [side](Call& call) -> Result<Reply> {
    COFFER_TRY(const AwsGrants grants, grants_of(side, call));
    return xml_answer(call, Service::iam, "List" + side.word + "Tags", [&](XmlWriter& x) {
      write_tags(x, grants.tags);
      write_page_end(x, {});
    });
  };
}

// The shapes of one side, by its name member.
template <const Member& kName>
struct Shapes {
  static constexpr Member kRequiredTags{
      .name = "Tags", .kind = Kind::list, .required = true, .max = 50, .item = &kTagItem};
  static constexpr Member kPutMembers[] = {kName, kPolicyName, kPolicyDocument};
  static constexpr Shape kPut{kPutMembers};
  static constexpr Member kOneMembers[] = {kName, kPolicyName};
  static constexpr Shape kOne{kOneMembers};
  static constexpr Member kListMembers[] = {kName, kMarker, kMaxItems};
  static constexpr Shape kList{kListMembers};
  static constexpr Member kAttachMembers[] = {kName, kPolicyArn};
  static constexpr Shape kAttach{kAttachMembers};
  static constexpr Member kTagMembers[] = {kName, kRequiredTags};
  static constexpr Shape kTag{kTagMembers};
  static constexpr Member kUntagMembers[] = {kName, kTagKeys};
  static constexpr Shape kUntag{kUntagMembers};
};

template <const Member& kName>
void add_side(OperationTable& table, const Side& side, const IamResource& resource) {
  using S = Shapes<kName>;
  using proof::EventType;
  const bool user = side.kind == AwsOwner::user;
  const EventType changed = user ? EventType::iam_user_changed : EventType::iam_role_changed;
  const EventType attached = EventType::iam_policy_attached;
  const std::string& word = side.word;
  table.push_back(iam_write("Put" + word + "Policy", S::kPut, changed, resource, put_policy(side)));
  table.push_back(iam_read("Get" + word + "Policy", S::kOne, resource, get_policy(side)));
  table.push_back(
      iam_write("Delete" + word + "Policy", S::kOne, changed, resource, delete_policy(side)));
  table.push_back(iam_read("List" + word + "Policies", S::kList, resource, list_policies(side)));
  table.push_back(
      iam_write("Attach" + word + "Policy", S::kAttach, attached, resource, attach(side)));
  table.push_back(
      iam_write("Detach" + word + "Policy", S::kAttach, attached, resource, detach(side)));
  table.push_back(
      iam_read("ListAttached" + word + "Policies", S::kList, resource, list_attached(side)));
  table.push_back(iam_write("Tag" + word, S::kTag, changed, resource, tag(side)));
  table.push_back(iam_write("Untag" + word, S::kUntag, changed, resource, untag(side)));
  table.push_back(iam_read("List" + word + "Tags", S::kList, resource, list_tags(side)));
}

}  // namespace

OperationTable iam_grant_operations() {
  OperationTable table;
  add_side<kRequiredUserName>(table, {AwsOwner::user, "User", "UserName"}, user_resource);
  add_side<kRoleName>(table, {AwsOwner::role, "Role", "RoleName"}, role_resource);
  return table;
}

}  // namespace coffer::dialects::aws
