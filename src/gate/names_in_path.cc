#include "gate/names_in_path.h"

#include "domain/identity/names.h"

#include <ranges>

namespace coffer::gate {
namespace {

// "{name}", "{name...}" or "{name...?}" -> "name".
std::string_view name_of(std::string_view capture) {
  return capture.substr(1, capture.find_first_of(".}") - 1);
}

using Canonical = Result<std::string> (*)(std::string_view);

// Null: names of this kind have one spelling.
Canonical canonical_form(std::string_view kind) {
  if (kind == "role") return domain::canonical_role_name;
  if (kind == "user" || kind == "identity") return domain::canonical_login_name;
  if (kind == "policy") return domain::canonical_policy_name;
  return nullptr;
}

// Whether the text was changed.
Result<bool> canonicalise(std::string_view kind, std::string& text) {
  if (kind == "mount" && text.ends_with('/')) {
    text.pop_back();
    return true;
  }
  const Canonical form = canonical_form(kind);
  if (form == nullptr) return false;
  auto name = form(text);
  if (!name || *name == text) return false;
  if (name->size() != text.size()) {
    return fail(Code::invalid_argument, "a name in the path has white space around it");
  }
  text = *std::move(name);
  return true;
}

std::string joined(std::string_view pattern, const std::vector<std::string>& captures) {
  std::string path;
  auto capture = captures.begin();
  for (const auto part : std::views::split(pattern, '/')) {
    const std::string_view segment(part);
    if (!path.empty()) path += '/';
    const bool named = segment.starts_with('{') && capture != captures.end();
    path += named ? std::string_view(*capture++) : segment;
  }
  return path;
}

}  // namespace

Result<> canonicalise_names(std::string_view pattern, Routing& routing) {
  bool changed = false;
  auto capture = routing.captures.begin();
  std::string_view last;
  for (const auto part : std::views::split(pattern, '/')) {
    last = std::string_view(part);
    if (!last.starts_with('{') || capture == routing.captures.end()) continue;
    COFFER_TRY(const bool now, canonicalise(name_of(last), *capture++));
    changed = changed || now;
  }
  if (!changed) return {};
  // What a listing has behind its last name stays there.
  const bool listed = routing.rest.ends_with('/') && !last.contains("...");
  const std::string above = routing.path.substr(0, routing.path.size() - routing.rest.size());
  routing.rest = joined(pattern, routing.captures) + (listed ? "/" : "");
  routing.path = above + routing.rest;
  return {};
}

}  // namespace coffer::gate
