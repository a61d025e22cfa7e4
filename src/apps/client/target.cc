#include "apps/client/target.h"

#include <algorithm>

namespace coffer::client {
namespace {

constexpr std::size_t kMaxSegments = 100;
constexpr std::size_t kMaxPath = 1024;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text, std::string_view also_plain) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c) || also_plain.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[octet >> 4U]);
    out.push_back(kHex[octet & 15U]);
  }
}

std::string_view without_outer_slashes(std::string_view text) {
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string make_target(std::string_view path, const Query& query) {
  std::string out;
  append_encoded(out, path, "/");
  char separator = '?';
  for (const auto& [name, value] : query) {
    out.push_back(separator);
    append_encoded(out, name, "");
    out.push_back('=');
    append_encoded(out, value, "");
    separator = '&';
  }
  return out;
}

Result<> check_segment(std::string_view segment) {
  if (segment.empty()) return fail(Code::invalid_argument, "a path may not have an empty segment");
  if (segment == "." || segment == "..") {
    return fail(Code::invalid_argument, "a path segment may not be '.' or '..'");
  }
  const bool control = std::ranges::any_of(segment, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/';
  });
  if (control) {
    return fail(Code::invalid_argument, "a path segment may not hold '/' or control characters");
  }
  return {};
}

Result<std::string> secret_path(std::string_view text) {
  if (text.size() > kMaxPath) return fail(Code::too_large, "a path has at most 1024 octets");
  const char separator = text.find('/') == std::string_view::npos ? '.' : '/';
  std::string_view rest = separator == '/' ? without_outer_slashes(text) : text;
  std::string out;
  for (std::size_t count = 1;; ++count) {
    if (count > kMaxSegments) return fail(Code::too_large, "a path has at most 100 segments");
    const std::size_t end = rest.find(separator);
    const std::string_view segment = rest.substr(0, end);
    COFFER_CHECK(check_segment(segment));
    out.append(segment);
    if (end == std::string_view::npos) return out;
    out.push_back('/');
    rest.remove_prefix(end + 1);
  }
}

}  // namespace coffer::client
