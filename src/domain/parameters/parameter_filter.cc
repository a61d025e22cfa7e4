#include "domain/parameters/parameter_filter.h"

#include "domain/parameters/parameter_name.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxValues = 50;
constexpr std::string_view kTagPrefix = "tag:";

std::unexpected<Error> refuse(std::string_view name, std::string message) {
  return std::unexpected(Error{Code::invalid_argument, std::move(message), name});
}

std::unexpected<Error> bad_value(std::string_view value, std::string_view valid) {
  return refuse("InvalidFilterValue",
                "The following filter value is not valid: " + std::string(value) +
                    ". Valid values include: [" + std::string(valid) + "].");
}

Result<> check_path_value(const std::string& value) {
  const std::string_view path = path_of_parameter(value);
  for (const std::string_view reserved : {"aws", "ssm"}) {
    if (value.starts_with('/') && path.size() >= 3 &&
        std::ranges::equal(path.substr(0, 3), reserved, {}, [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        })) {
      return refuse("ValidationException",
                    "Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" "
                    "(case-insensitive). When using global parameters, please specify within a "
                    "global namespace.");
    }
  }
  return check_parameter_path(value);
}

bool below(std::string_view path, std::string_view folder, bool recursive) {
  folder = path_of_parameter(folder);
  if (folder.ends_with('/')) folder.remove_suffix(1);
  if (!folder.empty()) {
    if (!path.starts_with(folder) || path.size() <= folder.size() || path[folder.size()] != '/') {
      return false;
    }
    path.remove_prefix(folder.size() + 1);
  }
  return recursive || !path.contains('/');
}

std::string text_member(const formats::JsonView& item, std::string_view name) {
  const auto member = item.find_value(name);
  if (!member || member->kind() != formats::JsonKind::string) return {};
  return member->string().value_or("");
}

}  // namespace

Result<ParameterFilters::Key> ParameterFilters::parse_key(std::string_view text,
                                                          FilterScope scope) {
  const bool describe = scope == FilterScope::describe;
  if (text.starts_with(kTagPrefix) && text.size() > kTagPrefix.size()) return Key::tag;
  if (text == "Type") return Key::type;
  if (text == "KeyId") return Key::key_id;
  if (text == "Label" && !describe) return Key::label;
  if (text == "Name" && describe) return Key::name;
  if (text == "Path" && describe) return Key::path;
  if (text == "Tier" && describe) return Key::tier;
  if (text == "DataType" && describe) return Key::data_type;
  return refuse("InvalidFilterKey",
                "The following filter key is not valid: " + std::string(text) +
                    ". Valid filter keys include: " +
                    (describe ? "[Path, Name, Type, KeyId, Tier]." : "[Type, KeyId]."));
}

Result<ParameterFilters::Option> ParameterFilters::parse_option(std::string_view text, Key key) {
  const auto bad = [&](std::string_view valid) {
    return refuse("InvalidFilterOption",
                  "The following filter option is not valid: " + std::string(text) +
                      ". Valid options include: " + std::string(valid));
  };
  if (key == Key::path) {
    if (text.empty() || text == "OneLevel") return Option::one_level;
    if (text == "Recursive") return Option::recursive;
    return bad("[Recursive, OneLevel]");
  }
  if (text.empty() || text == "Equals") return Option::equals;
  if (text == "BeginsWith") return Option::begins_with;
  if (text == "Contains" && key == Key::name) return Option::contains;
  return bad("[BeginsWith, Equals].");
}

Result<> ParameterFilters::check_values(const Filter& filter, std::string_view key) {
  if (filter.values.empty() && filter.key != Key::tag) {
    return refuse(
        "InvalidFilterValue",
        "The following filter values are missing : null for filter key " + std::string(key));
  }
  if (filter.values.size() > kMaxValues) {
    return refuse("InvalidFilterValue", "A filter has at most 50 values.");
  }
  for (const std::string& value : filter.values) {
    if (filter.key == Key::path) COFFER_CHECK(check_path_value(value));
    if (filter.option != Option::equals) continue;
    if (filter.key == Key::type && !parse_parameter_type(value)) {
      return bad_value(value, "String, StringList, SecureString");
    }
    if (filter.key == Key::tier && !parse_parameter_tier(value)) {
      return bad_value(value, "Standard, Advanced, Intelligent-Tiering");
    }
  }
  return {};
}

Result<ParameterFilters::Filter> ParameterFilters::parse_one(const formats::JsonView& item,
                                                             FilterScope scope) {
  const std::string key = text_member(item, "Key");
  Filter filter;
  COFFER_TRY(filter.key, parse_key(key, scope));
  if (filter.key == Key::tag) filter.tag = key.substr(kTagPrefix.size());
  COFFER_TRY(filter.option, parse_option(text_member(item, "Option"), filter.key));
  if (const auto values = item.find_value("Values")) {
    for (const auto& value : values->elements()) {
      COFFER_TRY(std::string text, value.string());
      filter.values.push_back(std::move(text));
    }
  }
  COFFER_CHECK(check_values(filter, key));
  return filter;
}

Result<ParameterFilters> ParameterFilters::parse(const formats::JsonView& list, FilterScope scope) {
  const auto items = list.elements();
  if (list.kind() != formats::JsonKind::array || items.size() > kMaxFilters) {
    return refuse("ValidationException", "ParameterFilters: not a list of at most 50 filters.");
  }
  ParameterFilters filters;
  std::set<std::string> keys;
  for (const auto& item : items) {
    COFFER_TRY(Filter filter, parse_one(item, scope));
    const std::string key = text_member(item, "Key");
    if (!keys.insert(key).second) {
      return refuse("InvalidFilterKey",
                    "The following filter is duplicated in the request: " + key +
                        ". A request can contain only one occurrence of a specific filter.");
    }
    filters.filters_.push_back(std::move(filter));
  }
  return filters;
}

Result<ParameterFilters> ParameterFilters::parse_old(const formats::JsonView& list) {
  COFFER_TRY(ParameterFilters filters, parse(list, FilterScope::describe));
  for (const Filter& filter : filters.filters_) {
    if (filter.option == Option::equals &&
        (filter.key == Key::name || filter.key == Key::type || filter.key == Key::key_id)) {
      continue;
    }
    return refuse("InvalidFilterKey", "Filters take the keys Name, Type and KeyId.");
  }
  return filters;
}

// The versions with a label of the filter, newest first.
std::vector<std::uint64_t> ParameterFilters::carriers(const Filter& filter,
                                                      const ParameterRow& parameter) {
  std::vector<std::uint64_t> versions;
  for (const auto& [label, version] : *parameter.labels) {
    const bool sought = std::ranges::any_of(filter.values, [&](const std::string& value) {
      return filter.option == Option::equals ? label == value : label.starts_with(value);
    });
    if (sought) versions.push_back(version);
  }
  std::ranges::sort(versions, std::greater());
  return versions;
}

bool ParameterFilters::holds(const Filter& filter, const ParameterRow& parameter) {
  const ParameterVersion& current = *parameter.current;
  std::optional<std::string_view> subject;
  switch (filter.key) {
    case Key::name:
      subject = path_of_parameter(*parameter.name);
      break;
    case Key::type:
      subject = to_text(current.type);
      break;
    case Key::key_id:
      subject = current.key_id;
      break;
    case Key::tier:
      subject = to_text(current.tier);
      break;
    case Key::data_type:
      subject = current.data_type;
      break;
    case Key::path:
      subject = *parameter.path;
      break;
    case Key::label:
      return !carriers(filter, parameter).empty();
    case Key::tag: {
      const auto found = parameter.tags->find(filter.tag);
      if (found == parameter.tags->end()) return false;
      if (filter.values.empty()) return true;
      subject = found->second;
      break;
    }
  }
  return std::ranges::any_of(filter.values, [&](const std::string& value) {
    const std::string_view sought = filter.key == Key::name ? path_of_parameter(value) : value;
    switch (filter.option) {
      case Option::equals:
        return *subject == sought;
      case Option::begins_with:
        return subject->starts_with(sought);
      case Option::contains:
        return ("/" + std::string(*subject)).contains(value);
      case Option::recursive:
      case Option::one_level:
        return below(*subject, value, filter.option == Option::recursive);
    }
    return false;
  });
}

bool ParameterFilters::shows(const ParameterRow& parameter) const {
  return std::ranges::all_of(filters_,
                             [&](const Filter& filter) { return holds(filter, parameter); });
}

std::optional<std::vector<std::uint64_t>> ParameterFilters::labelled(
    const ParameterRow& parameter) const {
  const auto asked = std::ranges::find(filters_, Key::label, &Filter::key);
  if (asked == filters_.end()) return std::nullopt;
  return carriers(*asked, parameter);
}

}  // namespace coffer::domain
