#include "formats/hcl_lex.h"

#include "formats/utf8.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace coffer::formats {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool in_identifier(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.';
}

std::optional<HclTokenKind> punctuation(char c) {
  switch (c) {
    case '=':
      return HclTokenKind::assign;
    case ',':
      return HclTokenKind::comma;
    case '{':
      return HclTokenKind::open_brace;
    case '}':
      return HclTokenKind::close_brace;
    case '[':
      return HclTokenKind::open_bracket;
    case ']':
      return HclTokenKind::close_bracket;
    default:
      return std::nullopt;
  }
}

std::string_view indentation(std::string_view line) {
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

// <<-NAME: as much indentation as the closing line has is taken off every line that has it; HCL 1
// leaves the text alone when one line has less.
void unindent(std::vector<std::string_view>& lines, std::string_view indent) {
  for (const auto line : lines) {
    if (!line.starts_with(indent)) return;
  }
  for (auto& line : lines) line.remove_prefix(indent.size());
}

}  // namespace

std::unexpected<Error> HclLexer::error(std::string_view what) const {
  return fail(Code::invalid_argument, to_text(position_) + ": " + std::string(what));
}

void HclLexer::advance(std::size_t count) {
  for (; count > 0 && !done(); --count, ++at_) {
    if (text_[at_] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
  }
}

Result<> HclLexer::skip_block_comment() {
  const std::size_t close = text_.find("*/", at_ + 2);
  if (close == std::string_view::npos) return error("comment is not closed");
  advance(close + 2 - at_);
  return {};
}

Result<> HclLexer::skip_blank() {
  while (!done()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      advance();
    } else if (c == '#' || (c == '/' && peek(1) == '/')) {
      advance(std::min(text_.find('\n', at_), text_.size()) - at_);
    } else if (c == '/' && peek(1) == '*') {
      COFFER_CHECK(skip_block_comment());
    } else {
      return {};
    }
  }
  return {};
}

Result<HclToken> HclLexer::next() {
  COFFER_CHECK(skip_blank());
  HclToken token;
  token.at = position_;
  if (done()) return token;
  const char c = peek();
  if (const auto kind = punctuation(c)) {
    token.kind = *kind;
    advance();
    return token;
  }
  if (c == '"') return quoted(std::move(token));
  if (c == '<' && peek(1) == '<') return heredoc(std::move(token));
  if (is_digit(c) || c == '-') return number(std::move(token));
  if (is_letter(c)) return identifier(std::move(token));
  return error("unexpected character");
}

HclToken HclLexer::identifier(HclToken token) {
  token.kind = HclTokenKind::identifier;
  const std::size_t start = at_;
  while (in_identifier(peek())) advance();
  token.text = text_.substr(start, at_ - start);
  return token;
}

Result<HclToken> HclLexer::number(HclToken token) {
  token.kind = HclTokenKind::number;
  const std::size_t start = at_;
  const auto digits = [this] {
    const std::size_t from = at_;
    while (is_digit(peek())) advance();
    return at_ > from;
  };
  if (peek() == '-') advance();
  // A leading zero would be octal in HCL 1 and is no JSON number either.
  if (peek() == '0' && is_digit(peek(1))) return error("number has a leading zero");
  bool good = digits();
  if (good && peek() == '.') {
    advance();
    good = digits();
  }
  if (good && (peek() == 'e' || peek() == 'E')) {
    advance();
    if (peek() == '+' || peek() == '-') advance();
    good = digits();
  }
  if (!good || in_identifier(peek())) return error("malformed number");
  token.text = text_.substr(start, at_ - start);
  return token;
}

Result<HclToken> HclLexer::quoted(HclToken token) {
  token.kind = HclTokenKind::string;
  advance();
  while (true) {
    if (done() || peek() == '\n') return error("string is not closed on its line");
    const char c = peek();
    if (c == '"') {
      advance();
      return token;
    }
    if (c == '\\') {
      COFFER_CHECK(escape(token.text));
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return error("control character in a string");
    }
    token.text.push_back(c);
    advance();
  }
}

Result<> HclLexer::escape(std::string& out) {
  constexpr std::string_view kNames = "nrt\"\\";
  constexpr std::string_view kMeanings = "\n\r\t\"\\";
  const char name = peek(1);
  if (const std::size_t i = kNames.find(name); i != std::string_view::npos && name != '\0') {
    out.push_back(kMeanings[i]);
    advance(2);
    return {};
  }
  if (name == 'u') return unicode_escape(4, out);
  if (name == 'U') return unicode_escape(8, out);
  return error("unknown escape");
}

Result<> HclLexer::unicode_escape(std::size_t digits, std::string& out) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = peek(2 + i);
    const bool lower = c >= 'a' && c <= 'f';
    const bool upper = c >= 'A' && c <= 'F';
    if (!is_digit(c) && !lower && !upper) return error("malformed escape");
    const int value = is_digit(c) ? c - '0' : 10 + (lower ? c - 'a' : c - 'A');
    code = code << 4 | static_cast<std::uint32_t>(value);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    return error("escape names no character");
  }
  append_utf8(out, code);
  advance(2 + digits);
  return {};
}

Result<HclToken> HclLexer::heredoc(HclToken token) {
  token.kind = HclTokenKind::string;
  advance(2);
  const bool indented = peek() == '-';
  if (indented) advance();
  const std::string name = identifier({}).text;
  if (peek() == '\r') advance();
  if (name.empty() || peek() != '\n') return error("malformed heredoc");
  advance();
  std::vector<std::string_view> lines;
  while (!done()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    const std::string_view indent = indentation(line);
    std::string_view rest = line.substr(indent.size());
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    if (rest == name) {
      advance(indent.size() + name.size());
      if (indented) unindent(lines, indent);
      for (const auto kept : lines) token.text.append(kept).push_back('\n');
      return token;
    }
    lines.push_back(line);
    advance(end + 1 - at_);
  }
  return error("heredoc is not closed");
}

}  // namespace coffer::formats
