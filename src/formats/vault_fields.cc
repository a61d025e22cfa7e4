#include "formats/vault_fields.h"

#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace coffer::formats {
namespace {

std::unexpected<Error> bad_field(std::string_view name, std::string_view expected) {
  return fail(Code::invalid_argument,
              "field '" + std::string(name) + "': expected " + std::string(expected));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// The text of a string, number or boolean; nullopt for the kinds that have none.
std::optional<std::string> scalar_text(const JsonView& value) {
  if (value.kind() == JsonKind::string) return *value.string();
  if (value.kind() == JsonKind::number || value.kind() == JsonKind::boolean) {
    return std::string(value.raw());
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// The spellings of Go's strconv.ParseBool, which clients rely on.
std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

// False when there are more than kMaxListField items.
bool split_list(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (item.empty()) continue;
    if (out.size() == kMaxListField) return false;
    out.emplace_back(item);
  }
  return true;
}

}  // namespace

Result<std::optional<std::int64_t>> integer_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (value->kind() == JsonKind::number || value->kind() == JsonKind::string) {
    if (const auto number = parse_integer(trimmed(*scalar_text(*value)))) return number;
  }
  return bad_field(name, "an integer");
}

Result<std::optional<Duration>> duration_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (value->kind() == JsonKind::number || value->kind() == JsonKind::string) {
    const std::string text = *scalar_text(*value);
    if (text.empty()) return Duration(0);  // clients send "" for "use the default"
    if (const auto duration = parse_duration(trimmed(text))) return *duration;
  }
  return bad_field(name, "a duration such as 3600, \"30s\" or \"1h\"");
}

Result<std::optional<bool>> bool_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (const auto text = scalar_text(*value)) {
    if (const auto flag = parse_bool(*text)) return flag;
  }
  return bad_field(name, "true or false");
}

Result<std::optional<std::string>> text_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (auto text = scalar_text(*value)) return text;
  return bad_field(name, "a string");
}

Result<std::optional<secure::SecureText>> secret_field(const JsonView& body,
                                                       std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (auto text = value->secret_string()) return std::move(*text);
  return bad_field(name, "a string");
}

Result<std::optional<std::vector<std::string>>> list_field(const JsonView& body,
                                                           std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  std::vector<std::string> out;
  if (value->kind() == JsonKind::string) {
    if (!split_list(*value->string(), out)) return bad_field(name, "at most 10000 items");
    return out;
  }
  if (value->kind() != JsonKind::array) return bad_field(name, "a list of strings");
  const std::vector<JsonView> elements = value->elements();
  if (elements.size() > kMaxListField) return bad_field(name, "at most 10000 items");
  for (const JsonView& element : elements) {
    auto text = scalar_text(element);
    if (!text) return bad_field(name, "a list of strings");
    out.push_back(*std::move(text));
  }
  return out;
}

namespace {

// "k=v" or ["k=v", …]: what Vault's command line sends for `metadata=k=v`, once or several times.
Result<std::optional<TextMap>> map_of_pairs(const JsonView& body, std::string_view name) {
  constexpr std::string_view kWanted = "an object of strings, or key=value";
  const auto value = body.find_value(name);
  std::vector<JsonView> elements;
  if (value->kind() == JsonKind::array) {
    elements = value->elements();
  } else {
    elements.push_back(*value);
  }
  if (elements.size() > kMaxListField) return bad_field(name, "at most 10000 members");
  TextMap out;
  for (const JsonView& element : elements) {
    if (element.kind() != JsonKind::string) return bad_field(name, kWanted);
    const std::string pair = *element.string();
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) return bad_field(name, kWanted);
    std::string key = pair.substr(0, equals);
    if (std::ranges::find(out, key, &TextMap::value_type::first) != out.end()) {
      return bad_field(name, "each key once");
    }
    out.emplace_back(std::move(key), pair.substr(equals + 1));
  }
  return out;
}

}  // namespace

Result<std::optional<TextMap>> map_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (value->kind() == JsonKind::string || value->kind() == JsonKind::array) {
    return map_of_pairs(body, name);
  }
  if (value->kind() != JsonKind::object) return bad_field(name, "an object of strings");
  TextMap out;
  for (auto& [key, member] : value->members()) {
    if (member.is_null()) continue;
    auto text = scalar_text(member);
    if (!text) return bad_field(name, "an object of strings");
    if (out.size() == kMaxListField) return bad_field(name, "at most 10000 members");
    out.emplace_back(std::move(key), *std::move(text));
  }
  return out;
}

Result<std::optional<JsonView>> object_field(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  if (value->kind() != JsonKind::object) return bad_field(name, "an object");
  return value;
}

}  // namespace coffer::formats
