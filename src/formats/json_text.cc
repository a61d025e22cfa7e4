#include "formats/json_text.h"

#include "formats/octet_run.h"
#include "formats/utf8.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace coffer::formats {
namespace {

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value;
}

// Collects a decoded scalar into a JsonEscape.
struct EscapeSink {
  JsonEscape& escape;

  void push_back(char c) { escape.octets[escape.size++] = c; }
};

// The octets of a string's content one by one, with escapes resolved.
class UnescapedOctets {
 public:
  explicit UnescapedOctets(std::string_view content) : rest_(content) {}

  // 0..255, or -1 at the end.
  int next() {
    if (pending_at_ < pending_.size) return octet(pending_.octets[pending_at_++]);
    if (rest_.empty()) return -1;
    if (rest_[0] == '\\') {
      pending_ = decode_escape(rest_);
      rest_.remove_prefix(pending_.consumed);
      pending_at_ = 1;
      return octet(pending_.octets[0]);
    }
    const int value = octet(rest_[0]);
    rest_.remove_prefix(1);
    return value;
  }

 private:
  static int octet(char c) { return static_cast<unsigned char>(c); }

  std::string_view rest_;
  JsonEscape pending_;
  std::size_t pending_at_ = 0;
};

std::uint64_t name_prefix(std::string_view content, bool escaped) {
  std::uint64_t prefix = 0;
  if (escaped) {
    UnescapedOctets octets(content);
    for (int i = 0; i < 8; ++i) {
      prefix = prefix << 8 | static_cast<std::uint64_t>(std::max(octets.next(), 0));
    }
    return prefix;
  }
  std::memcpy(&prefix, content.data(), std::min(content.size(), sizeof prefix));
  if constexpr (std::endian::native == std::endian::little) prefix = std::byteswap(prefix);
  return prefix;
}

void skip_space(std::string_view& text) {
  while (!text.empty() && is_json_space(text[0])) text.remove_prefix(1);
}

// Drops white space and the comma before the next member or element; false at the closing bracket.
bool at_next_item(std::string_view& rest) {
  skip_space(rest);
  if (rest.empty() || rest[0] == ']' || rest[0] == '}') return false;
  if (rest[0] == ',') {
    rest.remove_prefix(1);
    skip_space(rest);
  }
  return true;
}

std::string_view take(std::string_view& text, std::size_t size) {
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

// The quote that ends a string is the first one that has no backslash before it which is not itself
// escaped: an even number of them. Quotes alone are looked for, as this is done for each member
// that is not the one that was asked for.
std::size_t string_length(std::string_view text) {
  for (std::size_t at = text.find('"', 1);; at = text.find('"', at + 1)) {
    std::size_t backslashes = 0;
    while (text[at - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at + 1;
  }
}

std::size_t container_length(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0;;) {
    // To the next quote or bracket: 0x20 is what tells [ from { and ] from }.
    at += octet_run(text.substr(at), [](auto octet) {
      return (octet == '"') | ((octet | 0x20) == '{') | ((octet | 0x20) == '}');
    });
    if (text[at] == '"') {
      at += string_length(text.substr(at));
      continue;
    }
    if (text[at] == '[' || text[at] == '{') {
      ++depth;
    } else {
      --depth;
    }
    ++at;
    if (depth == 0) return at;
  }
}

}  // namespace

std::size_t plain_run(std::string_view text) {
  // Below 0x20 is whatever is over 0x7f, too: octets are signed here.
  return octet_run(text,
                   [](auto octet) { return (octet < 0x20) | (octet == '"') | (octet == '\\'); });
}

JsonEscape decode_escape(std::string_view text) {
  JsonEscape escape;
  EscapeSink sink{escape};
  escape.consumed = 2;
  switch (text[1]) {
    case 'b':
      sink.push_back('\b');
      return escape;
    case 'f':
      sink.push_back('\f');
      return escape;
    case 'n':
      sink.push_back('\n');
      return escape;
    case 'r':
      sink.push_back('\r');
      return escape;
    case 't':
      sink.push_back('\t');
      return escape;
    case 'u':
      break;
    default:  // the quote, the backslash and the slash stand for themselves
      sink.push_back(text[1]);
      return escape;
  }
  std::uint32_t scalar = hex4(text.substr(2));
  escape.consumed = 6;
  if (scalar >= 0xd800 && scalar < 0xdc00) {  // validated: the low half follows
    scalar = 0x10000 + ((scalar - 0xd800) << 10) + (hex4(text.substr(8)) - 0xdc00);
    escape.consumed = 12;
  }
  append_utf8(sink, scalar);
  return escape;
}

JsonName::JsonName(std::string_view content, bool escaped)
    : content_(content), escaped_(escaped), prefix_(name_prefix(content, escaped)) {}

bool JsonName::equals(std::string_view unescaped) const {
  if (!escaped_) return content_ == unescaped;
  UnescapedOctets octets(content_);
  for (const char c : unescaped) {
    if (octets.next() != static_cast<unsigned char>(c)) return false;
  }
  return octets.next() == -1;
}

std::strong_ordering operator<=>(const JsonName& a, const JsonName& b) {
  if (a.prefix_ != b.prefix_) return a.prefix_ <=> b.prefix_;
  if (!a.escaped_ && !b.escaped_) return a.content_ <=> b.content_;
  UnescapedOctets left(a.content_);
  UnescapedOctets right(b.content_);
  for (;;) {
    const int x = left.next();
    const int y = right.next();
    if (x != y) return x <=> y;
    if (x == -1) return std::strong_ordering::equal;
  }
}

std::optional<JsonMemberText> JsonMemberCursor::next() {
  if (!at_next_item(rest_)) return std::nullopt;
  const std::string_view quoted = take(rest_, string_length(rest_));
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  skip_space(rest_);
  rest_.remove_prefix(1);  // the colon
  skip_space(rest_);
  return JsonMemberText{JsonName(name, name.contains('\\')), take(rest_, value_length(rest_))};
}

// As with the cursor, without making a JsonName of each name that it passes.
std::optional<std::string_view> member_value(std::string_view object, std::string_view name) {
  std::string_view rest = object.substr(1);
  while (at_next_item(rest)) {
    // Most names are short and have no escapes: their end is found in one step.
    const std::size_t run =
        octet_run(rest.substr(1), [](auto octet) { return (octet == '"') | (octet == '\\'); });
    const bool escaped = rest[1 + run] == '\\';
    const std::string_view quoted = take(rest, escaped ? string_length(rest) : run + 2);
    const std::string_view content = quoted.substr(1, quoted.size() - 2);
    const bool found = escaped ? JsonName(content, true).equals(name) : content == name;
    skip_space(rest);
    rest.remove_prefix(1);  // the colon
    skip_space(rest);
    const std::string_view value = take(rest, value_length(rest));
    if (found) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> JsonElementCursor::next() {
  if (!at_next_item(rest_)) return std::nullopt;
  return take(rest_, value_length(rest_));
}

std::size_t value_length(std::string_view text) {
  switch (text[0]) {
    case '"':
      return string_length(text);
    case '[':
    case '{':
      return container_length(text);
    default: {  // a number or a literal name: up to what may follow a value
      const std::size_t end = text.find_first_of(",]} \t\r\n");
      return end == std::string_view::npos ? text.size() : end;
    }
  }
}

}  // namespace coffer::formats
