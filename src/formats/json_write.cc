#include "formats/json.h"
#include "formats/octet_run.h"
#include "formats/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace coffer::formats {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// How much of a string stands in JSON as it is. <, > and & are escaped so that the text may stand
// inside HTML; it is also what Go's encoder does. Below 0x20 is whatever is over 0x7f, too.
std::size_t verbatim_run(std::string_view text) {
  return octet_run(text, [](auto octet) {
    return (octet < 0x20) | (octet == '"') | (octet == '\\') | (octet == '<') | (octet == '>') |
           (octet == '&');
  });
}

void append_escape(secure::SecureText& out, char c) {
  switch (c) {
    case '"':
      return out.append("\\\"");
    case '\\':
      return out.append("\\\\");
    case '\n':
      return out.append("\\n");
    case '\r':
      return out.append("\\r");
    case '\t':
      return out.append("\\t");
    default: {
      const auto octet = static_cast<unsigned char>(c);
      const std::array<char, 6> escape{
          '\\', 'u', '0', '0', kHexDigits[octet >> 4], kHexDigits[octet & 15U]};
      out.append({escape.data(), escape.size()});
    }
  }
}

void append_quoted(secure::SecureText& out, std::string_view value) {
  out.push_back('"');
  while (!value.empty()) {
    const std::size_t run = verbatim_run(value);
    out.append(value.substr(0, run));
    value.remove_prefix(run);
    if (value.empty()) break;
    if (static_cast<unsigned char>(value[0]) < 0x80) {
      append_escape(out, value[0]);
      value.remove_prefix(1);
      continue;
    }
    const std::size_t size = utf8_sequence(value);
    out.append(size == 0 ? std::string_view("\xef\xbf\xbd") : value.substr(0, size));
    value.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out.push_back('"');
}

}  // namespace

void JsonWriter::before_value() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  out_.push_back('{');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  before_value();
  out_.push_back('[');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  append_quoted(out_, name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  before_value();
  append_quoted(out_, value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  before_value();
  std::array<char, 20> digits{};  // "-9223372036854775808" fits exactly
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_.append(json);
  return *this;
}

JsonWriter& JsonWriter::strings(const std::vector<std::string>& values) {
  begin_array();
  for (const std::string& value : values) string(value);
  return end_array();
}

}  // namespace coffer::formats
