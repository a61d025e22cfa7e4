#include "dialects/aws/request_conditions.h"

#include "dialects/aws/params.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

using formats::JsonView;

const Member* member_of(const Shape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.members, name, &Member::name);
  return found == shape.members.end() ? nullptr : &*found;
}

}  // namespace

RequestConditions::RequestConditions(Service service, const Shape& shape)
    : service_(service), tags_(member_of(shape, "Tags")), tag_keys_(member_of(shape, "TagKeys")) {}

Result<> RequestConditions::add(const JsonView& body, std::vector<policy::Access>& accesses) const {
  policy::IamContext said;
  COFFER_CHECK(add_tags(body, said));
  if (said.empty()) return {};
  const std::string own = std::string(facts_of(service_).name) + ":";
  for (policy::Access& access : accesses) {
    if (access.iam && access.iam->action.starts_with(own)) access.iam->context.set_all(said);
  }
  return {};
}

// Tags whose keys differ by their case are several values of one key.
Result<> RequestConditions::add_tags(const JsonView& body, policy::IamContext& out) const {
  if (tags_ != nullptr) {
    // KMS has words of its own.
    const bool kms = service_ == Service::kms;
    for (const JsonView& tag : items(body, tags_->name)) {
      COFFER_TRY(std::string key, text_or_empty(tag, kms ? "TagKey" : "Key"));
      COFFER_TRY(std::string value, text_or_empty(tag, kms ? "TagValue" : "Value"));
      out.add("aws:RequestTag/" + key, std::move(value));
      out.add("aws:TagKeys", std::move(key));
    }
  }
  if (tag_keys_ == nullptr) return {};
  COFFER_TRY(const auto keys, texts(body, tag_keys_->name));
  for (const std::string& key : keys) out.add("aws:TagKeys", key);
  return {};
}

}  // namespace coffer::dialects::aws
