// KMS: policies and tags of keys.
#include "base/encoding.h"
#include "dialects/aws/kms_policy.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using gate::Reply;
using proof::EventType;

constexpr std::size_t kMaxTags = 50;
constexpr std::string_view kDefault = "default";

constexpr Member kPolicyName{
    .name = "PolicyName", .min = 1, .max = 128, .pattern = "[\\w]+", .alphabet = "a-zA-Z0-9_"};
constexpr std::array kGetMembers{key_id_member(), kPolicyName};
constexpr Shape kGet{kGetMembers};
constexpr std::array kPutMembers{
    key_id_member(),
    kPolicyName,
    Member{.name = "Policy", .required = true, .min = 1, .max = 131'072},
    Member{.name = "BypassPolicyLockoutSafetyCheck", .kind = Kind::boolean}};
constexpr Shape kPut{kPutMembers};
constexpr std::array kListMembers{key_id_member(), kLimit, kMarker};
constexpr Shape kList{kListMembers};
constexpr std::array kTagResourceMembers{key_id_member(), tags_member(true)};
constexpr Shape kTagResource{kTagResourceMembers};
constexpr Member kTagKey{.min = 1, .max = 128};
constexpr std::array kUntagMembers{
    key_id_member(),
    Member{.name = "TagKeys", .kind = Kind::list, .required = true, .item = &kTagKey}};
constexpr Shape kUntag{kUntagMembers};

std::unexpected<Error> malformed(std::string message) {
  return aws::fail(Code::invalid_argument, "MalformedPolicyDocumentException", std::move(message));
}

std::unexpected<Error> tag_error(std::string message) {
  return aws::fail(Code::invalid_argument, "TagException", std::move(message));
}

Result<> check_policy_name(const Kms& kms) {
  COFFER_TRY(const auto name, text(kms.call.body, "PolicyName"));
  if (name.value_or(std::string(kDefault)) == kDefault) return {};
  return aws::fail(Code::not_found, "NotFoundException", "No such policy exists");
}

Result<Reply> get_policy(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_policy_name(kms));
  return json_answer([&](JsonWriter& w) {
    w.key("Policy").string(key->policy->empty() ? default_key_policy(kms) : *key->policy);
    w.key("PolicyName").string(kDefault);
  });
}

Result<Reply> put_policy(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_policy_name(kms));
  COFFER_CHECK(check_customers(key));
  COFFER_TRY(const std::string policy, text_or_empty(kms.call.body, "Policy"));
  COFFER_TRY(const bool bypass, flag(kms.call.body, "BypassPolicyLockoutSafetyCheck"));
  COFFER_CHECK(check_key_policy(kms, domain::key_id(*key), policy, bypass));
  domain::KeyAbout about;
  about.policy = policy;
  COFFER_CHECK(kms.keys().describe(*key, about));
  return empty_answer();
}

Result<Reply> list_policies(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(page_of(kms, "ListKeyPolicies", key.arn, 100));
  return json_answer([&](JsonWriter& w) {
    w.key("PolicyNames").begin_array().string(kDefault).end_array();
    w.key("Truncated").boolean(false);
  });
}

Result<Reply> tag_resource(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_not_pending(kms, key));
  COFFER_TRY(const auto given, tags_of(kms.call.body));
  domain::KeyAbout about;
  about.tags = *key->tags;
  for (const domain::KeyTag& tag : given) {
    const auto at = std::ranges::find(*about.tags, tag.key, &domain::KeyTag::key);
    if (at != about.tags->end()) {
      at->value = tag.value;
    } else {
      about.tags->push_back(tag);
    }
  }
  COFFER_CHECK(check_tag_count(*about.tags));
  COFFER_CHECK(kms.keys().describe(*key, about));
  return empty_answer();
}

Result<Reply> untag_resource(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_not_pending(kms, key));
  COFFER_TRY(const auto names, texts(kms.call.body, "TagKeys"));
  domain::KeyAbout about;
  about.tags = *key->tags;
  std::erase_if(*about.tags, [&](const domain::KeyTag& tag) {
    return std::ranges::find(names, tag.key) != names.end();
  });
  COFFER_CHECK(kms.keys().describe(*key, about));
  return empty_answer();
}

Result<Reply> list_tags(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_TRY(const PageAsked page, page_of(kms, "ListResourceTags", key.arn, 50));
  std::vector<domain::KeyTag> tags = *key->tags;
  std::ranges::sort(tags, {}, &domain::KeyTag::key);
  const auto first = std::ranges::upper_bound(tags, page.position, {}, &domain::KeyTag::key);
  tags.erase(tags.begin(), page.position.empty() ? tags.begin() : first);
  std::optional<std::string> next;
  if (tags.size() > page.limit) {
    tags.resize(page.limit);
    next = tags.back().key;
  }
  Result<> paged;
  Reply reply = json_answer([&](JsonWriter& w) {
    w.key("Tags").begin_array();
    for (const domain::KeyTag& tag : tags) {
      w.begin_object();
      w.key("TagKey").string(tag.key);
      w.key("TagValue").string(tag.value);
      w.end_object();
    }
    w.end_array();
    paged = write_page(kms, w, "ListResourceTags", key.arn, next);
  });
  COFFER_CHECK(std::move(paged));
  return reply;
}

}  // namespace

std::string default_key_policy(const Kms& kms) {
  return R"({
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::)" +
         kms.account + R"(:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
})";
}

Result<> check_key_policy(const Kms& kms,
                          std::string_view key_id,
                          std::string_view text,
                          bool bypass) {
  if (text.size() > domain::kMaxKeyPolicy) {
    return aws::fail(Code::too_large, "LimitExceededException", "The key policy is too long.");
  }
  const auto compiled = domain::compile_key_policy(key_id, 0, text);
  if (!compiled) return malformed(compiled.error().message);
  if (bypass || kms.call.facts == nullptr) return {};
  policy::Access access;
  access.iam.emplace();
  access.iam->action = "kms:PutKeyPolicy";
  access.iam->resource = "*";
  access.iam->consent_policy = *compiled;
  const policy::Decision decision = policy::decide(access, *kms.call.facts, {});
  // What the account allows the caller is another matter: the policy must leave it to the account.
  if (decision.allowed || decision.denial == policy::Denial::nothing_allows) return {};
  return malformed("The new key policy will not allow you to update the key policy in the future.");
}

Result<std::vector<domain::KeyTag>> tags_of(const formats::JsonView& body) {
  std::vector<domain::KeyTag> tags;
  for (const formats::JsonView& item : items(body, "Tags")) {
    domain::KeyTag tag;
    COFFER_TRY(tag.key, text_or_empty(item, "TagKey"));
    COFFER_TRY(tag.value, text_or_empty(item, "TagValue"));
    if (tag.key.starts_with("aws:")) return tag_error("Tags beginning with aws: are reserved");
    if (std::ranges::find(tags, tag.key, &domain::KeyTag::key) != tags.end()) {
      return tag_error("Duplicate tag keys");
    }
    tags.push_back(std::move(tag));
  }
  return tags;
}

Result<> check_tag_count(const std::vector<domain::KeyTag>& tags) {
  if (tags.size() <= kMaxTags) return {};
  return tag_error("Too many tags");
}

void add_kms_policy_operations(OperationTable& table, const Services& services) {
  using policy::Capability;
  const auto add = [&](const Shape& shape,
                       EventType event,
                       std::string_view action,
                       std::string_view name,
                       std::string_view path,
                       Capability capability,
                       KmsHandler handler) {
    table.push_back(
        kms_operation(services,
                      shape,
                      event,
                      {.action = action, .iam = name, .path = path, .capability = capability},
                      handler));
  };
  constexpr std::string_view kPolicyPath = "keys/{}/policy";
  constexpr std::string_view kTagPath = "keys/{}/tags";
  add(kGet,
      EventType::key_read,
      "kms.policy.read",
      "GetKeyPolicy",
      kPolicyPath,
      Capability::read,
      get_policy);
  add(kPut,
      EventType::key_policy_changed,
      "kms.policy.write",
      "PutKeyPolicy",
      kPolicyPath,
      Capability::update,
      put_policy);
  add(kList,
      EventType::key_read,
      "kms.policy.read",
      "ListKeyPolicies",
      kPolicyPath,
      Capability::list,
      list_policies);
  add(kTagResource,
      EventType::key_configured,
      "kms.tag",
      "TagResource",
      kTagPath,
      Capability::update,
      tag_resource);
  add(kUntag,
      EventType::key_configured,
      "kms.untag",
      "UntagResource",
      kTagPath,
      Capability::update,
      untag_resource);
  add(kList,
      EventType::key_read,
      "kms.read",
      "ListResourceTags",
      kTagPath,
      Capability::read,
      list_tags);
}

}  // namespace coffer::dialects::aws
