#include "net/target.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace coffer::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
         hex_value(text[at + 2]) >= 0;
}

bool has_escape(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escape(text, i)) return true;
  }
  return false;
}

// What `+` stands for: itself in a path, a space in a query.
enum class Plus : std::uint8_t { plus, space };

Result<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= 0x20 || c >= 0x7f) return fail(Code::invalid_argument, "unescaped octet in target");
    if (c == '%') {
      if (!is_escape(text, i)) return fail(Code::invalid_argument, "broken escape in target");
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(c == '+' && plus == Plus::space ? ' ' : c);
    }
  }
  return out;
}

struct Utf8Form {
  std::size_t length;
  std::uint32_t lead_bits;
  std::uint32_t smallest;  // below it the form is overlong
};

// The form that a lead octet announces (RFC 3629 §3); length 0 when it cannot lead.
Utf8Form utf8_form(std::uint8_t lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xc0 && lead < 0xe0) return {2, lead & 0x1fU, 0x80};
  if (lead >= 0xe0 && lead < 0xf0) return {3, lead & 0x0fU, 0x800};
  if (lead >= 0xf0 && lead < 0xf8) return {4, lead & 0x07U, 0x10000};
  return {0, 0, 0};
}

bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

Result<> check_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Form form = utf8_form(static_cast<std::uint8_t>(text[i]));
    if (form.length == 0 || text.size() - i < form.length) {
      return fail(Code::invalid_argument, "target is not UTF-8");
    }
    std::uint32_t c = form.lead_bits;
    for (std::size_t k = 1; k < form.length; ++k) {
      const auto octet = static_cast<std::uint8_t>(text[i + k]);
      if ((octet & 0xc0U) != 0x80) return fail(Code::invalid_argument, "target is not UTF-8");
      c = c << 6U | (octet & 0x3fU);
    }
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    if (c < form.smallest || c > 0x10ffff || surrogate) {
      return fail(Code::invalid_argument, "target is not UTF-8");
    }
    if (is_control(c)) return fail(Code::invalid_argument, "control character in target");
    i += form.length;
  }
  return {};
}

Result<> check_segment(std::string_view segment, bool last) {
  if (segment == "." || segment == "..") {
    return fail(Code::invalid_argument, "dot segment in path");
  }
  if (segment.empty() && !last) return fail(Code::invalid_argument, "empty segment in path");
  return {};
}

Result<> check_segments(std::string_view path) {
  for (std::size_t start = 1;;) {
    const std::size_t slash = path.find('/', start);
    const bool last = slash == std::string_view::npos;
    COFFER_CHECK(check_segment(path.substr(start, last ? slash : slash - start), last));
    if (last) return {};
    start = slash + 1;
  }
}

// One DER sequence and nothing behind it.
bool is_sequence(ByteView der) {
  if (der.size() < 2 || der[0] != 0x30) return false;
  const std::size_t extra = der[1] < 0x80 ? 0 : der[1] & 0x7fU;
  if (extra > 2 || der.size() < 2 + extra) return false;
  std::size_t length = extra == 0 ? der[1] : 0;
  for (std::size_t i = 0; i < extra; ++i) length = length * 256 + der[2 + i];
  return der.size() == 2 + extra + length;
}

// See the header. nullopt: it is no such path.
std::optional<std::string> ocsp_path(std::string_view raw) {
  constexpr std::string_view kBefore = "/ocsp/";
  const std::size_t at = raw.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  const auto tail = decode(raw.substr(at + kBefore.size()), Plus::plus);
  const auto der = tail ? base64_decode(*tail) : Result<Bytes>(std::unexpected(tail.error()));
  if (!der || !is_sequence(*der)) return std::nullopt;
  return std::string(raw.substr(0, at + kBefore.size())) + base64_encode(*der, Base64::url_raw);
}

std::ptrdiff_t slashes(std::string_view text) {
  return std::ranges::count(text, '/');
}

// Octets that stand for themselves and that no rule of parse_path() but that of segments is about.
constexpr auto kOrdinary = [] {
  std::array<bool, 256> ordinary{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@")) {
    ordinary[static_cast<unsigned char>(c)] = true;
  }
  return ordinary;
}();

bool is_ordinary(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kOrdinary[static_cast<unsigned char>(c)]; });
}

Result<std::string> parse_path(std::string_view raw) {
  if (!raw.starts_with('/')) return fail(Code::invalid_argument, "path does not begin with /");
  if (is_ordinary(raw)) {
    COFFER_CHECK(check_segments(raw));
    return std::string(raw);
  }
  COFFER_TRY(std::string path, decode(raw, Plus::plus));
  COFFER_CHECK(check_text(path));
  // An escaped slash would make two paths of one: count them before and after.
  if (slashes(path) != slashes(raw)) {
    const auto request = ocsp_path(raw);
    if (!request) return fail(Code::invalid_argument, "escaped / in path");
    COFFER_TRY(path, decode(*request, Plus::plus));
    if (slashes(path) != slashes(*request)) {
      return fail(Code::invalid_argument, "escaped / in path");
    }
  }
  if (path.find_first_of("\\;") != std::string::npos) {
    return fail(Code::invalid_argument, "character not allowed in path");
  }
  if (has_escape(path)) return fail(Code::invalid_argument, "path is escaped twice");
  COFFER_CHECK(check_segments(path));
  return path;
}

Result<> add_parameter(Target& target, std::string_view raw) {
  const std::size_t equals = raw.find('=');
  const bool bare = equals == std::string_view::npos;
  COFFER_TRY(std::string name, decode(raw.substr(0, equals), Plus::space));
  COFFER_TRY(std::string value, decode(bare ? "" : raw.substr(equals + 1), Plus::space));
  COFFER_CHECK(check_text(name));
  COFFER_CHECK(check_text(value));
  if (name.empty()) return fail(Code::invalid_argument, "query parameter without a name");
  if (query_value(target, name)) {
    return fail(Code::invalid_argument, "query parameter given twice");
  }
  if (target.query.size() == kMaxQueryParameters) {
    return fail(Code::invalid_argument, "too many query parameters");
  }
  target.query.emplace_back(std::move(name), std::move(value));
  return {};
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (target.size() > kMaxTarget) return fail(Code::invalid_argument, "target too long");
  if (target.contains('#')) return fail(Code::invalid_argument, "fragment in target");
  const std::size_t mark = target.find('?');
  Target out;
  COFFER_TRY(out.path, parse_path(target.substr(0, mark)));
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    COFFER_CHECK(add_parameter(out, rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

std::optional<std::string_view> query_value(const Target& target, std::string_view name) {
  for (const auto& [key, value] : target.query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string encode_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (kPlain.contains(c)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(kDigits[octet >> 4U]);
    out.push_back(kDigits[octet & 15U]);
  }
  return out;
}

}  // namespace coffer::net
