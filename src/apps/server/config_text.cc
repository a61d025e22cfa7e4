#include "apps/server/config_text.h"

#include <string>

namespace coffer::server {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_control(unsigned char octet) {
  return (octet < 0x20 && octet != '\t' && octet != '\n' && octet != '\r') || octet == 0x7f;
}

// Where strings and comments begin and end; what else is wrong with them the library says.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {}

  // Whether the octet at `at` is in a comment. To be asked for each place in turn.
  bool is_comment(std::size_t at) {
    if (at < next_) return false;  // the rest of what was taken together
    const char c = text_[at];
    if (c == '\n') {
      comment_ = false;
      if (!multi_) quote_ = 0;
    } else if (!comment_ && quote_ == 0) {
      begin(at, c);
    } else if (!comment_) {
      go_on(at, c);
    }
    return comment_;
  }

 private:
  [[nodiscard]] bool has_three(std::size_t at, char quote) const {
    return text_.substr(at, 3) == std::string(3, quote);
  }

  void begin(std::size_t at, char c) {
    comment_ = c == '#';
    if (c != '"' && c != '\'') return;
    quote_ = c;
    multi_ = has_three(at, c);
    next_ = at + (multi_ ? 3 : 1);
  }

  void go_on(std::size_t at, char c) {
    if (c == '\\' && quote_ == '"') {
      next_ = at + 2;
      if (text_.substr(at + 1).starts_with('\n')) next_ = at + 1;
    } else if (c == quote_ && (!multi_ || has_three(at, c))) {
      next_ = at + (multi_ ? 3 : 1);
      // A string of several lines may end in one or two quotes of its own.
      while (multi_ && next_ < at + 5 && text_.substr(next_).starts_with(c)) ++next_;
      quote_ = 0;
    }
  }

  std::string_view text_;
  std::size_t next_ = 0;
  char quote_ = 0;  // of the string under way; 0: none
  bool multi_ = false;
  bool comment_ = false;
};

}  // namespace

Result<> check_config_text(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Outline outline(text);
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet = static_cast<unsigned char>(text[at]);
    const bool comment = outline.is_comment(at);
    if (is_control(octet)) {
      return fail(Code::invalid_argument, "line " + std::to_string(line) + ": control character");
    }
    if (octet >= 0x80 && !comment) {
      return fail(Code::invalid_argument,
                  "line " + std::to_string(line) +
                      ": a character beyond ASCII; in a string it is written \\uXXXX");
    }
    if (octet == '\n') ++line;
  }
  return {};
}

}  // namespace coffer::server
