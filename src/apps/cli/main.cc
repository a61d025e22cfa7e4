// The program `coffer`: hardens the process, wires the outside world to the menu, and dispatches.

#include "apps/cli/commands.h"
#include "apps/cli/launch.h"
#include "apps/cli/terminal.h"
#include "secure/process.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
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

// Our copy of the words is made: what every process may read of ours holds no secret from here on.
void hide_secrets(int argc, char** argv) {
  constexpr std::string_view kOption = "--aws-access-key";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == kOption && i + 1 < argc) {
      std::ranges::fill(std::span(argv[i + 1], std::strlen(argv[i + 1])), '*');
    } else if (word.starts_with(kOption) && word.substr(kOption.size()).starts_with('=')) {
      std::ranges::fill(std::span(argv[i], word.size()).subspan(kOption.size() + 1), '*');
    }
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
  hide_secrets(argc, argv);
  return menu.run(world, words);
}
