#include "formats/safe_pattern.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

namespace coffer::formats {
namespace {

using Kind = PatternStep::Kind;

constexpr std::size_t kMaxDepth = 32;
constexpr std::uint32_t kOpen = std::numeric_limits<std::uint32_t>::max();  // "{2,}"

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::invalid_argument, "pattern: " + std::string(why));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

template <class Test>
CharacterSet set_of(Test test, bool negated) {
  CharacterSet set;
  for (std::size_t c = 0; c < set.ascii.size(); ++c) {
    if (test(static_cast<char>(c)) != negated) set.ascii.set(c);
  }
  set.others = negated;
  return set;
}

void negate(CharacterSet& set) {
  set.ascii.flip();
  set.others = !set.others;
}

// A run of steps that begins at its first and leaves at its end, numbered from 0.
using Steps = std::vector<PatternStep>;

void append_steps(Steps& out, const Steps& more) {
  const auto base = static_cast<std::uint32_t>(out.size());
  for (PatternStep step : more) {
    step.next += base;
    step.other += base;
    out.push_back(step);
  }
}

// A step that goes on behind itself.
PatternStep step_of(Kind kind, CharacterSet set = {}) {
  return {kind, set, 1, 1};
}

// Either what follows, or what lies `over` steps ahead.
PatternStep fork_over(std::size_t over) {
  PatternStep fork = step_of(Kind::fork);
  fork.other = static_cast<std::uint32_t>(over);
  return fork;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Steps> parse() {
    COFFER_TRY(Steps steps, alternatives(0));
    if (!rest_.empty()) return refuse("a ')' without its '('");
    return steps;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  static Result<> check_size(std::size_t steps) {
    return steps <= kMaxPatternSteps ? Result<>() : refuse("too large");
  }

  Result<Steps> alternatives(std::size_t depth) {
    if (depth > kMaxDepth) return refuse("groups too deep");
    COFFER_TRY(Steps left, sequence(depth));
    while (take('|')) {
      COFFER_TRY(const Steps right, sequence(depth));
      Steps both;
      both.push_back(fork_over(left.size() + 2));
      append_steps(both, left);
      PatternStep over = step_of(Kind::fork);
      over.next = over.other = static_cast<std::uint32_t>(both.size() + 1 + right.size());
      both.push_back(over);
      append_steps(both, right);
      left = std::move(both);
      COFFER_CHECK(check_size(left.size()));
    }
    return left;
  }

  Result<Steps> sequence(std::size_t depth) {
    Steps steps;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      COFFER_TRY(Steps atom, repeated(depth));
      append_steps(steps, atom);
      COFFER_CHECK(check_size(steps.size()));
    }
    return steps;
  }

  Result<Steps> repeated(std::size_t depth) {
    COFFER_TRY(Steps atom, this->atom(depth));
    std::uint32_t least = 1;
    std::uint32_t most = 1;
    if (take('*')) {
      least = 0;
      most = kOpen;
    } else if (take('+')) {
      most = kOpen;
    } else if (take('?')) {
      least = 0;
    } else if (take('{')) {
      COFFER_CHECK(bounds(least, most));
    } else {
      return atom;
    }
    (void)take('?');  // reluctant: the same texts
    if (!rest_.empty() && std::string_view("*+?{").contains(rest_.front())) {
      return refuse("a quantifier of a quantifier");
    }
    return repeat(atom, least, most);
  }

  Result<> bounds(std::uint32_t& least, std::uint32_t& most) {
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) return refuse("bad repetition");
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const std::size_t comma = text.find(',');
    const auto from = count(text.substr(0, comma));
    if (!from) return refuse("bad repetition");
    least = most = *from;
    if (comma != std::string_view::npos) {
      const std::string_view last = text.substr(comma + 1);
      const auto to = last.empty() ? std::optional(kOpen) : count(last);
      if (!to || *to < least) return refuse("bad repetition");
      most = *to;
    }
    return {};
  }

  static std::optional<std::uint32_t> count(std::string_view text) {
    std::uint32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end || value > kMaxPatternSteps) {
      return std::nullopt;
    }
    return value;
  }

  static Result<Steps> repeat(const Steps& atom, std::uint32_t least, std::uint32_t most) {
    const std::size_t copies = most == kOpen ? least + 1 : most;
    COFFER_CHECK(check_size(copies * (atom.size() + 2)));
    Steps steps;
    for (std::uint32_t i = 0; i < least; ++i) append_steps(steps, atom);
    if (most == kOpen) {
      steps.push_back(step_at(steps.size(), fork_over(atom.size() + 2)));
      const auto head = static_cast<std::uint32_t>(steps.size() - 1);
      append_steps(steps, atom);
      PatternStep back = step_of(Kind::fork);
      back.next = back.other = head;
      steps.push_back(back);
      return steps;
    }
    for (std::uint32_t i = least; i < most; ++i) {
      const std::size_t left = (most - i) * (atom.size() + 1);
      steps.push_back(step_at(steps.size(), fork_over(left)));
      append_steps(steps, atom);
    }
    return steps;
  }

  static PatternStep step_at(std::size_t place, PatternStep step) {
    step.next += static_cast<std::uint32_t>(place);
    step.other += static_cast<std::uint32_t>(place);
    return step;
  }

  Result<Steps> atom(std::size_t depth) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '(':
        return group(depth);
      case '[': {
        COFFER_TRY(const CharacterSet set, character_class());
        return Steps{step_of(Kind::characters, set)};
      }
      case '.':
        return Steps{
            step_of(Kind::characters, set_of([](char x) { return x == '\n' || x == '\r'; }, true))};
      case '^':
        return Steps{step_of(Kind::begin)};
      case '$':
        return Steps{step_of(Kind::end)};
      case '\\': {
        COFFER_TRY(const CharacterSet set, escape());
        return Steps{step_of(Kind::characters, set)};
      }
      case '*':
      case '+':
      case '?':
      case '{':
        return refuse("a quantifier of nothing");
      default:
        return literal(c);
    }
  }

  Result<Steps> group(std::size_t depth) {
    if (take('?') && !take(':')) return refuse("an option or look-around");
    COFFER_TRY(Steps inner, alternatives(depth + 1));
    if (!take(')')) return refuse("a '(' without its ')'");
    return inner;
  }

  static Result<Steps> literal(char c) {
    if (static_cast<unsigned char>(c) >= 128 || c == '\0') return refuse("not ASCII");
    return Steps{step_of(Kind::characters, set_of([c](char x) { return x == c; }, false))};
  }

  // Behind a backslash.
  Result<CharacterSet> escape() {
    if (rest_.empty()) return refuse("ends in a backslash");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'd':
      case 'D':
        return set_of(is_digit, c == 'D');
      case 'w':
      case 'W':
        return set_of(is_word, c == 'W');
      case 's':
      case 'S':
        return set_of(is_space, c == 'S');
      case 't':
        return set_of([](char x) { return x == '\t'; }, false);
      case 'n':
        return set_of([](char x) { return x == '\n'; }, false);
      case 'r':
        return set_of([](char x) { return x == '\r'; }, false);
      default:
        if (is_word(c) || c <= ' ' || c > '~') return refuse("unknown escape");
        return set_of([c](char x) { return x == c; }, false);
    }
  }

  // Behind a '['.
  Result<CharacterSet> character_class() {
    const bool negated = take('^');
    CharacterSet set;
    bool first = true;
    while (true) {
      if (rest_.empty()) return refuse("a '[' without its ']'");
      if (!first && take(']')) break;
      first = false;
      COFFER_CHECK(class_item(set));
    }
    if (negated) negate(set);
    return set;
  }

  // A character, an escape or a range, added to the set.
  Result<> class_item(CharacterSet& set) {
    const char low = rest_.front();
    rest_.remove_prefix(1);
    if (low == '\\') {
      COFFER_TRY(const CharacterSet escaped, escape());
      set.ascii |= escaped.ascii;
      set.others = set.others || escaped.others;
      return {};
    }
    if (static_cast<unsigned char>(low) >= 128 || low == '[' || low == '&') {
      return refuse("bad character in a class");
    }
    char high = low;
    if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
      high = rest_[1];
      rest_.remove_prefix(2);
      if (high < low || high == '\\' || high == '[') return refuse("bad range in a class");
    }
    for (int c = low; c <= high; ++c) set.ascii.set(static_cast<std::size_t>(c));
    return {};
  }

  std::string_view rest_;
};

// The states that a text has reached so far.
class Walk {
 public:
  explicit Walk(const std::vector<PatternStep>& steps)
      : steps_(steps), seen_(steps.size(), false) {}

  void start(bool at_end) { enter(0, true, at_end); }

  // One character further.
  void advance(char32_t c, bool at_end) {
    std::vector<std::uint32_t> before = std::move(active_);
    active_.clear();
    std::fill(seen_.begin(), seen_.end(), false);
    for (const std::uint32_t at : before) {
      const CharacterSet& set = steps_[at].set;
      const bool belongs = c < 128 ? set.ascii.test(c) : set.others;
      if (belongs) enter(steps_[at].next, false, at_end);
    }
  }

  [[nodiscard]] bool stuck() const { return active_.empty(); }

  [[nodiscard]] bool done() const { return done_; }

 private:
  void enter(std::uint32_t first, bool at_begin, bool at_end) {
    std::vector<std::uint32_t> open{first};
    while (!open.empty()) {
      const std::uint32_t at = open.back();
      open.pop_back();
      if (seen_[at]) continue;
      seen_[at] = true;
      const PatternStep& step = steps_[at];
      switch (step.kind) {
        case Kind::characters:
          active_.push_back(at);
          break;
        case Kind::fork:
          open.push_back(step.other);
          open.push_back(step.next);
          break;
        case Kind::begin:
          if (at_begin) open.push_back(step.next);
          break;
        case Kind::end:
          if (at_end) open.push_back(step.next);
          break;
        case Kind::done:
          done_ = done_ || at_end;
          break;
      }
    }
  }

  const std::vector<PatternStep>& steps_;
  std::vector<std::uint32_t> active_;
  std::vector<bool> seen_;
  bool done_ = false;
};

// Whether an octet begins a character; those of a character beyond ASCII count once.
bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

Result<SafePattern> SafePattern::parse(std::string_view text) {
  if (text.size() > kMaxPatternOctets) return refuse("more than 1024 octets");
  COFFER_TRY(Steps steps, Parser(text).parse());
  steps.push_back({Kind::done, {}, 0, 0});
  return SafePattern(std::move(steps));
}

bool SafePattern::matches(std::string_view text) const {
  Walk walk(steps_);
  walk.start(text.empty());
  for (std::size_t i = 0; i < text.size() && !walk.stuck();) {
    std::size_t end = i + 1;
    while (end < text.size() && !begins_character(text[end])) ++end;
    const auto lead = static_cast<unsigned char>(text[i]);
    walk.advance(lead < 128 ? lead : char32_t{128}, end == text.size());
    i = end;
  }
  return walk.done();
}

}  // namespace coffer::formats
