// ImportTree: what a credential file says, before it is known which secrets it makes.
//
// A node is a leaf (the JSON text of a value) or a map of named nodes. flatten() turns the tree
// into secrets: the way to a leaf becomes the path, {"value": leaf} the data; with `group`, a map
// that holds leaves alone becomes one secret with them as fields. Values live in wiped memory,
// names in ordinary.
// Limits: files and their values as below, paths as formats/dotted_path.h. Memory: about ten times
// the file.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::cli {

inline constexpr std::size_t kMaxImportFile = 128U << 20U;  // octets
inline constexpr std::size_t kMaxImportDepth = 32;
inline constexpr std::size_t kMaxImportValues = 2'000'000;  // in a file, maps and lists included
inline constexpr std::size_t kMaxImportSecrets = 1'000'000;

struct ImportNode {
  bool leaf = false;
  secure::SecureText json;  // of a leaf
  std::map<std::string, ImportNode> members;
};

struct ImportedSecret {
  std::string path;         // slashed
  secure::SecureText data;  // a JSON object
};

struct ImportOptions {
  std::string prefix;  // slashed, put before every path; may be empty
  bool group = false;
};

// A map at the top is needed. Errors name the path, never a value.
Result<std::vector<ImportedSecret>> flatten(const ImportNode& root, const ImportOptions& options);

// too_large for a file beyond kMaxImportFile.
Result<> check_import_size(std::string_view text);

// The parsers of the three formats. Errors: invalid_argument with a line or position, too_large.
Result<ImportNode> parse_env(std::string_view text);   // KEY=value lines
Result<ImportNode> parse_json(std::string_view text);  // strict, behind a byte order mark too
Result<ImportNode> parse_yaml(std::string_view text);  // no anchors, aliases, tags, second document

}  // namespace coffer::cli
