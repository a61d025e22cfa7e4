// Parameter Store: AddTagsToResource, RemoveTagsFromResource, ListTagsForResource.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_shapes.h"

namespace coffer::dialects::aws {
namespace {

using gate::Reply;
using policy::Access;
using policy::Capability;
using proof::EventType;

constexpr Member kResourceType{.name = "ResourceType", .required = true};
constexpr Member kResourceId{.name = "ResourceId", .required = true};
constexpr Member kTagKey{.min = 1, .max = 128};
constexpr Member kAddMembers[] = {kResourceType, kResourceId, ssm_tags_member(true)};
constexpr Shape kAdd{kAddMembers};
constexpr Member kRemoveMembers[] = {
    kResourceType,
    kResourceId,
    {.name = "TagKeys", .kind = Kind::list, .required = true, .item = &kTagKey}};
constexpr Shape kRemove{kRemoveMembers};
constexpr Member kListMembers[] = {kResourceType, kResourceId};
constexpr Shape kList{kListMembers};

constexpr SsmRule kAddRule{
    "secret.metadata.write", "AddTagsToResource", Capability::update, "metadata/"};
constexpr SsmRule kRemoveRule{
    "secret.metadata.write", "RemoveTagsFromResource", Capability::update, "metadata/"};
constexpr SsmRule kListRule{
    "secret.metadata.read", "ListTagsForResource", Capability::read, "metadata/"};

// The parameter that is tagged; absent when there is none.
Result<NamedParameter> tagged(const Ssm& ssm) {
  COFFER_TRY(const std::string type, text_or_empty(ssm.call.body, "ResourceType"));
  if (type != "Parameter") {
    return aws::fail(Code::invalid_argument, "InvalidResourceType", "Invalid Resource Type");
  }
  auto named = ssm.named_plainly("ResourceId");
  if (!named && named.error().code == Code::not_found) return NamedParameter{};
  return named;
}

Result<NamedParameter> tagged_now(const Ssm& ssm) {
  COFFER_TRY(NamedParameter named, tagged(ssm));
  if (!named.parameter) {
    return aws::fail(Code::not_found, "InvalidResourceId", "Invalid Resource Id");
  }
  return named;
}

SsmResolve on_tagged(const SsmRule& rule) {
  return [rule](Ssm& ssm) -> Result<std::vector<Access>> {
    COFFER_TRY(const NamedParameter named, tagged(ssm));
    std::vector<Access> all;
    COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, rule));
    return all;
  };
}

Result<Reply> add_tags(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, tagged_now(ssm));
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(domain::ParameterRow row, parameters.open_row(*named.parameter));
  for (const auto& tag : items(ssm.call.body, "Tags")) {
    COFFER_TRY(std::string key, text_or_empty(tag, "Key"));
    if (key.starts_with("aws:")) {
      return aws::fail(Code::invalid_argument,
                       "ValidationException",
                       "Tag keys can't be prefixed with \"aws:\".");
    }
    COFFER_TRY((*row.tags)[std::move(key)], text_or_empty(tag, "Value"));
  }
  if (row.tags->size() > domain::kMaxParameterTags) {
    return aws::fail(
        Code::exhausted, "TooManyTagsError", "A parameter can have a maximum of 50 tags.");
  }
  COFFER_CHECK(parameters.put_row(std::move(row)));
  return json_answer([](formats::JsonWriter&) {});
}

Result<Reply> remove_tags(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, tagged_now(ssm));
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(domain::ParameterRow row, parameters.open_row(*named.parameter));
  COFFER_TRY(const auto keys, texts(ssm.call.body, "TagKeys"));
  std::size_t removed = 0;
  for (const std::string& key : keys) removed += row.tags->erase(key);
  if (removed > 0) COFFER_CHECK(parameters.put_row(std::move(row)));
  return json_answer([](formats::JsonWriter&) {});
}

Result<Reply> list_tags(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, tagged_now(ssm));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("TagList").begin_array();
    for (const auto& [key, value] : *named.parameter->row->tags) {
      w.begin_object().key("Key").string(key).key("Value").string(value).end_object();
    }
    w.end_array();
  });
}

}  // namespace

void add_ssm_tag_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(services,
                                "AddTagsToResource",
                                kAdd,
                                EventType::secret_metadata_changed,
                                on_tagged(kAddRule),
                                add_tags));
  table.push_back(ssm_operation(services,
                                "RemoveTagsFromResource",
                                kRemove,
                                EventType::secret_metadata_changed,
                                on_tagged(kRemoveRule),
                                remove_tags));
  table.push_back(ssm_operation(services,
                                "ListTagsForResource",
                                kList,
                                EventType::secret_metadata_read,
                                on_tagged(kListRule),
                                list_tags));
}

}  // namespace coffer::dialects::aws
