#include "policy/path_document.h"

#include "formats/hcl.h"
#include "policy/path_pattern.h"
#include "policy/syntax.h"
#include "policy/vault_compile.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

struct Operation {
  std::string_view name;
  std::string_view verb;  // the last word of Access::action
};

constexpr std::array<Operation, 16> kOperations{{{"read", "read"},
                                                 {"list", "list"},
                                                 {"list", "scan"},
                                                 {"write", "write"},
                                                 {"write", "create"},
                                                 {"write", "update"},
                                                 {"write", "patch"},
                                                 {"create", "create"},
                                                 {"update", "update"},
                                                 {"update", "patch"},
                                                 {"delete", "delete"},
                                                 {"undelete", "undelete"},
                                                 {"destroy", "destroy"},
                                                 {"rotate", "rotate"},
                                                 {"renew", "renew"},
                                                 {"revoke", "revoke"}}};

std::string_view last_word(std::string_view action) {
  return action.substr(action.rfind('.') + 1);  // npos + 1 == 0
}

const HclItem* find(const HclValue& object, std::string_view key) {
  const auto found = std::ranges::find(object.items, key, &HclItem::key);
  return found == object.items.end() ? nullptr : &*found;
}

}  // namespace

Result<PathDocument> PathDocument::compile(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return fail(Code::invalid_argument, "document is not a JSON object");
  }
  COFFER_TRY(const HclValue root, formats::parse_hcl(text));
  COFFER_CHECK(check_plain_object(root));
  for (const auto required : {"version", "allowed_secrets"}) {
    if (find(root, required) == nullptr) {
      return fail(Code::invalid_argument, "document has no \"" + std::string(required) + "\"");
    }
  }
  if (find(root, "deny") != nullptr && find(root, "deny_policy") != nullptr) {
    return fail(Code::invalid_argument, "document has both \"deny\" and \"deny_policy\"");
  }
  PathDocument out;
  for (const auto& item : root.items) COFFER_CHECK(out.read(item));
  if (const HclItem* limit = find(root, "max_ttl_seconds"); limit != nullptr && out.denies_) {
    return error_in(*limit, "would narrow a denial; use a condition to mean that");
  }
  if (find(root, "allowed_operations") == nullptr) {
    out.every_verb_ = out.denies_;
    out.verbs_ = {"read"};
  }
  return out;
}

Result<> PathDocument::read(const HclItem& item) {
  if (item.key == "version") return check_version(item);
  if (item.key == "allowed_secrets") return read_secrets(item);
  if (item.key == "allowed_operations") return read_operations(item);
  if (item.key == "conditions") return conditions_.read(item);
  if (item.key == "max_ttl_seconds") {
    if (item.value.kind != HclKind::number) return error_in(item, "must be a number of seconds");
    COFFER_TRY(const Duration limit, read_duration(item));
    conditions_.limit_ttl(limit);
    return {};
  }
  if (item.key == "deny" || item.key == "deny_policy") return read_deny(item);
  if (item.key == "reason") {
    COFFER_TRY(reason_, read_text(item));
    return {};
  }
  if (item.key == "name" || item.key == "description") {
    COFFER_CHECK(read_text(item));
    return {};
  }
  return error_in(item, "is not a key of a document");
}

Result<> PathDocument::check_version(const HclItem& item) {
  const bool scalar = item.value.kind == HclKind::string || item.value.kind == HclKind::number;
  if (scalar && (item.value.text == "1.0" || item.value.text == "1")) return {};
  return error_in(item, "must be \"1.0\"");
}

Result<> PathDocument::read_deny(const HclItem& item) {
  COFFER_TRY(denies_, read_boolean(item));
  return {};
}

Result<> PathDocument::read_secrets(const HclItem& item) {
  COFFER_TRY(const auto texts, read_texts(item));
  if (texts.size() > kMaxPolicyRules) return fail(Code::too_large, "document has over 4096 rules");
  for (const auto& text : texts) {
    COFFER_TRY(Pattern pattern, parse_pattern(item, text));
    patterns_.push_back(std::move(pattern));
  }
  if (patterns_.empty()) return error_in(item, "names no secret");
  return {};
}

Result<PathDocument::Pattern> PathDocument::parse_pattern(const HclItem& item,
                                                          std::string_view text) {
  if (text.size() > kMaxPatternSize) return error_in(item, "has a pattern over 512 octets");
  Pattern out;
  out.text = text;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view segment = text.substr(0, dot);
    if (segment.empty()) return error_in(item, "has a pattern with an empty segment");
    if (segment.contains('*') && segment != "*" && segment != "**") {
      return error_in(item, "has a pattern with a wildcard inside a segment");
    }
    const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '/'; };
    if (std::ranges::any_of(segment, bad)) {
      return error_in(item, "has a pattern with a character that dotted paths may not have");
    }
    out.segments.emplace_back(segment);
    if (dot == std::string_view::npos) return out;
    text.remove_prefix(dot + 1);
  }
}

Result<> PathDocument::read_operations(const HclItem& item) {
  COFFER_TRY(const auto names, read_texts(item));
  for (const auto& name : names) {
    bool known = false;
    for (const auto& operation : kOperations) {
      if (operation.name != name) continue;
      known = true;
      verbs_.push_back(operation.verb);
    }
    if (!known) return error_in(item, "has an unknown operation");
  }
  if (verbs_.empty()) return error_in(item, "names no operation");
  return {};
}

// Greedy with one step back: on a mismatch the last "**" takes one segment more. Quadratic at
// worst.
bool PathDocument::matches(std::span<const std::string> pattern,
                           std::span<const std::string> path) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t after_stars = pattern.size() + 1;  // no "**" seen
  std::size_t resume = 0;
  while (s < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      after_stars = ++p;
      resume = s;
    } else if (p < pattern.size() && (pattern[p] == "*" || pattern[p] == path[s])) {
      ++p;
      ++s;
    } else if (after_stars <= pattern.size()) {
      p = after_stars;
      s = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**") ++p;
  return p == pattern.size();
}

const std::string* PathDocument::covering_pattern(const Access& access) const {
  if (!access.secret_segments) return nullptr;
  const bool verb = std::ranges::find(verbs_, last_word(access.action)) != verbs_.end();
  if (!verb && !every_verb_) return nullptr;
  const auto found = std::ranges::find_if(patterns_, [&](const Pattern& pattern) {
    return matches(pattern.segments, *access.secret_segments);
  });
  return found == patterns_.end() ? nullptr : &found->text;
}

}  // namespace coffer::policy
