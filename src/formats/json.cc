#include "formats/json.h"

#include "formats/json_scan.h"
#include "formats/json_text.h"

#include <charconv>

namespace coffer::formats {
namespace {

JsonKind kind_of(std::string_view value) {
  switch (value[0]) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

std::string_view between_quotes(std::string_view string) {
  return string.substr(1, string.size() - 2);
}

}  // namespace

Result<JsonView> JsonView::parse(std::string_view text, std::size_t max_nodes) {
  COFFER_TRY(const std::string_view value, validate_json(text, max_nodes));
  return JsonView(kind_of(value), value);
}

std::optional<JsonView> JsonView::find(std::string_view name) const {
  if (kind_ != JsonKind::object) return std::nullopt;
  const auto value = member_value(raw_, name);
  if (!value) return std::nullopt;
  return JsonView(kind_of(*value), *value);
}

std::optional<JsonView> JsonView::find_value(std::string_view name) const {
  const std::optional<JsonView> found = find(name);
  return found && !found->is_null() ? found : std::nullopt;
}

std::vector<std::pair<std::string, JsonView>> JsonView::members() const {
  std::vector<std::pair<std::string, JsonView>> out;
  if (kind_ != JsonKind::object) return out;
  JsonMemberCursor members(raw_);
  while (const auto member = members.next()) {
    std::string name;
    append_unescaped(name, member->name.content());
    out.emplace_back(std::move(name), JsonView(kind_of(member->value), member->value));
  }
  return out;
}

std::vector<JsonView> JsonView::elements() const {
  std::vector<JsonView> out;
  if (kind_ != JsonKind::array) return out;
  JsonElementCursor elements(raw_);
  while (const auto element = elements.next()) {
    out.push_back(JsonView(kind_of(*element), *element));
  }
  return out;
}

Result<std::string> JsonView::string() const {
  if (kind_ != JsonKind::string) return fail(Code::invalid_argument, "expected a JSON string");
  std::string out;
  append_unescaped(out, between_quotes(raw_));
  return out;
}

Result<secure::SecureText> JsonView::secret_string() const {
  if (kind_ != JsonKind::string) return fail(Code::invalid_argument, "expected a JSON string");
  secure::SecureText out;
  out.reserve(raw_.size());  // unescaping never lengthens: one block, no copies to wipe
  append_unescaped(out, between_quotes(raw_));
  return out;
}

Result<std::int64_t> JsonView::integer() const {
  if (kind_ != JsonKind::number) return fail(Code::invalid_argument, "expected a JSON number");
  std::int64_t value = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto [stop, error] = std::from_chars(raw_.data(), end, value);
  if (error != std::errc{} || stop != end) {
    return fail(Code::invalid_argument, "expected an integer of 64 bits");
  }
  return value;
}

Result<bool> JsonView::boolean() const {
  if (kind_ != JsonKind::boolean) return fail(Code::invalid_argument, "expected true or false");
  return raw_[0] == 't';
}

}  // namespace coffer::formats
