#include "domain/parameters/parameters.h"
#include "domain/secrets/version_table.h"
#include "formats/json.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// Records of dropped versions that one put erases; a unit has no room for more. What stays belongs
// to no version.
constexpr std::size_t kMaxForgotten = 30;

std::unexpected<Error> invalid(std::string message) {
  return std::unexpected(Error{Code::invalid_argument, std::move(message), "ValidationException"});
}

Result<> check_data_type(std::string_view type) {
  if (type == "text" || type == "aws:ec2:image" || type == "aws:ssm:integration") return {};
  return invalid("The following data type is not supported: " + std::string(type) +
                 " (Data type names are all lowercase.)");
}

Result<> check_value(std::string_view value) {
  if (value.empty()) {
    return invalid(
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1.");
  }
  const std::size_t braces = value.find("{{");
  if (braces != std::string_view::npos && value.find("}}", braces) != std::string_view::npos) {
    return invalid(
        "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.");
  }
  return {};
}

Result<> check_tags(const ParameterTags& tags) {
  if (tags.size() <= kMaxParameterTags) return {};
  return std::unexpected(
      Error{Code::exhausted, "A parameter can have a maximum of 50 tags.", "TooManyTagsError"});
}

// The tier that a version gets, of the one that is asked for.
Result<ParameterTier> choose_tier(ParameterTier asked, std::size_t size, bool policies) {
  const bool large = size > kMaxStandardValue;
  if (size > kMaxAdvancedValue) {
    return invalid(
        "Advanced tier parameters support a maximum parameter value of 8192 characters.");
  }
  if (asked == ParameterTier::intelligent) {
    return large || policies ? ParameterTier::advanced : ParameterTier::standard;
  }
  if (asked == ParameterTier::advanced) return asked;
  if (large) {
    return invalid(
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create "
        "a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For "
        "more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
        "parameter-store-advanced-parameters.html");
  }
  if (policies) {
    return invalid("Parameter policies are supported for advanced tier parameters only.");
  }
  return asked;
}

std::unexpected<Error> would_drop_a_label(const std::string& name, std::uint64_t version) {
  return std::unexpected(
      Error{Code::exhausted,
            "You attempted to create a new version of " + name +
                " by calling the PutParameter API with the overwrite flag. Version " +
                std::to_string(version) +
                ", the oldest version, can't be deleted because it has a label associated with "
                "it. Move the label to another version of the parameter, and try again.",
            "ParameterMaxVersionLimitExceeded"});
}

std::unexpected<Error> already_exists() {
  return std::unexpected(Error{Code::already_exists,
                               "The parameter already exists. To overwrite this value, set the "
                               "overwrite option in the request to true.",
                               "ParameterAlreadyExists"});
}

// What stays of the version before, with what the request says laid over it.
ParameterVersion merged(const ParameterPut& put, const ParameterVersion* before) {
  ParameterVersion next = before != nullptr ? *before : ParameterVersion{};
  if (put.type) next.type = *put.type;
  if (put.description) next.description = *put.description;
  if (put.allowed_pattern) next.allowed_pattern = *put.allowed_pattern;
  if (put.data_type) next.data_type = *put.data_type;
  if (put.key_id) next.key_id = *put.key_id;
  if (next.type != ParameterType::secure_string) {
    next.key_id.clear();
  } else if (next.key_id.empty()) {
    next.key_id = kDefaultParameterKey;
  }
  return next;
}

}  // namespace

Result<ParameterVersion> Parameters::next_version(const ParameterPut& put,
                                                  const ParameterVersion* before,
                                                  ParameterTier default_tier) {
  if (before == nullptr && !put.type) {
    return invalid("A parameter type is required when you create a parameter.");
  }
  if (before != nullptr && put.type && *put.type != before->type) {
    return std::unexpected(
        Error{Code::precondition_failed,
              "Parameter Store doesn't support changing a parameter type in a hierarchy. For "
              "example, you can't change a parameter from a String type to a SecureString type. "
              "You must create a new, unique parameter.",
              "HierarchyTypeMismatchException"});
  }
  ParameterVersion next = merged(put, before);
  COFFER_CHECK(check_data_type(next.data_type));
  if (put.policies) {
    COFFER_TRY(const ParameterPolicies policies, parse_parameter_policies(*put.policies));
    if (policies.expires && *policies.expires <= view_.now()) {
      return std::unexpected(Error{Code::invalid_argument,
                                   "The Expiration policy's Timestamp must be in the future.",
                                   "InvalidPolicyAttributeException"});
    }
    next.policies = policies.all.empty() ? "" : *put.policies;
  }
  const bool advanced = before != nullptr && before->tier == ParameterTier::advanced;
  if (advanced && put.tier == ParameterTier::standard) {
    return invalid(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
        "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the "
        "advanced parameter and recreate it as a standard parameter.");
  }
  const ParameterTier asked = advanced ? ParameterTier::advanced : put.tier.value_or(default_tier);
  COFFER_TRY(next.tier, choose_tier(asked, put.value.size(), !next.policies.empty()));
  next.modified = view_.now();
  next.modified_by = put.author;
  return next;
}

// What the write dropped of the secret's versions: none that carries a label may go, and records of
// the others go with them.
Result<> Parameters::forget_dropped(const PlannedPut& planned, const SecretRow& after) {
  if (!planned.before) return {};
  std::size_t room = kMaxForgotten;
  for (const VersionState& version : *planned.before->row.versions) {
    if (find_version(*after.versions, version.number) != nullptr) continue;
    const bool labelled = std::ranges::any_of(
        *planned.row.labels, [&](const auto& label) { return label.second == version.number; });
    if (labelled && !version.gone(view_.now()))
      return would_drop_a_label(*planned.row.name, version.number);
    if (room == 0) continue;
    --room;
    view_.erase_owned<ParameterVersionRow>(
        parameter_version_key(mount_.id, *after.uid, version.number));
  }
  return {};
}

Result<PlannedPut> Parameters::plan(const ParameterPut& put, ParameterTier default_tier) {
  COFFER_TRY(const std::string name, check_parameter_name(put.name));
  COFFER_CHECK(check_value(put.value));
  if (put.overwrite && !put.tags.empty()) {
    return invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with "
        "tags, please remove overwrite flag. To update tags for an existing parameter, please use "
        "AddTagsToResource or RemoveTagsFromResource.");
  }
  COFFER_CHECK(check_tags(put.tags));
  const std::string_view path = path_of_parameter(name);
  COFFER_CHECK(check_secret_path(mount_.id.size(), path));
  COFFER_TRY(const auto found, at_path(path));
  if (found && (!put.overwrite || *found->row->name != name)) return already_exists();

  PlannedPut planned;
  planned.exists = found.has_value();
  if (found) {
    planned.row = *found->row;
    planned.before = found->secret;
    if (found->row->current->number != found->current()) {
      // Versions since the last put are KV's: they have the current value, and no record.
      planned.row.current->policies.clear();
    }
  } else {
    *planned.row.mount = mount_.id;
    *planned.row.path = path;
    *planned.row.name = name;
    *planned.row.tags = put.tags;
  }
  // The ARN stays as it is, also of what was not put before.
  if (planned.row.region->empty())
    *planned.row.region = found ? kDefaultParameterRegion : put.region;
  const ParameterVersion before = *planned.row.current;
  COFFER_TRY(*planned.row.current, next_version(put, found ? &before : nullptr, default_tier));
  if (found && !found->row->region->empty()) planned.archived = *found->row->current;
  *planned.row.expires = std::nullopt;
  if (!planned.row.current->policies.empty()) {
    COFFER_TRY(const auto policies, parse_parameter_policies(planned.row.current->policies));
    *planned.row.expires = policies.expires;
  }
  return planned;
}

Result<ParameterVersion> Parameters::put(PlannedPut planned, std::string_view stored) {
  secure::SecureText text;
  formats::JsonWriter(text).begin_object().key("value").string(stored).end_object();
  const std::string path = *planned.row.path;
  if (!planned.exists) {
    // What is left of a parameter that expired, or whose versions were deleted through KV.
    COFFER_CHECK(kv_.erase(path));
    MetadataChange limit;
    limit.max_versions = kMaxParameterVersions;
    COFFER_CHECK(kv_.write_metadata(path, limit));
  }
  COFFER_TRY(const Written written, kv_.write(path, text.text()));
  COFFER_TRY(const auto secret, kv_.metadata(path));
  *planned.row.uid = *secret->row.uid;
  planned.row.current->number = written.version.number;
  ParameterVersion version = *planned.row.current;
  if (planned.archived) {
    ParameterVersionRow before;
    *before.mount = mount_.id;
    *before.uid = *secret->row.uid;
    *before.version = *std::move(planned.archived);
    COFFER_CHECK(view_.put_owned(std::move(before)));
  }
  COFFER_CHECK(forget_dropped(planned, secret->row));
  COFFER_CHECK(view_.put(std::move(planned.row)));
  return version;
}

}  // namespace coffer::domain
