#include "formats/form.h"

#include "formats/utf8.h"

#include <algorithm>
#include <array>
#include <set>

namespace coffer::formats {
namespace {

std::unexpected<Error> refused(std::string_view what, std::size_t position) {
  return fail(Code::invalid_argument,
              "form: " + std::string(what) + " at byte " + std::to_string(position));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes `text`, which starts at `position` of the body, into `out`.
template <class Out>
Result<> decode(std::string_view text, std::size_t position, Out& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+') {
      out.push_back(' ');
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return refused("bad escape", position + i);
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else if (c <= ' ' || c > '~') {
      return refused("octet that must be escaped", position + i);
    } else {
      out.push_back(c);
    }
  }
  return {};
}

Result<FormPair> parse_pair(std::string_view text, std::size_t position) {
  const std::size_t equals = std::min(text.find('='), text.size());
  FormPair pair;
  COFFER_CHECK(decode(text.substr(0, equals), position, pair.name));
  if (pair.name.empty()) return refused("empty name", position);
  if (!is_utf8(pair.name)) return refused("invalid UTF-8", position);
  if (equals < text.size()) {
    const std::string_view value = text.substr(equals + 1);
    pair.value.reserve(value.size());  // decoding never lengthens
    COFFER_CHECK(decode(value, position + equals + 1, pair.value));
    if (!is_utf8(pair.value.text())) return refused("invalid UTF-8", position + equals + 1);
  }
  return pair;
}

constexpr bool is_unescaped(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("*-._").contains(c);
}

void append_encoded(secure::SecureText& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unescaped(c)) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      const auto octet = static_cast<unsigned char>(c);
      const std::array<char, 3> escape{'%', kHex[octet >> 4], kHex[octet & 15U]};
      out.append({escape.data(), escape.size()});
    }
  }
}

}  // namespace

Result<std::vector<FormPair>> parse_form(std::string_view body) {
  std::vector<FormPair> pairs;
  if (body.empty()) return pairs;
  std::set<std::string> names;
  for (std::size_t at = 0; at <= body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    if (pairs.size() == kMaxFormPairs) return fail(Code::too_large, "form: more than 1000 pairs");
    COFFER_TRY(FormPair pair, parse_pair(body.substr(at, end - at), at));
    if (!names.insert(pair.name).second) return refused("name used twice", at);
    pairs.push_back(std::move(pair));
    at = end + 1;
  }
  return pairs;
}

secure::SecureText write_form(const std::vector<FormPair>& pairs) {
  secure::SecureText out;
  for (const FormPair& pair : pairs) {
    if (!out.empty()) out.push_back('&');
    append_encoded(out, pair.name);
    out.push_back('=');
    append_encoded(out, pair.value.text());
  }
  return out;
}

}  // namespace coffer::formats
