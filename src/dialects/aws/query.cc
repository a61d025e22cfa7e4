#include "dialects/aws/query.h"

#include "dialects/aws/answers.h"
#include "formats/json.h"

#include <charconv>
#include <map>
#include <string>
#include <string_view>

namespace coffer::dialects::aws {
namespace {

// A name's part of the tree: a value, or parts below it.
struct Node {
  const secure::SecureText* value = nullptr;
  std::map<std::string, Node, std::less<>> parts;
};

std::unexpected<Error> malformed() {
  return aws::fail(
      Code::invalid_argument, "SerializationException", "The parameters contradict each other");
}

Result<> place(Node& root, const formats::FormPair& pair) {
  Node* at = &root;
  std::string_view rest = pair.name;
  for (std::size_t depth = 0; !rest.empty(); ++depth) {
    if (depth >= kMaxQueryDepth) return malformed();
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    if (dot == 0 || dot + 1 == rest.size()) return malformed();
    at = &at->parts[std::string(rest.substr(0, dot))];
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    if (!rest.empty() && at->value != nullptr) return malformed();
  }
  if (at->value != nullptr || !at->parts.empty()) return malformed();
  at->value = &pair.value;
  return {};
}

// The parts of a list in order: exactly "1" to their number.
Result<std::vector<const Node*>> numbered(const Node& list) {
  std::vector<const Node*> out(list.parts.size(), nullptr);
  for (const auto& [name, part] : list.parts) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc() && end == name.data() + name.size() && name[0] != '0';
    if (!whole || number < 1 || number > out.size()) return malformed();
    out[number - 1] = &part;
  }
  return out;
}

Result<> write(formats::JsonWriter& w, const Node& node);

Result<> write_list(formats::JsonWriter& w, const Node& list) {
  COFFER_TRY(const auto parts, numbered(list));
  w.begin_array();
  for (const Node* part : parts) COFFER_CHECK(write(w, *part));
  w.end_array();
  return {};
}

Result<> write_map(formats::JsonWriter& w, const Node& map) {
  COFFER_TRY(const auto parts, numbered(map));
  std::map<std::string_view, const Node*> entries;
  for (const Node* part : parts) {
    const auto key = part->parts.find("key");
    const auto value = part->parts.find("value");
    if (part->parts.size() != 2 || key == part->parts.end() || value == part->parts.end() ||
        key->second.value == nullptr ||
        !entries.emplace(key->second.value->text(), &value->second).second) {
      return malformed();
    }
  }
  w.begin_object();
  for (const auto& [name, value] : entries) {
    w.key(name);
    COFFER_CHECK(write(w, *value));
  }
  w.end_object();
  return {};
}

Result<> write(formats::JsonWriter& w, const Node& node) {
  if (node.value != nullptr) {
    w.string(node.value->text());
    return {};
  }
  const bool lone = node.parts.size() == 1;
  if (const auto list = node.parts.find("member");
      lone && list != node.parts.end() && list->second.value == nullptr) {
    return write_list(w, list->second);
  }
  if (const auto map = node.parts.find("entry");
      lone && map != node.parts.end() && map->second.value == nullptr) {
    return write_map(w, map->second);
  }
  w.begin_object();
  for (const auto& [name, part] : node.parts) {
    w.key(name);
    COFFER_CHECK(write(w, part));
  }
  w.end_object();
  return {};
}

}  // namespace

Result<secure::SecureText> json_of_query(const std::vector<formats::FormPair>& pairs) {
  Node root;
  for (const formats::FormPair& pair : pairs) COFFER_CHECK(place(root, pair));
  secure::SecureText out;
  formats::JsonWriter w(out);
  w.begin_object();
  for (const auto& [name, part] : root.parts) {
    w.key(name);
    COFFER_CHECK(write(w, part));
  }
  w.end_object();
  return out;
}

}  // namespace coffer::dialects::aws
