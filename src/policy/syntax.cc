#include "policy/syntax.h"

#include "base/time_text.h"

#include <set>
#include <utility>

namespace coffer::policy {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

std::unexpected<Error> error_in(const HclItem& item, std::string_view what) {
  constexpr std::size_t kShown = 64;
  std::string key = item.key.substr(0, kShown);
  for (char& c : key) {
    if (c < 0x20 || c > 0x7e || c == '"') c = '?';
  }
  if (item.key.size() > kShown) key += "...";
  return fail(Code::invalid_argument, to_text(item.at) + ": \"" + key + "\": " + std::string(what));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<> check_plain_object(const HclValue& object) {
  std::set<std::string_view> seen;
  for (const auto& item : object.items) {
    if (!item.labels.empty()) return error_in(item, "takes no label");
    if (!seen.insert(item.key).second) return error_in(item, "is given twice");
  }
  return {};
}

Result<std::string> read_text(const HclItem& item) {
  if (item.value.kind != HclKind::string) return error_in(item, "must be a string");
  return item.value.text;
}

Result<std::vector<std::string>> read_texts(const HclItem& item) {
  if (item.value.kind != HclKind::list) return error_in(item, "must be a list of strings");
  std::vector<std::string> out;
  for (const auto& element : item.value.list) {
    if (element.kind != HclKind::string) return error_in(item, "must be a list of strings");
    out.push_back(element.text);
  }
  return out;
}

Result<bool> read_boolean(const HclItem& item) {
  if (item.value.kind != HclKind::boolean) return error_in(item, "must be true or false");
  return item.value.text == "true";
}

Result<Duration> read_duration(const HclItem& item) {
  const HclKind kind = item.value.kind;
  if (kind != HclKind::string && kind != HclKind::number)
    return error_in(item, "must be a duration");
  const auto parsed = parse_duration(item.value.text);
  if (!parsed || *parsed < Duration::zero()) return error_in(item, "must be a duration");
  return *parsed;
}

}  // namespace coffer::policy
