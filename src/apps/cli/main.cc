// The program `coffer`: hardens the process, wires the outside world to the menu, and dispatches.

#include "apps/cli/commands.h"
#include "apps/cli/launch.h"
#include "apps/cli/terminal.h"
#include "secure/process.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

std::optional<std::string> variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> inherited_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

// What is left of `word` behind a secret option's name, in either of its spellings; nullopt when it
// is none. Names are those of `dev`: elsewhere secrets have no options.
std::optional<std::string_view> behind_secret_option(std::string_view word) {
  constexpr std::array<std::string_view, 2> kOptions{"aws-access-key", "root-token"};
  if (!word.starts_with('-')) return std::nullopt;
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  for (const std::string_view option : kOptions) {
    if (!word.starts_with(option)) continue;
    const std::string_view rest = word.substr(option.size());
    if (rest.empty() || rest.starts_with('=')) return rest;
  }
  return std::nullopt;
}

// Our copy of the words is made: what every process may read of ours holds no secret from here on.
void hide_secrets(std::span<char*> words) {
  bool secret = false;
  for (char* const text : words) {
    const std::span<char> word(text, std::strlen(text));
    if (secret) std::ranges::fill(word, '*');
    const auto rest = secret ? std::nullopt : behind_secret_option({word.data(), word.size()});
    secret = rest && rest->empty();
    if (rest && !rest->empty()) std::ranges::fill(word.last(rest->size() - 1), '*');
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace coffer;
  std::signal(SIGPIPE, SIG_IGN);
  const mode_t given_umask = ::umask(0077);
  for (const std::string& warning : secure::harden_process()) static_cast<void>(warning);
  cli::SystemTerminal terminal;
  const cli::World world{
      .terminal = terminal,
      .environment = variable,
      .inherited = inherited_environment(),
      .connect = client::connect_http,
      .launch = [given_umask](
                    const cli::Launch& launch) { return cli::launch_program(launch, given_umask); },
      .sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
  };
  cli::Menu menu;
  cli::add_serve_commands(menu);
  cli::add_client_commands(menu);
  cli::add_completion_command(menu);
  const std::vector<std::string> words(argv + 1, argv + argc);
  hide_secrets(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  return menu.run(world, words);
}
