#include "policy/identity_template.h"

#include <algorithm>
#include <map>
#include <utility>

namespace coffer::policy {
namespace {

std::unexpected<Error> unknown_variable() {
  return fail(Code::invalid_argument, "path has an unknown template variable");
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Takes `prefix` off `text`; false when it is not there or nothing would remain.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix) || text.size() == prefix.size()) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool keeps_shape(std::string_view value) {
  const auto breaks = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
           std::string_view("*+/,").contains(c);
  };
  return value != "." && !value.contains("..") && !std::ranges::any_of(value, breaks);
}

const std::string* find(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

Result<IdentityTemplate> IdentityTemplate::parse(std::string_view text) {
  IdentityTemplate out;
  while (true) {
    const std::size_t open = text.find("{{");
    Part part;
    part.literal = text.substr(0, open);
    if (part.literal.contains("}}")) {
      return fail(Code::invalid_argument, "path has unbalanced template braces");
    }
    if (open == std::string_view::npos) {
      out.parts_.push_back(std::move(part));
      return out;
    }
    text.remove_prefix(open + 2);
    const std::size_t close = text.find("}}");
    if (close == std::string_view::npos) {
      return fail(Code::invalid_argument, "path has unbalanced template braces");
    }
    COFFER_CHECK(parse_variable(trim(text.substr(0, close)), part));
    out.parts_.push_back(std::move(part));
    text.remove_prefix(close + 2);
  }
}

Result<> IdentityTemplate::parse_variable(std::string_view variable, Part& part) {
  if (take(variable, "identity.groups.")) return parse_group(variable, part);
  if (!take(variable, "identity.entity.")) return unknown_variable();
  if (variable == "id") {
    part.field = Field::entity_id;
  } else if (variable == "name") {
    part.field = Field::entity_name;
  } else if (take(variable, "metadata.")) {
    part.field = Field::entity_metadata;
    part.key = variable;
  } else if (take(variable, "aliases.")) {
    return parse_alias(variable, part);
  } else {
    return unknown_variable();
  }
  return {};
}

Result<> IdentityTemplate::parse_alias(std::string_view variable, Part& part) {
  const std::size_t dot = variable.find('.');
  if (dot == std::string_view::npos || dot == 0) return unknown_variable();
  part.accessor = variable.substr(0, dot);
  variable.remove_prefix(dot + 1);
  if (variable == "id") {
    part.field = Field::alias_id;
  } else if (variable == "name") {
    part.field = Field::alias_name;
  } else if (take(variable, "metadata.")) {
    part.field = Field::alias_metadata;
    part.key = variable;
  } else {
    return unknown_variable();
  }
  return {};
}

Result<> IdentityTemplate::parse_group(std::string_view variable, Part& part) {
  part.by_name = take(variable, "names.");
  if (!part.by_name && !take(variable, "ids.")) return unknown_variable();
  const std::size_t dot = variable.find('.');
  if (dot == std::string_view::npos || dot == 0) return unknown_variable();
  part.accessor = variable.substr(0, dot);
  variable.remove_prefix(dot + 1);
  if (variable == (part.by_name ? "id" : "name")) {
    part.field = part.by_name ? Field::group_id : Field::group_name;
  } else if (take(variable, "metadata.")) {
    part.field = Field::group_metadata;
    part.key = variable;
  } else {
    return unknown_variable();
  }
  return {};
}

const std::string* IdentityTemplate::value_of(const Part& part, const Facts& facts) {
  const auto alias = [&]() -> const Facts::Alias* {
    const auto found = facts.aliases.find(part.accessor);
    return found == facts.aliases.end() ? nullptr : &found->second;
  };
  const auto group = [&] {
    if (!part.by_name) return facts.groups.find(part.accessor);
    return std::ranges::find_if(facts.groups,
                                [&](const auto& one) { return one.second.name == part.accessor; });
  };
  switch (part.field) {
    case Field::none:
      return nullptr;
    case Field::entity_id:
      return &facts.entity_id;
    case Field::entity_name:
      return &facts.entity_name;
    case Field::entity_metadata:
      return find(facts.entity_metadata, part.key);
    case Field::alias_id:
      return alias() != nullptr ? &alias()->id : nullptr;
    case Field::alias_name:
      return alias() != nullptr ? &alias()->name : nullptr;
    case Field::alias_metadata:
      return alias() != nullptr ? find(alias()->metadata, part.key) : nullptr;
    case Field::group_id:
      return group() != facts.groups.end() ? &group()->first : nullptr;
    case Field::group_name:
      return group() != facts.groups.end() ? &group()->second.name : nullptr;
    case Field::group_metadata:
      return group() != facts.groups.end() ? find(group()->second.metadata, part.key) : nullptr;
  }
  return nullptr;
}

std::optional<std::string> IdentityTemplate::resolve(const Facts& facts, Use use) const {
  std::string out;
  for (const auto& part : parts_) {
    out += part.literal;
    if (part.field == Field::none) continue;
    const std::string* const value = value_of(part, facts);
    if (value == nullptr || value->empty()) return std::nullopt;
    if (use == Use::grants && !keeps_shape(*value)) return std::nullopt;
    out += *value;
  }
  return out;
}

std::string IdentityTemplate::shape() const {
  std::string out;
  for (const auto& part : parts_) {
    out += part.literal;
    if (part.field != Field::none) out += 'x';
  }
  return out;
}

}  // namespace coffer::policy
