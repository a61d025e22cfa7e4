// Menu: the tree of commands, declared as rows, parsed by CLI11 (which only menu.cc sees).
//
// A CommandSpec says everything about a command: its words, its help, what it takes, what it does.
// Parsing, --help, single-dash long options as Vault users type them (-field=x), shell completion
// and the list in docs/cli.md all come from these rows. Every command also takes the common options
// of common_parameters(). A Menu is built once, then read by any thread.
#pragma once

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace coffer::cli {

struct Parameter {
  enum class Kind : std::uint8_t { positional, optional, rest, option, repeated, flag };
  Kind kind;
  std::string name;  // "shares,key-shares": the first is canonical, the others are accepted too
  std::string help;
  std::string fallback;  // the value when not given; empty: none
};

Parameter positional(std::string name, std::string help);
Parameter optional(std::string name, std::string help);
Parameter rest(std::string name, std::string help);
Parameter option(std::string name, std::string help, std::string fallback = "");
Parameter repeated(std::string name, std::string help);
Parameter flag(std::string name, std::string help);

std::vector<Parameter> common_parameters();

// The exit code of the command, or the error to report.
using Action = std::function<Result<int>(Session&, const Arguments&)>;

struct CommandSpec {
  std::string words;  // "secret get"
  std::string help;   // one line
  std::vector<Parameter> parameters;
  Action action;
};

// The first of "shares,key-shares".
std::string canonical_name(const Parameter& parameter);

class Menu {
 public:
  void add(CommandSpec spec) { commands_.push_back(std::move(spec)); }

  // Help of a word that has commands below it.
  void describe(std::string words, std::string help) {
    groups_.push_back({std::move(words), std::move(help)});
  }

  [[nodiscard]] const std::vector<CommandSpec>& commands() const { return commands_; }

  [[nodiscard]] std::string group_help(std::string_view words) const;

  // Parses `words` (argv without the program), runs the command, reports its error on the
  // terminal, and returns the exit code. A command whose output could not be written has failed.
  int run(const World& world, std::span<const std::string> words) const;

 private:
  struct Group {
    std::string words;
    std::string help;
  };

  [[nodiscard]] int dispatch(const World& world, std::span<const std::string> words) const;
  [[nodiscard]] std::vector<std::string> normalise(std::span<const std::string> words) const;

  std::vector<CommandSpec> commands_;
  std::vector<Group> groups_;
};

}  // namespace coffer::cli
