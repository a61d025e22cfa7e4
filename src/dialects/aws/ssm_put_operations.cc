// Parameter Store: PutParameter, DeleteParameter, DeleteParameters.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_cipher.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_shapes.h"
#include "domain/parameters/allowed_pattern.h"
#include "domain/parameters/service_settings.h"

#include <algorithm>
#include <set>

namespace coffer::dialects::aws {
namespace {

using domain::ParameterType;
using gate::Reply;
using policy::Access;
using policy::Capability;
using proof::EventType;

constexpr Member kPutMembers[] = {parameter_name_member(),
                                  {.name = "Description", .max = 1024},
                                  {.name = "Value", .required = true, .sensitive = true},
                                  {.name = "Type", .values = kParameterTypes},
                                  {.name = "KeyId",
                                   .min = 1,
                                   .max = 256,
                                   .pattern = "^([a-zA-Z0-9:/_-]+)$",
                                   .alphabet = "a-zA-Z0-9:/_-"},
                                  {.name = "Overwrite", .kind = Kind::boolean},
                                  {.name = "AllowedPattern", .max = 1024},
                                  ssm_tags_member(false),
                                  {.name = "Tier", .values = kParameterTiers},
                                  {.name = "Policies", .min = 1, .max = 4096},
                                  {.name = "DataType", .max = 128}};
constexpr Shape kPut{kPutMembers};
constexpr Member kDeleteMembers[] = {parameter_name_member()};
constexpr Shape kDelete{kDeleteMembers};
constexpr Member kDeleteManyMembers[] = {kParameterNames};
constexpr Shape kDeleteMany{kDeleteManyMembers};

constexpr SsmRule kPutRule{"secret.write", "PutParameter", Capability::update};
constexpr SsmRule kTagRule{"secret.metadata.write", "AddTagsToResource", Capability::update};
constexpr SsmRule kDeleteRule{
    "secret.metadata.delete", "DeleteParameter", Capability::del, "metadata/"};
constexpr SsmRule kDeleteManyRule{
    "secret.metadata.delete", "DeleteParameters", Capability::del, "metadata/"};

// Rows of a unit that removals may stage; the rest is the gate's.
constexpr std::size_t kRemovalRows = 90;

// What the request asks for, and what the views in it borrow from.
struct AskedPut {
  std::string name;
  secure::SecureText value;
  std::string author;
  domain::ParameterPut put;
};

Result<domain::ParameterTags> tags_of(const formats::JsonView& body) {
  domain::ParameterTags tags;
  for (const auto& tag : items(body, "Tags")) {
    COFFER_TRY(std::string key, text_or_empty(tag, "Key"));
    COFFER_TRY(tags[std::move(key)], text_or_empty(tag, "Value"));
  }
  return tags;
}

// Fills in what is handed back with stable addresses.
Result<> ask(const Ssm& ssm, AskedPut& asked) {
  const formats::JsonView& body = ssm.call.body;
  COFFER_TRY(asked.name, text_or_empty(body, "Name"));
  COFFER_TRY(auto value, secret_text(body, "Value"));
  asked.value = *std::move(value);
  asked.author = ssm.author();
  domain::ParameterPut& put = asked.put;
  put.name = asked.name;
  put.value = asked.value.text();
  put.author = asked.author;
  put.region = ssm.call.routing.region;
  COFFER_TRY(const auto type, text(body, "Type"));
  if (type) put.type = domain::parse_parameter_type(*type);
  COFFER_TRY(const auto tier, text(body, "Tier"));
  if (tier) put.tier = domain::parse_parameter_tier(*tier);
  COFFER_TRY(put.key_id, text(body, "KeyId"));
  COFFER_TRY(put.description, text(body, "Description"));
  COFFER_TRY(put.allowed_pattern, text(body, "AllowedPattern"));
  COFFER_TRY(put.policies, text(body, "Policies"));
  COFFER_TRY(put.data_type, text(body, "DataType"));
  if (put.data_type && put.data_type->empty()) put.data_type.reset();
  COFFER_TRY(put.tags, tags_of(body));
  COFFER_TRY(put.overwrite, flag(body, "Overwrite"));
  return {};
}

// The key that the new version will be sealed under; empty: none.
Result<std::string> key_of_put(const Ssm& ssm, const NamedParameter& named) {
  COFFER_TRY(const auto type, text(ssm.call.body, "Type"));
  COFFER_TRY(const auto key_id, text(ssm.call.body, "KeyId"));
  const bool secure =
      type ? *type == to_text(ParameterType::secure_string)
           : named.parameter && named.parameter->row->current->type == ParameterType::secure_string;
  if (!secure) return std::string();
  if (key_id) return *key_id;
  const std::string before =
      named.parameter ? named.parameter->row->current->key_id : std::string();
  return before.empty() ? std::string(domain::kDefaultParameterKey) : before;
}

Result<std::vector<Access>> may_put(Ssm& ssm) {
  COFFER_TRY(const std::string name, text_or_empty(ssm.call.body, "Name"));
  COFFER_TRY(const std::string checked, domain::check_parameter_name(name));
  COFFER_TRY(const NamedParameter named, ssm.named(checked));
  std::vector<Access> all;
  COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, kPutRule));
  if (!named.parameter) all.back().capability = Capability::create;
  COFFER_TRY(const domain::ParameterTags tags, tags_of(ssm.call.body));
  if (!tags.empty()) {
    COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, kTagRule));
  }
  for (const auto& [key, value] : tags) {
    for (Access& each : all) {
      each.iam->context.add("aws:RequestTag/" + key, value);
      each.iam->context.add("aws:TagKeys", key);
    }
  }
  COFFER_TRY(const std::string key_id, key_of_put(ssm, named));
  if (key_id.empty()) return all;
  const std::string arn =
      named.parameter ? ssm.arn(*named.parameter->row) : ssm.arn(ssm.call.routing.region, checked);
  COFFER_TRY(auto key, sealing_access(ssm, key_id, arn));
  if (key) all.push_back(*std::move(key));
  return all;
}

Result<Reply> put_parameter(Ssm& ssm) {
  AskedPut asked;
  COFFER_CHECK(ask(ssm, asked));
  COFFER_TRY(const domain::ParameterTier tier, domain::default_parameter_tier(*ssm.call.view));
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(domain::PlannedPut planned, parameters.plan(asked.put, tier));
  const domain::ParameterVersion& next = *planned.row.current;
  COFFER_CHECK(domain::check_allowed_pattern(next.allowed_pattern, asked.put.value));
  ssm.call.event.type = planned.exists ? EventType::secret_updated : EventType::secret_created;
  domain::ParameterVersion put;
  if (next.type == ParameterType::secure_string) {
    COFFER_TRY(const std::string sealed,
               seal_secure_string(ssm, next.key_id, ssm.arn(planned.row), asked.put.value));
    COFFER_TRY(put, parameters.put(std::move(planned), sealed));
  } else {
    COFFER_TRY(put, parameters.put(std::move(planned), asked.put.value));
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Version").integer(static_cast<std::int64_t>(put.number));
    w.key("Tier").string(to_text(put.tier));
  });
}

Result<Reply> delete_parameter(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, ssm.named_plainly());
  if (!named.parameter) return domain::parameter_not_found(named.text);
  COFFER_CHECK(ssm.parameters().remove(named.reference.name, kRemovalRows));
  return json_answer([](formats::JsonWriter&) {});
}

// The names, each once, in order.
Result<std::set<std::string>> names_of(const Ssm& ssm) {
  COFFER_TRY(const std::vector<std::string> names, texts(ssm.call.body, "Names"));
  return std::set<std::string>(names.begin(), names.end());
}

Result<std::vector<Access>> may_delete_many(Ssm& ssm) {
  COFFER_TRY(const auto names, names_of(ssm));
  std::vector<Access> all;
  for (const std::string& name : names) {
    if (name.contains(':')) continue;  // names nothing
    COFFER_TRY(const NamedParameter named, ssm.named(name));
    COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, kDeleteManyRule));
  }
  if (all.empty()) all.push_back(folder_access(ssm, "", kDeleteManyRule));
  return all;
}

Result<Reply> delete_parameters(Ssm& ssm) {
  COFFER_TRY(const auto names, names_of(ssm));
  std::vector<std::string> deleted;
  std::vector<std::string> invalid;
  for (const std::string& name : names) {
    bool there = false;
    if (!name.contains(':')) {
      COFFER_TRY(const NamedParameter named, ssm.named(name));
      there = named.parameter.has_value();
      if (there) {
        COFFER_CHECK(ssm.parameters().remove(named.reference.name, kRemovalRows / names.size()));
      }
    }
    (there ? deleted : invalid).push_back(name);
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("DeletedParameters").strings(deleted);
    w.key("InvalidParameters").strings(invalid);
  });
}

}  // namespace

void add_ssm_put_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(services,
                                "PutParameter",
                                kPut,
                                EventType::secret_updated,
                                may_put,
                                put_parameter,
                                SsmHome::made));
  table.push_back(ssm_operation(services,
                                "DeleteParameter",
                                kDelete,
                                EventType::secret_deleted,
                                on_parameter(kDeleteRule),
                                delete_parameter));
  table.push_back(ssm_operation(services,
                                "DeleteParameters",
                                kDeleteMany,
                                EventType::secret_deleted,
                                may_delete_many,
                                delete_parameters));
}

}  // namespace coffer::dialects::aws
