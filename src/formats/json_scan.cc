#include "formats/json_scan.h"

#include "formats/json.h"
#include "formats/json_number.h"
#include "formats/json_text.h"
#include "formats/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace coffer::formats {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_nodes) : text_(text), max_nodes_(max_nodes) {}

  Result<std::string_view> run();

 private:
  enum class Next : std::uint8_t { refused, value, done };

  struct Frame {
    bool object;
    std::size_t first_name;  // index into names_ of the object's first name
  };

  // Everything that returns bool: false = refused, and problem_ and at_ say what and where.
  bool refuse(const char* problem) {
    problem_ = problem;
    return false;
  }

  bool refuse_at(std::size_t position, const char* problem) {
    at_ = position;
    return refuse(problem);
  }

  // Past the end stands NUL, which is no token.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
  }

  Next begin_value();
  Next end_value();
  Next open(bool object);
  bool close_object(std::size_t first_name);
  bool member_name();
  bool string(bool* escaped = nullptr);
  bool escape();
  bool unicode_escape();
  bool number();
  bool digits();
  bool literal(std::string_view word);

  std::string_view text_;
  std::size_t max_nodes_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
  std::array<Frame, kMaxJsonDepth> frames_;  // the first depth_ are set
  std::vector<JsonName> names_;              // of all open objects, innermost last
  const char* problem_ = "";
};

Result<std::string_view> Scanner::run() {
  skip_space();
  const std::size_t begin = at_;
  Next next = Next::value;
  while (next == Next::value) next = begin_value();
  if (next == Next::done) {
    const std::size_t end = at_;
    skip_space();
    if (at_ == text_.size()) return text_.substr(begin, end - begin);
    refuse("text after the value");
  }
  return fail(Code::invalid_argument,
              std::string("JSON: ") + problem_ + " at byte " + std::to_string(at_));
}

// At the first octet of a value: reads a scalar or opens a container.
Scanner::Next Scanner::begin_value() {
  if (++nodes_ > max_nodes_) {
    refuse("too many values");
    return Next::refused;
  }
  bool ok = false;
  switch (peek()) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      ok = string();
      break;
    case 't':
      ok = literal("true");
      break;
    case 'f':
      ok = literal("false");
      break;
    case 'n':
      ok = literal("null");
      break;
    default:
      ok = number();
  }
  return ok ? end_value() : Next::refused;
}

Scanner::Next Scanner::open(bool object) {
  if (depth_ == kMaxJsonDepth) {
    refuse("nested too deep");
    return Next::refused;
  }
  frames_[depth_++] = {object, names_.size()};
  ++at_;
  skip_space();
  if (peek() == (object ? '}' : ']')) {
    --depth_;
    ++at_;
    return end_value();
  }
  if (object && !member_name()) return Next::refused;
  return Next::value;
}

// After a value: closes every container that ends here, then goes to the next value.
Scanner::Next Scanner::end_value() {
  while (depth_ > 0) {
    const Frame& frame = frames_[depth_ - 1];
    skip_space();
    const char c = peek();
    if (c == ',') {
      ++at_;
      skip_space();
      if (frame.object && !member_name()) return Next::refused;
      return Next::value;
    }
    if (c != (frame.object ? '}' : ']')) {
      refuse("expected a comma or the closing bracket");
      return Next::refused;
    }
    ++at_;
    if (frame.object && !close_object(frame.first_name)) return Next::refused;
    --depth_;
  }
  return Next::done;
}

bool Scanner::close_object(std::size_t first_name) {
  const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first_name);
  std::sort(begin, names_.end());
  const auto twin = std::adjacent_find(begin, names_.end());
  if (twin != names_.end()) {
    const char* later = std::max(twin->content().data(), (twin + 1)->content().data());
    return refuse_at(static_cast<std::size_t>(later - text_.data()), "member name used twice");
  }
  names_.erase(begin, names_.end());
  return true;
}

// A name, the colon and the white space around it.
bool Scanner::member_name() {
  if (peek() != '"') return refuse("expected a member name");
  const std::size_t begin = at_ + 1;
  bool escaped = false;
  if (!string(&escaped)) return false;
  names_.emplace_back(text_.substr(begin, at_ - 1 - begin), escaped);
  skip_space();
  if (peek() != ':') return refuse("expected a colon");
  ++at_;
  skip_space();
  return true;
}

bool Scanner::string(bool* escaped) {
  ++at_;
  for (;;) {
    at_ += plain_run(text_.substr(at_));
    if (at_ == text_.size()) return refuse("string without end");
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!escape()) return false;
      if (escaped != nullptr) *escaped = true;
    } else if (c < 0x20) {
      return refuse("control character in a string");
    } else {
      const std::size_t size = utf8_sequence(text_.substr(at_));
      if (size == 0) return refuse("invalid UTF-8");
      at_ += size;
    }
  }
}

bool Scanner::escape() {
  ++at_;
  const char c = peek();
  if (c == 'u') return unicode_escape();
  if (!std::string_view("\"\\/bfnrt").contains(c)) return refuse("bad escape");
  ++at_;
  return true;
}

// \uXXXX, or two of them that make a surrogate pair. Stands at the 'u'.
bool Scanner::unicode_escape() {
  const std::size_t begin = at_ - 1;
  const auto hex_digits = [this] {
    const std::string_view digits = text_.substr(at_ + 1, 4);
    return digits.size() == 4 && std::ranges::all_of(digits, is_hex);
  };
  const auto surrogate = [this](std::string_view second_digits) {
    return (text_[at_ + 1] == 'd' || text_[at_ + 1] == 'D') &&
           second_digits.contains(text_[at_ + 2]);
  };
  if (!hex_digits()) return refuse("bad escape");
  if (surrogate("cdefCDEF")) return refuse_at(begin, "lone surrogate");
  const bool high = surrogate("89abAB");
  at_ += 5;
  if (!high) return true;
  if (!text_.substr(at_).starts_with("\\u")) return refuse_at(begin, "lone surrogate");
  ++at_;
  if (!hex_digits()) return refuse("bad escape");
  if (!surrogate("cdefCDEF")) return refuse_at(begin, "lone surrogate");
  at_ += 5;
  return true;
}

bool Scanner::digits() {
  if (!is_digit(peek())) return refuse("expected a digit");
  while (is_digit(peek())) ++at_;
  return true;
}

bool Scanner::number() {
  const std::size_t begin = at_;
  if (peek() == '-') {
    ++at_;
  } else if (!is_digit(peek())) {
    return refuse("expected a value");
  }
  if (peek() == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (peek() == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!digits()) return false;
  }
  const std::string_view number = text_.substr(begin, at_ - begin);
  // Up to 18 characters without an exponent cannot be out of range: most numbers end here.
  const bool small = number.size() <= 18 && number.find_first_of("eE") == std::string_view::npos;
  if (!small && !is_finite_number(number)) return refuse_at(begin, "number out of range");
  return true;
}

bool Scanner::literal(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return refuse("expected a value");
  at_ += word.size();
  return true;
}

}  // namespace

Result<std::string_view> validate_json(std::string_view text, std::size_t max_nodes) {
  return Scanner(text, max_nodes).run();
}

}  // namespace coffer::formats
