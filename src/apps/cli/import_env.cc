// parse_env: the .env files that deployment tools read.
//
//   # comment          export NAME=value      NAME="quoted \n text"     NAME='literal'
//
// Double quotes know \n \r \t \\ \" \$ and may span lines, single quotes take everything as it is
// and may span lines too. Unquoted text ends at the line's end, or before a '#' that a blank stands
// before, and loses outer blanks: NAME=#x is "#x". Text that begins with a back-tick is refused:
// some tools quote with it, and others take it as it stands. Nothing is expanded: $X stays $X.
#include "apps/cli/import_tree.h"
#include "formats/json.h"
#include "formats/utf8.h"

#include <algorithm>
#include <utility>

namespace coffer::cli {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

class EnvParser {
 public:
  explicit EnvParser(std::string_view text) : rest_(text) {}

  Result<ImportNode> parse() {
    ImportNode root;
    while (true) {
      skip_blank_and_comments();
      if (rest_.empty()) return root;
      COFFER_TRY(const std::string name, read_name());
      COFFER_TRY(const secure::SecureText value, read_value());
      ImportNode node;
      node.leaf = true;
      formats::JsonWriter(node.json).string(value.text());
      if (!root.members.emplace(name, std::move(node)).second) {
        return bad(name + " is given twice");
      }
    }
  }

 private:
  [[nodiscard]] std::unexpected<Error> bad(const std::string& what) const {
    return fail(Code::invalid_argument, "line " + std::to_string(line_) + ": " + what);
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }

  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) take();
  }

  void skip_line() {
    while (!rest_.empty() && rest_.front() != '\n') take();
  }

  void skip_blank_and_comments() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        skip_line();
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        take();
      } else {
        return;
      }
    }
  }

  Result<std::string> read_name() {
    if (rest_.starts_with("export ") || rest_.starts_with("export\t")) {
      rest_.remove_prefix(7);
      skip_spaces();
    }
    std::string name;
    while (!rest_.empty() && is_name_character(rest_.front())) name.push_back(take());
    skip_spaces();
    if (name.empty() || rest_.empty() || rest_.front() != '=') return bad("NAME=value is needed");
    take();
    return name;
  }

  Result<secure::SecureText> read_value() {
    const bool blank = rest_.starts_with(' ') || rest_.starts_with('\t');
    skip_spaces();
    if (rest_.starts_with('`')) return bad("a value may not begin with a back-tick: use quotes");
    if (rest_.starts_with('\'')) return read_quoted('\'');
    if (rest_.starts_with('"')) return read_quoted('"');
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    std::size_t end = std::min(line.find(" #"), line.find("\t#"));
    if (blank && line.starts_with('#')) end = 0;
    std::string_view value = line.substr(0, end);
    while (!value.empty() &&
           (value.back() == ' ' || value.back() == '\t' || value.back() == '\r')) {
      value.remove_suffix(1);
    }
    skip_line();
    return secure::SecureText(value);
  }

  Result<secure::SecureText> read_quoted(char quote) {
    take();
    secure::SecureText value;
    while (!rest_.empty() && rest_.front() != quote) {
      char c = take();
      if (c == '\\' && quote == '"' && !rest_.empty()) {
        const char escaped = take();
        constexpr std::string_view kFrom = "nrt\\\"$";
        constexpr std::string_view kTo = "\n\r\t\\\"$";
        const std::size_t place = kFrom.find(escaped);
        if (place == std::string_view::npos) {
          value.push_back(c);
          c = escaped;
        } else {
          c = kTo[place];
        }
      }
      value.push_back(c);
    }
    if (rest_.empty()) return bad("a quote is not closed");
    take();
    skip_spaces();
    if (rest_.starts_with('#')) skip_line();
    if (rest_.starts_with('\r')) take();
    if (!rest_.empty() && rest_.front() != '\n') return bad("text behind the closing quote");
    return value;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

Result<ImportNode> parse_env(std::string_view text) {
  COFFER_CHECK(check_import_size(text));
  if (!formats::is_utf8(text)) return fail(Code::invalid_argument, "the file is not UTF-8");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return EnvParser(text).parse();
}

}  // namespace coffer::cli
