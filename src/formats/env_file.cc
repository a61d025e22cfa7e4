#include "formats/env_file.h"

#include "formats/utf8.h"

#include <algorithm>
#include <set>

namespace coffer::formats {
namespace {

constexpr std::string_view kBlank = " \t";

bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text[0]) && std::ranges::all_of(text, letter_or_digit);
}

// UTF-8 whose only control characters are tabs and, where allowed, line ends.
bool is_value(std::string_view text, std::string_view allowed_controls) {
  const auto refused = [&](char c) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    return control && !allowed_controls.contains(c);
  };
  return std::ranges::none_of(text, refused) && is_utf8(text);
}

// The character that `escaped` stands for after a backslash, or NUL.
char unescape(char escaped) {
  switch (escaped) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '$':
    case '`':
      return escaped;
    default:
      return '\0';
  }
}

// The inverse: what to write for `c` in double quotes, or nothing where it stands for itself.
std::string_view escape_for(char c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '$':
      return "\\$";
    case '`':
      return "\\`";
    default:
      return {};
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<std::vector<EnvEntry>> run();

 private:
  [[nodiscard]] std::unexpected<Error> refuse(std::string_view what) const {
    return fail(Code::invalid_argument,
                "env file: " + std::string(what) + " on line " + std::to_string(line_));
  }

  std::string_view take_line();
  Result<> entry(std::string_view line);
  Result<secure::SecureText> plain(std::string_view text) const;
  Result<secure::SecureText> single_quoted(std::string_view text) const;
  Result<secure::SecureText> double_quoted(std::string_view text);
  [[nodiscard]] Result<> only_comment(std::string_view text) const;

  std::string_view rest_;      // after the current line
  std::size_t line_ = 0;       // on which the current entry begins
  std::size_t next_line_ = 1;  // at the start of rest_
  std::vector<EnvEntry> entries_;
  std::set<std::string> names_;
};

Result<std::vector<EnvEntry>> Parser::run() {
  while (!rest_.empty()) {
    line_ = next_line_;
    std::string_view line = take_line();
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    if (line.empty() || line[0] == '#') {
      if (!is_value(line, "\t")) return refuse("control character or invalid UTF-8");
      continue;
    }
    COFFER_CHECK(entry(line));
  }
  return std::move(entries_);
}

// The line without its end.
std::string_view Parser::take_line() {
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++next_line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<> Parser::entry(std::string_view line) {
  if (line.starts_with("export ") || line.starts_with("export\t")) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank, 6), line.size()));
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return refuse("no '='");
  EnvEntry entry{.name = std::string(line.substr(0, equals)), .value = {}};
  if (!is_name(entry.name)) return refuse("bad name");
  if (!names_.insert(entry.name).second) return refuse("name set twice");
  if (entries_.size() == kMaxEnvFileEntries) {
    return fail(Code::too_large, "env file: more than 10000 names");
  }
  const std::string_view text = line.substr(equals + 1);
  const char first = text.empty() ? '\0' : text[0];
  auto value = first == '"'    ? double_quoted(text.substr(1))
               : first == '\'' ? single_quoted(text.substr(1))
                               : plain(text);
  COFFER_TRY(entry.value, std::move(value));
  entries_.push_back(std::move(entry));
  return {};
}

// From the '=' to a comment or the end of the line.
Result<secure::SecureText> Parser::plain(std::string_view text) const {
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || kBlank.contains(text[i - 1]))) {
      end = i;
      break;
    }
  }
  if (!is_value(text, "\t")) return refuse("control character or invalid UTF-8");
  text = text.substr(0, end);
  if (!text.empty() && kBlank.contains(text[0]) &&
      text.find_first_not_of(kBlank) != std::string_view::npos) {
    return refuse("blank after '='");
  }
  text = text.substr(0, text.find_last_not_of(kBlank) + 1);
  if (text.find_first_of("\"'`") != std::string_view::npos) {
    return refuse("quote inside a plain value");
  }
  return secure::SecureText(text);
}

Result<secure::SecureText> Parser::single_quoted(std::string_view text) const {
  const std::size_t end = text.find('\'');
  if (end == std::string_view::npos) return refuse("quote without end");
  COFFER_CHECK(only_comment(text.substr(end + 1)));
  text = text.substr(0, end);
  if (!is_value(text, "\t")) return refuse("control character or invalid UTF-8");
  return secure::SecureText(text);
}

// `text` is the rest of the first line; the value may go on in rest_, which follows it in memory.
Result<secure::SecureText> Parser::double_quoted(std::string_view text) {
  const char* const file_end = rest_.data() + rest_.size();
  text = {text.data(), static_cast<std::size_t>(file_end - text.data())};
  secure::SecureText value;
  std::size_t at = 0;
  for (;;) {
    const std::size_t stop = text.find_first_of("\"\\", at);
    if (stop == std::string_view::npos) return refuse("quote without end");
    const std::string_view run = text.substr(at, stop - at);
    if (!is_value(run, "\t\r\n")) return refuse("control character or invalid UTF-8");
    value.append(run);
    next_line_ += static_cast<std::size_t>(std::ranges::count(run, '\n'));
    at = stop + 1;
    if (text[stop] == '"') break;
    const char c = at < text.size() ? unescape(text[at]) : '\0';
    if (c == '\0') return refuse("unknown escape");
    value.push_back(c);
    ++at;
  }
  // Go on after the line of the closing quote; take_line() counts it, though the first was counted.
  rest_ = text.substr(at);
  --next_line_;
  COFFER_CHECK(only_comment(take_line()));
  return value;
}

Result<> Parser::only_comment(std::string_view text) const {
  if (!is_value(text, "\t")) return refuse("control character or invalid UTF-8");
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  if (first > 0 && text[first] == '#') return {};
  return refuse("text after the closing quote");
}

}  // namespace

Result<std::vector<EnvEntry>> parse_env_file(std::string_view text) {
  if (text.size() > kMaxEnvFileOctets) return fail(Code::too_large, "env file: over 1 MiB");
  return Parser(text).run();
}

Result<secure::SecureText> write_env_file(const std::vector<EnvEntry>& entries) {
  secure::SecureText out;
  std::set<std::string_view> names;
  for (const EnvEntry& entry : entries) {
    if (!is_name(entry.name)) return fail(Code::invalid_argument, "env file: bad name");
    if (!names.insert(entry.name).second) {
      return fail(Code::invalid_argument, "env file: name set twice");
    }
    if (!is_value(entry.value.text(), "\t\r\n")) {
      return fail(Code::invalid_argument,
                  "env file: the value of " + entry.name + " has octets that no line can hold");
    }
    out.append(entry.name);
    out.append("=\"");
    for (const char c : entry.value.text()) {
      const std::string_view escape = escape_for(c);
      escape.empty() ? out.push_back(c) : out.append(escape);
    }
    out.append("\"\n");
  }
  if (entries.size() > kMaxEnvFileEntries || out.size() > kMaxEnvFileOctets) {
    return fail(Code::too_large, "env file: beyond 10000 names or 1 MiB");
  }
  return out;
}

}  // namespace coffer::formats
