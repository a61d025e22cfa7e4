// parse_json: a JSON object of any shape; lists and scalars are leaves, kept as they are written.
#include "apps/cli/import_tree.h"
#include "formats/json.h"

#include <utility>

namespace coffer::cli {
namespace {

using formats::JsonView;

Result<ImportNode> convert(const JsonView& value, std::size_t depth) {
  if (depth > kMaxImportDepth) return fail(Code::too_large, "the file is nested too deeply");
  ImportNode node;
  if (value.kind() != formats::JsonKind::object) {
    node.leaf = true;
    node.json = secure::SecureText(value.raw());
    return node;
  }
  for (auto& [name, member] : value.members()) {
    COFFER_TRY(ImportNode inner, convert(member, depth + 1));
    node.members.emplace(name, std::move(inner));  // the parser has refused duplicates
  }
  return node;
}

}  // namespace

Result<ImportNode> parse_json(std::string_view text) {
  COFFER_CHECK(check_import_size(text));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  COFFER_TRY(const JsonView root, JsonView::parse(text, kMaxImportValues));
  return convert(root, 0);
}

}  // namespace coffer::cli
