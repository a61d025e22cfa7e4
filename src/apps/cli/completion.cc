#include "apps/cli/completion.h"

#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace coffer::cli {
namespace {

using Kind = Parameter::Kind;

constexpr std::string_view kFormats = "table json yaml";

// What may stand behind a sequence of command words.
struct Next {
  std::vector<std::string> words;
  std::vector<std::string> options;  // "--shares"; the common ones are in all_options
};

struct Choices {
  std::map<std::string, Next> after;  // by the words so far; "" is the start
  std::vector<std::string> common;    // options of every command
  std::set<std::string> valued;       // options that take the next word
};

void add_once(std::vector<std::string>& list, std::string word) {
  if (std::ranges::find(list, word) == list.end()) list.push_back(std::move(word));
}

bool is_option(const Parameter& parameter) {
  return parameter.kind == Kind::option || parameter.kind == Kind::repeated ||
         parameter.kind == Kind::flag;
}

void add_options(const std::vector<Parameter>& parameters,
                 std::vector<std::string>& options,
                 std::set<std::string>& valued) {
  for (const Parameter& parameter : parameters) {
    if (!is_option(parameter)) continue;
    add_once(options, "--" + canonical_name(parameter));
    if (parameter.kind != Kind::flag) valued.insert(canonical_name(parameter));
  }
}

Choices choices_of(const Menu& menu) {
  Choices choices;
  add_options(common_parameters(), choices.common, choices.valued);
  for (const CommandSpec& spec : menu.commands()) {
    std::string so_far;
    std::string rest = spec.words;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      const std::string word = rest.substr(0, end);
      add_once(choices.after[so_far].words, word);
      so_far += (so_far.empty() ? "" : " ") + word;
      rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
    add_options(spec.parameters, choices.after[so_far].options, choices.valued);
  }
  return choices;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

// "--shares|-shares|--threshold|-threshold" for a case of the shell.
std::string valued_pattern(const Choices& choices, std::string_view separator) {
  std::vector<std::string> spellings;
  for (const std::string& name : choices.valued) {
    spellings.push_back("--" + name);
    spellings.push_back("-" + name);
  }
  return joined(spellings, separator);
}

// The words typed so far without options and their values. bash makes a word of each "=".
constexpr std::string_view kBashBegin = R"(_coffer() {
  local current="${COMP_WORDS[COMP_CWORD]}" word words="" commands="" options="" pending=""
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    if [[ $word == -- ]]; then return; fi
    if [[ -n $pending ]]; then
      [[ $word == = ]] || pending=""
      continue
    fi
    case "$word" in
      =VALUED) pending="$word" ;;
      -*) ;;
      *) words="${words:+$words }$word" ;;
    esac
  done
  case "$pending" in
    "") ;;
    *-format) COMPREPLY=($(compgen -W "FORMATS" -- "${current#=}")); return ;;
    *) return ;;
  esac
  case "$words" in
)";

constexpr std::string_view kBashEnd = R"(  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options COMMON" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
}
complete -o default -F _coffer coffer
)";

constexpr std::string_view kFishBegin = R"(function __coffer_words
  set -l words
  set -l pending 0
  for word in (commandline -opc)[2..-1]
    if test $pending = 1
      set pending 0
      continue
    end
    switch $word
      case VALUED
        set pending 1
      case '-*'
      case '*'
        set -a words $word
    end
  end
  echo "$words"
end
function __coffer_at
  set -l words (__coffer_words)
  test "$words" = "$argv"
end
function __coffer_in
  set -l words (__coffer_words)
  test "$words" = "$argv"; or string match -q -- "$argv *" "$words"
end
)";

std::string replaced(std::string_view text, std::string_view mark, std::string_view by) {
  std::string out(text);
  const std::size_t place = out.find(mark);
  return place == std::string::npos ? out : out.replace(place, mark.size(), by);
}

std::string bash_script(const Choices& choices) {
  const std::string valued = "|" + valued_pattern(choices, "|");
  std::string out = replaced(replaced(kBashBegin, "VALUED", valued), "FORMATS", kFormats);
  // Longer sequences first: positional words may follow a command.
  for (auto row = choices.after.rbegin(); row != choices.after.rend(); ++row) {
    const auto& [words, next] = *row;
    out += words.empty() ? "    \"\")" : "    \"" + words + "\"|\"" + words + " \"*)";
    out += " commands=\"" + joined(next.words) + "\" options=\"" + joined(next.options) + "\" ;;\n";
  }
  return out + replaced(kBashEnd, "COMMON", joined(choices.common));
}

std::string fish_option(const Choices& choices, const std::string& option) {
  const std::string name = option.substr(2);
  std::string out = " -l " + name + " -o " + name;
  if (name == "format") return out + " -x -a '" + std::string(kFormats) + "'";
  return choices.valued.contains(name) ? out + " -r" : out;
}

std::string fish_script(const Choices& choices) {
  std::string out = replaced(kFishBegin, "VALUED", valued_pattern(choices, " "));
  for (const auto& [words, next] : choices.after) {
    const std::string here = "complete -c coffer -n '__coffer_";
    if (!next.words.empty()) {
      out += here + "at " + words + "' -f -a '" + joined(next.words) + "'\n";
    }
    for (const std::string& option : next.options) {
      out += here + "in " + words + "'" + fish_option(choices, option) + "\n";
    }
  }
  for (const std::string& option : choices.common) {
    out += "complete -c coffer" + fish_option(choices, option) + "\n";
  }
  return out;
}

}  // namespace

std::optional<std::string> completion_script(const Menu& menu, std::string_view shell) {
  const Choices choices = choices_of(menu);
  if (shell == "bash") return bash_script(choices);
  if (shell == "zsh") {
    return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(choices);
  }
  if (shell == "fish") return fish_script(choices);
  return std::nullopt;
}

void add_completion_command(Menu& menu) {
  const auto complete = [&menu](Session& session, const Arguments& arguments) -> Result<int> {
    const auto script = completion_script(menu, arguments.text("shell"));
    if (!script) return fail(Code::invalid_argument, "the shell is bash, zsh or fish");
    session.terminal().out(*script);
    return kExitOk;
  };
  menu.add({"completion",
            "Print a completion script: source <(coffer completion bash)",
            {positional("shell", "bash, zsh or fish")},
            complete});
}

}  // namespace coffer::cli
