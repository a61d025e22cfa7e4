// .env files: NAME=VALUE lines, read strictly into wiped memory, and written back.
//
//   # comment                      NAME is [A-Za-z_][A-Za-z0-9_]*
//   NAME=plain value  # comment    ends at " #" or the line's end, blanks around it dropped
//   export NAME='literal'          one line, no escapes
//   NAME="two\nlines"              escapes \n \r \t \" \\ \$ \`; may run over several lines
//
// No blanks around '='. Nothing is expanded: a '$' is a dollar. Refused rather than guessed: quotes
// or back-ticks inside a plain value, text after a closing quote, unknown escapes, a name set
// twice, control characters other than tab (and line ends in double quotes), text that is not
// UTF-8. Lines end with LF or CRLF; a CRLF inside double quotes is kept. An error names its line
// (for a value over several lines, the one it begins on), never a value: Code::invalid_argument,
// or too_large beyond the limits below. Pure functions.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxEnvFileOctets = 1 << 20;
inline constexpr std::size_t kMaxEnvFileEntries = 10'000;

struct EnvEntry {
  std::string name;
  secure::SecureText value;
};

// In the order of the file.
Result<std::vector<EnvEntry>> parse_env_file(std::string_view text);

// One NAME="value" line each. Refuses what parse_env_file would refuse; names may not repeat.
Result<secure::SecureText> write_env_file(const std::vector<EnvEntry>& entries);

}  // namespace coffer::formats
