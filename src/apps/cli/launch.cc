#include "apps/cli/launch.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace coffer::cli {

Result<int> launch_program(const Launch& launch, mode_t umask) {
  std::vector<std::string> words = launch.command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<secure::SecureText> texts;
  std::vector<char*> environment;
  for (const secure::SecureText& entry : launch.environment) {
    texts.push_back(entry.clone());
    texts.back().push_back('\0');
  }
  for (secure::SecureText& text : texts) {
    environment.push_back(reinterpret_cast<char*>(text.bytes().mutable_view().data()));
  }
  environment.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored in the new program
  const mode_t ours = ::umask(umask);
  ::execvpe(arguments.front(), arguments.data(), environment.data());
  const int reason = errno;
  ::umask(ours);
  const Code code = reason == ENOENT ? Code::not_found : Code::unavailable;
  return fail(code, "cannot run " + launch.command.front() + ": " + std::strerror(reason));
}

}  // namespace coffer::cli
