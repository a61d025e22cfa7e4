#include "gate/path_pattern.h"

namespace coffer::gate {
namespace {

struct Cut {
  std::string_view head;
  std::string_view tail;
  bool last;
};

Cut cut_segment(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, {}, true};
  return {path.substr(0, slash), path.substr(slash + 1), false};
}

// Most patterns of a table fail here: a request is held against all of them.
bool begins_otherwise(std::string_view pattern, std::string_view path) {
  if (pattern.empty() || pattern.front() == '{') return false;
  return path.empty() || path.front() != pattern.front();
}

}  // namespace

bool match_pattern(std::string_view pattern,
                   std::string_view path,
                   LastSlash last_slash,
                   std::vector<std::string>& captures) {
  captures.clear();
  if (begins_otherwise(pattern, path)) return false;
  while (true) {
    const Cut want = cut_segment(pattern);
    if (want.head.ends_with("...}") || want.head.ends_with("...?}")) {
      if (path.empty() && !want.head.ends_with("?}")) return false;
      captures.emplace_back(path);
      return true;
    }
    const Cut have = cut_segment(path);
    const bool capture = want.head.starts_with('{');
    if (capture ? have.head.empty() : want.head != have.head) return false;
    if (capture) captures.emplace_back(have.head);
    if (want.last) {
      return have.last || (have.tail.empty() && last_slash == LastSlash::ignored);
    }
    if (have.last && !want.tail.ends_with("...?}")) return false;
    pattern = want.tail;
    path = have.tail;
  }
}

}  // namespace coffer::gate
