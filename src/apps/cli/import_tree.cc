#include "apps/cli/import_tree.h"

#include "apps/client/body.h"
#include "apps/client/target.h"
#include "formats/dotted_path.h"

#include <algorithm>
#include <utility>

namespace coffer::cli {
namespace {

class Flattener {
 public:
  explicit Flattener(bool group) : group_(group) {}

  Result<> add(const ImportNode& node, const std::string& path, std::size_t depth) {
    if (depth > kMaxImportDepth) return fail(Code::too_large, path + " is nested too deeply");
    if (node.leaf) return add_leaf(node, path);
    if (group_ && !path.empty() && holds_leaves_alone(node)) return add_group(node, path);
    for (const auto& [name, member] : node.members) {
      if (auto good = client::check_segment(name); !good) {
        return fail(good.error().code, "below '" + path + "': " + good.error().message);
      }
      COFFER_CHECK(add(member, path.empty() ? name : path + "/" + name, depth + 1));
    }
    return {};
  }

  std::vector<ImportedSecret> take() { return std::move(secrets_); }

 private:
  static bool holds_leaves_alone(const ImportNode& node) {
    return !node.members.empty() &&
           std::ranges::all_of(node.members, [](const auto& member) { return member.second.leaf; });
  }

  Result<> add_leaf(const ImportNode& node, const std::string& path) {
    client::Body body;
    body.raw("value", node.json.text());
    return keep({path, body.take()});
  }

  Result<> add_group(const ImportNode& node, const std::string& path) {
    client::Body body;
    for (const auto& [name, member] : node.members) body.raw(name, member.json.text());
    return keep({path, body.take()});
  }

  // The server's own rules: one path that it would refuse would hold up the others.
  Result<> keep(ImportedSecret secret) {
    if (auto good = formats::parse_slashed(secret.path); !good) {
      return fail(good.error().code, "'" + secret.path + "': " + good.error().message);
    }
    if (secrets_.size() >= kMaxImportSecrets) {
      return fail(Code::too_large, "one import has at most 1,000,000 secrets");
    }
    secrets_.push_back(std::move(secret));
    return {};
  }

  bool group_;
  std::vector<ImportedSecret> secrets_;
};

}  // namespace

Result<> check_import_size(std::string_view text) {
  if (text.size() > kMaxImportFile) return fail(Code::too_large, "a file has at most 128 MiB");
  return {};
}

Result<std::vector<ImportedSecret>> flatten(const ImportNode& root, const ImportOptions& options) {
  if (root.leaf) return fail(Code::invalid_argument, "names with values are needed at the top");
  Flattener flattener(options.group);
  COFFER_CHECK(flattener.add(root, options.prefix, 0));
  return flattener.take();
}

}  // namespace coffer::cli
