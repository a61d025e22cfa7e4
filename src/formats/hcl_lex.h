// The tokens of HCL. Internal to the parser in hcl.cc; see hcl.h for the language.
//
// A lexer borrows its text and yields tokens until `end`, which it then yields for ever. After an
// error it must not be used again.
#pragma once

#include "base/result.h"
#include "formats/hcl.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::formats {

enum class HclTokenKind : std::uint8_t {
  end,
  identifier,
  string,  // also heredocs
  number,
  assign,         // =
  comma,          // ,
  open_brace,     // {
  close_brace,    // }
  open_bracket,   // [
  close_bracket,  // ]
};

struct HclToken {
  HclTokenKind kind = HclTokenKind::end;
  TextPosition at;
  std::string text;  // content of strings, spelling of identifiers and numbers
};

class HclLexer {
 public:
  explicit HclLexer(std::string_view text) : text_(text) {}

  Result<HclToken> next();

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }

  void advance(std::size_t count = 1);
  Result<> skip_blank();
  Result<> skip_block_comment();
  Result<HclToken> quoted(HclToken token);
  Result<> escape(std::string& out);
  Result<> unicode_escape(std::size_t digits, std::string& out);
  Result<HclToken> heredoc(HclToken token);
  Result<HclToken> number(HclToken token);
  HclToken identifier(HclToken token);
  [[nodiscard]] std::unexpected<Error> error(std::string_view what) const;

  std::string_view text_;
  std::size_t at_ = 0;
  TextPosition position_;
};

}  // namespace coffer::formats
