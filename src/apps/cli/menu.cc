#include "apps/cli/menu.h"

#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <ranges>
#include <set>

namespace coffer::cli {
namespace {

using Kind = Parameter::Kind;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, separator)) {
    parts.emplace_back(part.begin(), part.end());
  }
  return parts;
}

std::string option_names(const Parameter& parameter) {
  std::string names;
  for (const std::string& name : split(parameter.name, ',')) {
    names.append(names.empty() ? "--" : ",--").append(name);
  }
  return names;
}

// What CLI11 fills for one parameter.
struct Slot {
  const Parameter* parameter = nullptr;
  CLI::Option* option = nullptr;
  std::string single;                // positional, optional, option
  std::vector<std::string> several;  // rest, repeated
  bool flag = false;
};

using Slots = std::vector<std::unique_ptr<Slot>>;

void add_parameter(CLI::App& app, const Parameter& parameter, Slots& slots) {
  slots.push_back(std::make_unique<Slot>());
  Slot& slot = *slots.back();
  slot.parameter = &parameter;
  const std::string name = canonical_name(parameter);
  switch (parameter.kind) {
    case Kind::positional:
      slot.option = app.add_option(name, slot.single, parameter.help)->required();
      break;
    case Kind::optional:
      slot.option = app.add_option(name, slot.single, parameter.help);
      break;
    case Kind::rest:
      slot.option = app.add_option(name, slot.several, parameter.help)->expected(0, 1 << 20);
      break;
    case Kind::option:
      slot.option = app.add_option(option_names(parameter), slot.single, parameter.help)
                        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      break;
    case Kind::repeated:
      slot.option = app.add_option(option_names(parameter), slot.several, parameter.help)
                        ->allow_extra_args(false);
      break;
    case Kind::flag:
      slot.option = app.add_flag(option_names(parameter), slot.flag, parameter.help);
      break;
  }
  if (!parameter.fallback.empty()) slot.option->default_str(parameter.fallback);
}

void collect(const Slots& slots, Arguments& arguments) {
  for (const auto& slot : slots) {
    const std::string name = canonical_name(*slot->parameter);
    if (slot->parameter->kind == Kind::flag) {
      if (slot->flag) arguments.set(name, {"true"});
    } else if (slot->option->count() > 0) {
      const bool many =
          slot->parameter->kind == Kind::rest || slot->parameter->kind == Kind::repeated;
      arguments.set(name, many ? slot->several : std::vector<std::string>{slot->single});
    } else if (!slot->parameter->fallback.empty()) {
      arguments.set(name, {slot->parameter->fallback});
    }
  }
}

// The CLI11 tree of one Menu, made for one parse.
class Tree {
 public:
  explicit Tree(const Menu& menu) : common_(common_parameters()) {
    app_.name("coffer");
    app_.fallthrough();
    app_.require_subcommand(1);
    for (const Parameter& parameter : common_) add_parameter(app_, parameter, common_slots_);
    for (const CommandSpec& spec : menu.commands()) add_command(menu, spec);
  }

  void parse(const std::vector<std::string>& words) {
    std::vector<std::string> backwards(words.rbegin(), words.rend());  // as CLI11 takes them
    app_.parse(std::move(backwards));
  }

  int report(const CLI::ParseError& error, Terminal& terminal) const {
    std::ostringstream out;
    std::ostringstream err;
    app_.exit(error, out, err);
    terminal.out(out.str());
    // CLI11 says that a subcommand is missing, not that it does not know the one that is there.
    const std::vector<std::string> unknown = app_.remaining(true);
    if (std::string_view(error.what()).contains("subcommand") && !unknown.empty()) {
      terminal.err("There is no such command: " + unknown.front() + "\n");
    }
    terminal.err(err.str());
    return error.get_exit_code() == 0 ? kExitOk : kExitUsage;
  }

  [[nodiscard]] const CommandSpec* chosen() const {
    for (const Leaf& leaf : leaves_) {
      if (leaf.app->parsed()) return leaf.spec;
    }
    return nullptr;
  }

  [[nodiscard]] Arguments arguments() const {
    Arguments arguments;
    collect(common_slots_, arguments);
    for (const Leaf& leaf : leaves_) {
      if (leaf.app->parsed()) collect(leaf.slots, arguments);
    }
    return arguments;
  }

 private:
  struct Leaf {
    const CommandSpec* spec;
    CLI::App* app;
    Slots slots;
  };

  void add_command(const Menu& menu, const CommandSpec& spec) {
    CLI::App* node = &app_;
    std::string path;
    for (const std::string& word : split(spec.words, ' ')) {
      if (node != &app_) node->require_subcommand(1);
      path += (path.empty() ? "" : " ") + word;
      const auto [place, fresh] = nodes_.try_emplace(path, nullptr);
      if (fresh) place->second = node->add_subcommand(word, menu.group_help(path))->fallthrough();
      node = place->second;
    }
    node->description(spec.help);
    leaves_.push_back({&spec, node, {}});
    for (const Parameter& parameter : spec.parameters) {
      add_parameter(*node, parameter, leaves_.back().slots);
    }
  }

  std::vector<Parameter> common_;
  CLI::App app_{"Coffer keeps credentials: versioned, encrypted, leased, audited."};
  Slots common_slots_;
  std::map<std::string, CLI::App*> nodes_;
  std::vector<Leaf> leaves_;
};

int report_error(const World& world, const Error& error) {
  const std::string no_colour = world.environment("NO_COLOR").value_or("");
  const bool colour = world.terminal.error_is_terminal() && no_colour.empty();
  world.terminal.err(colour ? "\x1b[31mError:\x1b[0m " : "Error: ");
  world.terminal.err(printable(error.message) + "\n");
  return exit_code(error.code);
}

int carry_out(const World& world, const CommandSpec& spec, const Arguments& arguments) {
  auto session = Session::make(world, arguments);
  if (!session) {
    report_error(world, session.error());
    return kExitUsage;
  }
  const auto code = spec.action(*session, arguments);
  if (code) return *code;
  const int reported = report_error(world, code.error());
  // Nothing was asked of a server yet: only what was typed or handed in can be malformed.
  const bool typed = code.error().code == Code::invalid_argument && !session->connected();
  return typed ? kExitUsage : reported;
}

}  // namespace

Parameter positional(std::string name, std::string help) {
  return {Kind::positional, std::move(name), std::move(help), ""};
}

Parameter optional(std::string name, std::string help) {
  return {Kind::optional, std::move(name), std::move(help), ""};
}

Parameter rest(std::string name, std::string help) {
  return {Kind::rest, std::move(name), std::move(help), ""};
}

Parameter option(std::string name, std::string help, std::string fallback) {
  return {Kind::option, std::move(name), std::move(help), std::move(fallback)};
}

Parameter repeated(std::string name, std::string help) {
  return {Kind::repeated, std::move(name), std::move(help), ""};
}

Parameter flag(std::string name, std::string help) {
  return {Kind::flag, std::move(name), std::move(help), ""};
}

std::vector<Parameter> common_parameters() {
  return {
      option("address", "server, http(s)://host:port (COFFER_ADDR, VAULT_ADDR)"),
      option("ca-cert", "PEM file that the server's certificate must chain to (COFFER_CACERT)"),
      flag("tls-skip-verify", "accept any certificate (COFFER_SKIP_VERIFY)"),
      option("namespace,ns", "namespace of the request (COFFER_NAMESPACE)"),
      option("format", "table, json or yaml (COFFER_FORMAT)"),
      option("field", "print this field alone"),
      option("wrap-ttl", "ask for the answer wrapped in a one-time token of this life"),
  };
}

std::string canonical_name(const Parameter& parameter) {
  return parameter.name.substr(0, parameter.name.find(','));
}

std::string Menu::group_help(std::string_view words) const {
  const auto found =
      std::ranges::find_if(groups_, [&](const Group& group) { return group.words == words; });
  return found == groups_.end() ? std::string() : found->help;
}

// "-field=x" becomes "--field=x" where "field" is an option of any command; other words stay as
// they are, so that values such as "-1" and "-" are never touched.
std::vector<std::string> Menu::normalise(std::span<const std::string> words) const {
  std::set<std::string, std::less<>> known{"help"};
  const auto learn = [&known](const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
      for (std::string& name : split(parameter.name, ',')) known.insert(std::move(name));
    }
  };
  learn(common_parameters());
  for (const CommandSpec& spec : commands_) learn(spec.parameters);
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const bool single = word.size() > 1 && word[0] == '-' && word[1] != '-';
    const std::string name = single ? word.substr(1, word.find('=') - 1) : std::string();
    out.push_back(single && known.contains(name) ? "-" + word : word);
  }
  return out;
}

int Menu::run(const World& world, std::span<const std::string> words) const {
  const int code = dispatch(world, words);
  if (code != kExitOk) return code;
  const auto written = check_output(world.terminal);
  return written ? kExitOk : report_error(world, written.error());
}

int Menu::dispatch(const World& world, std::span<const std::string> words) const {
  const auto mark = std::ranges::find(words, "--");
  const auto before = static_cast<std::size_t>(mark - words.begin());
  Tree tree(*this);
  try {
    tree.parse(normalise(words.first(before)));
  } catch (const CLI::ParseError& error) {
    return tree.report(error, world.terminal);
  }
  const CommandSpec* spec = tree.chosen();
  if (spec == nullptr) return kExitUsage;
  Arguments arguments = tree.arguments();
  if (mark != words.end()) arguments.set_command({mark + 1, words.end()});
  return carry_out(world, *spec, arguments);
}

}  // namespace coffer::cli
