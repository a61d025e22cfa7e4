// Regular expressions of strangers, matched in time that is linear in the text.
//
// The common subset of Java's and POSIX's syntax: literals, '.', classes ([a-z], [^…]), \d \w \s
// and their complements, \t \n \r, escaped punctuation, groups, '|', '*', '+', '?', {m}, {m,},
// {m,n} (each also with a '?' behind, which changes nothing here), '^' and '$'. A pattern matches a
// whole text. Refused: back references, look-around, word boundaries, possessive quantifiers, named
// and inline options, Unicode classes, literals beyond ASCII. There is no backtracking: states are
// walked in step.
//
// Limits: 1024 octets of pattern, kMaxPatternSteps steps when repetitions are written out, groups
// 32 deep. Errors are Code::invalid_argument. Immutable values.
#pragma once

#include "base/result.h"

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxPatternOctets = 1024;
inline constexpr std::size_t kMaxPatternSteps = 4096;

// Characters: those of ASCII, and whether all others belong.
struct CharacterSet {
  std::bitset<128> ascii;
  bool others = false;
};

struct PatternStep {
  enum class Kind : std::uint8_t { characters, fork, begin, end, done };
  Kind kind = Kind::done;
  CharacterSet set;
  std::uint32_t next = 0;
  std::uint32_t other = 0;  // of a fork
};

class SafePattern {
 public:
  static Result<SafePattern> parse(std::string_view text);

  // Whether the whole text, in UTF-8, is one of the pattern's.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  explicit SafePattern(std::vector<PatternStep> steps) : steps_(std::move(steps)) {}

  std::vector<PatternStep> steps_;  // begins at 0
};

}  // namespace coffer::formats
