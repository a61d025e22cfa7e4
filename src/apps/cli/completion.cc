#include "apps/cli/completion.h"

#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace coffer::cli {
namespace {

// What may follow each sequence of command words ("" is the start): words, then option names.
using Choices = std::map<std::string, std::vector<std::string>>;

void add_once(std::vector<std::string>& list, std::string word) {
  if (std::ranges::find(list, word) == list.end()) list.push_back(std::move(word));
}

Choices choices_of(const Menu& menu) {
  Choices choices;
  for (const CommandSpec& spec : menu.commands()) {
    std::string so_far;
    std::string rest = spec.words;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      const std::string word = rest.substr(0, end);
      add_once(choices[so_far], word);
      so_far += (so_far.empty() ? "" : " ") + word;
      rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
    std::vector<std::string>& options = choices[so_far];
    const auto offer = [&options](const Parameter& parameter) {
      using Kind = Parameter::Kind;
      if (parameter.kind == Kind::positional || parameter.kind == Kind::optional ||
          parameter.kind == Kind::rest) {
        return;
      }
      add_once(options, "--" + canonical_name(parameter));
    };
    std::ranges::for_each(spec.parameters, offer);
    std::ranges::for_each(common_parameters(), offer);
  }
  return choices;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string bash_function(const Choices& choices) {
  std::string out =
      "_coffer() {\n"
      "  local word words=\"\" choices=\"\"\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] || words=\"${words:+$words }$word\"\n"
      "  done\n"
      "  case \"$words\" in\n";
  // Longer sequences first: positional words may follow a command.
  for (auto row = choices.rbegin(); row != choices.rend(); ++row) {
    const std::string pattern =
        row->first.empty() ? "\"\"" : "\"" + row->first + "\"|\"" + row->first + " \"*";
    out += "    " + pattern + ") choices=\"" + joined(row->second) + "\" ;;\n";
  }
  out +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$choices\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "}\n"
      "complete -o default -F _coffer coffer\n";
  return out;
}

std::string fish_script(const Choices& choices) {
  std::string out =
      "function __coffer_words\n"
      "  set -l words\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    string match -q -- '-*' $word; or set -a words $word\n"
      "  end\n"
      "  string join ' ' $words\n"
      "end\n"
      "complete -c coffer -f\n";
  for (const auto& [words, next] : choices) {
    std::string plain;
    for (const std::string& word : next) {
      if (!word.starts_with("--")) plain += (plain.empty() ? "" : " ") + word;
    }
    if (!plain.empty()) {
      out +=
          "complete -c coffer -n 'test (__coffer_words) = \"" + words + "\"' -a '" + plain + "'\n";
    }
    for (const std::string& word : next) {
      if (!word.starts_with("--")) continue;
      out += "complete -c coffer -n 'string match -q -- \"" + words + "*\" (__coffer_words)' -l " +
             word.substr(2) + "\n";
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> completion_script(const Menu& menu, std::string_view shell) {
  const Choices choices = choices_of(menu);
  if (shell == "bash") return bash_function(choices);
  if (shell == "zsh") {
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash_function(choices);
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
