// Walking JSON text that the scanner has already validated: skipping, unescaping, comparing names.
//
// Everything here borrows the text, allocates nothing unless said, cannot fail, and is wrong for
// text that did not pass validate_json(). Used by the JSON files of this folder only; the way in
// for everyone else is json.h.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::formats {

// White space of RFC 8259 §2.
constexpr bool is_json_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// How many octets at the start of `text` are plain string content: no quote, backslash, control
// character or octet over 0x7f.
[[nodiscard]] std::size_t plain_run(std::string_view text);

// One escape sequence, decoded to UTF-8. `text` starts at the backslash; a surrogate pair counts
// as one sequence.
struct JsonEscape {
  std::array<char, 4> octets{};
  std::size_t size = 0;      // octets used
  std::size_t consumed = 0;  // length of the sequence in the text
};

[[nodiscard]] JsonEscape decode_escape(std::string_view text);

// Appends the content of a string (the text between its quotes) with escapes resolved.
template <class Out>
void append_unescaped(Out& out, std::string_view content) {
  while (!content.empty()) {
    const std::string_view run = content.substr(0, content.find('\\'));
    out.append(run);
    content.remove_prefix(run.size());
    if (content.empty()) return;
    const JsonEscape escape = decode_escape(content);
    out.append(std::string_view(escape.octets.data(), escape.size));
    content.remove_prefix(escape.consumed);
  }
}

// A member name as it stands in the text. Order and equality are those of the unescaped octets.
class JsonName {
 public:
  // `escaped`: whether `content`, the text between the quotes, has a backslash in it.
  JsonName(std::string_view content, bool escaped);

  [[nodiscard]] std::string_view content() const { return content_; }

  [[nodiscard]] bool equals(std::string_view unescaped) const;

  friend std::strong_ordering operator<=>(const JsonName& a, const JsonName& b);

  friend bool operator==(const JsonName& a, const JsonName& b) { return (a <=> b) == 0; }

 private:
  std::string_view content_;
  bool escaped_;
  std::uint64_t prefix_;  // the first eight octets, unescaped, big endian: decides most orders
};

struct JsonMemberText {
  JsonName name;
  std::string_view value;
};

// The members of an object in the order sent: next() until nullopt.
class JsonMemberCursor {
 public:
  explicit JsonMemberCursor(std::string_view object) : rest_(object.substr(1)) {}

  std::optional<JsonMemberText> next();

 private:
  std::string_view rest_;
};

// The value of the member `name` (unescaped) of an object, if it has one.
[[nodiscard]] std::optional<std::string_view> member_value(std::string_view object,
                                                           std::string_view name);

// The elements of an array in order.
class JsonElementCursor {
 public:
  explicit JsonElementCursor(std::string_view array) : rest_(array.substr(1)) {}

  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

// The length of the value at the start of `text` (no leading white space).
[[nodiscard]] std::size_t value_length(std::string_view text);

// Appends the value without white space between its tokens; the tokens themselves stay as sent.
template <class Out>
void append_compact(Out& out, std::string_view value) {
  while (!value.empty()) {
    std::size_t size = 0;
    if (value[0] == '"') {
      size = value_length(value);
    } else {
      while (size < value.size() && value[size] != '"' && !is_json_space(value[size])) ++size;
    }
    out.append(value.substr(0, size));
    value.remove_prefix(size);
    while (!value.empty() && is_json_space(value[0])) value.remove_prefix(1);
  }
}

}  // namespace coffer::formats
