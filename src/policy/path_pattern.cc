#include "policy/path_pattern.h"

#include <algorithm>
#include <limits>

namespace coffer::policy {
namespace {

// Takes the next segment off `rest`. `last` is set when nothing follows it.
std::string_view take_segment(std::string_view& rest, bool& last) {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  last = slash == std::string_view::npos;
  rest = last ? std::string_view() : rest.substr(slash + 1);
  return segment;
}

}  // namespace

PathPattern::PathPattern(std::string_view text) : text_(text), glob_(text.ends_with('*')) {
  first_wildcard_ = std::numeric_limits<std::uint32_t>::max();
  if (glob_) first_wildcard_ = static_cast<std::uint32_t>(text.size() - 1);
  std::string_view rest = stem();
  bool last = false;
  while (!last) {
    const auto at = static_cast<std::uint32_t>(rest.data() - text.data());
    if (take_segment(rest, last) != "+") continue;
    if (plus_segments_++ == 0) first_wildcard_ = at;
  }
}

Result<> PathPattern::check(std::string_view text) {
  if (text.empty()) return fail(Code::invalid_argument, "path is empty");
  if (text.size() > kMaxPatternSize) {
    return fail(Code::too_large, "path is over 512 octets");
  }
  if (text.contains("+*")) return fail(Code::invalid_argument, "path has \"+*\"");
  if (text.substr(0, text.size() - 1).contains('*')) {
    return fail(Code::invalid_argument, "path has \"*\" before its end, where it means nothing");
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, control)) {
    return fail(Code::invalid_argument, "path has a control character");
  }
  return {};
}

bool PathPattern::matches(std::string_view path) const {
  if (is_exact()) return path == text_;
  if (is_prefix()) return path.starts_with(stem());
  std::string_view pattern = stem();
  bool pattern_last = false;
  bool path_last = false;
  while (true) {
    const std::string_view want = take_segment(pattern, pattern_last);
    const std::string_view from_here = path;
    const std::string_view have = take_segment(path, path_last);
    if (pattern_last && glob_) return from_here.starts_with(want);
    if (want != "+" && want != have) return false;
    if (pattern_last || path_last) return pattern_last && path_last;
  }
}

bool PathPattern::reaches_below(std::string_view prefix) const {
  std::string_view pattern = stem();
  bool pattern_last = false;
  bool prefix_last = false;
  while (true) {
    const std::string_view want = take_segment(pattern, pattern_last);
    const std::string_view from_here = prefix;
    const std::string_view have = take_segment(prefix, prefix_last);
    // The last segment of `prefix` may be cut short, that of a glob too.
    if (pattern_last && glob_) return from_here.starts_with(want) || want.starts_with(from_here);
    if (prefix_last) return want == "+" || want.starts_with(have);
    if (pattern_last || (want != "+" && want != have)) return false;
  }
}

std::strong_ordering operator<=>(const PathPattern& a, const PathPattern& b) {
  if (const auto c = a.first_wildcard_ <=> b.first_wildcard_; c != 0) return c;
  if (a.glob_ != b.glob_)
    return a.glob_ ? std::strong_ordering::less : std::strong_ordering::greater;
  if (const auto c = b.plus_segments_ <=> a.plus_segments_; c != 0) return c;
  if (const auto c = a.text_.size() <=> b.text_.size(); c != 0) return c;
  return a.text_ <=> b.text_;
}

}  // namespace coffer::policy
