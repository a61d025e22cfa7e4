#include "formats/dotted_path.h"

#include "formats/utf8.h"

#include <algorithm>

namespace coffer::formats {
namespace {

Result<> check_segment(std::string_view segment) {
  if (segment.empty()) return fail(Code::invalid_argument, "path: empty segment");
  if (segment.size() > kMaxSegmentOctets) {
    return fail(Code::invalid_argument, "path: a segment is longer than 255 octets");
  }
  if (segment == "." || segment == "..") {
    return fail(Code::invalid_argument, "path: a segment is '.' or '..'");
  }
  if (segment.contains('/') || !is_printable_utf8(segment)) {
    return fail(Code::invalid_argument,
                "path: a segment has a slash, a control character or invalid UTF-8");
  }
  return {};
}

Result<std::vector<std::string>> split(std::string_view text, char separator) {
  if (text.size() > kMaxPathOctets) {
    return fail(Code::invalid_argument, "path: longer than 1024 octets");
  }
  std::vector<std::string> segments;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    segments.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  COFFER_CHECK(check_path(segments));
  return segments;
}

std::string join(const std::vector<std::string>& segments, char separator) {
  std::string out;
  for (const std::string& segment : segments) {
    if (!out.empty()) out += separator;
    out += segment;
  }
  return out;
}

}  // namespace

Result<> check_path(const std::vector<std::string>& segments) {
  if (segments.empty()) return fail(Code::invalid_argument, "path: no segments");
  if (segments.size() > kMaxPathSegments) {
    return fail(Code::invalid_argument, "path: more than 32 segments");
  }
  std::size_t octets = segments.size() - 1;
  for (const std::string& segment : segments) {
    COFFER_CHECK(check_segment(segment));
    octets += segment.size();
  }
  if (octets > kMaxPathOctets) {
    return fail(Code::invalid_argument, "path: longer than 1024 octets");
  }
  return {};
}

Result<std::vector<std::string>> parse_dotted(std::string_view text) {
  return split(text, '.');
}

Result<std::vector<std::string>> parse_slashed(std::string_view text) {
  return split(text, '/');
}

std::optional<std::string> to_dotted(const std::vector<std::string>& segments) {
  const auto has_dot = [](const std::string& segment) { return segment.contains('.'); };
  if (!check_path(segments) || std::ranges::any_of(segments, has_dot)) return std::nullopt;
  return join(segments, '.');
}

std::string to_slashed(const std::vector<std::string>& segments) {
  return join(segments, '/');
}

}  // namespace coffer::formats
