#include "apps/server/rotation_programs.h"

#include "net/client.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <memory>
#include <spawn.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace coffer::server {
namespace {

struct Url {
  std::string address;  // with the scheme
  std::string target;
};

Url split_url(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = url.find('/', host);
  if (path == std::string_view::npos) return {std::string(url), "/"};
  return {std::string(url.substr(0, path)), std::string(url.substr(path))};
}

// Plain HTTP is for this machine alone.
bool is_loopback_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  const std::string_view host =
      url.substr(kScheme.size(), url.find_first_of(":/", kScheme.size()) - kScheme.size());
  return host == "127.0.0.1" || host == "localhost";
}

Result<> post(const RotationProgram& program, std::string_view event) {
  const Url url = split_url(program.url);
  net::ClientOptions options;
  options.address = url.address;
  options.ca_file = program.ca_file;
  options.timeout = program.timeout;
  COFFER_TRY(net::Client client, net::Client::make(std::move(options)));
  net::ClientRequest request;
  request.method = "POST";
  request.target = url.target;
  request.headers.push_back({"content-type", secure::SecureText("application/json")});
  request.body = secure::SecureText(event);
  COFFER_TRY(const net::ClientResponse answer, client.send(request));
  const bool failed = std::ranges::any_of(answer.headers, [](const net::Header& header) {
    return header.name == "x-amz-function-error";
  });
  if (answer.status >= 200 && answer.status < 300 && !failed) return {};
  return fail(Code::unavailable, "the rotation function answered " + std::to_string(answer.status));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

// With `input` as its standard input, no output and nothing else of the server's open (sockets have
// no close-on-exec), the signals as a program expects them, in a process group of its own.
Result<pid_t> spawn(const RotationProgram& program, int input) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = program.command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> settings;
  for (const char* const name : {"PATH", "HOME"}) {
    if (const char* const value = std::getenv(name)) {
      settings.push_back(std::string(name) + "=" + value);
    }
  }
  std::vector<char*> environment;
  for (std::string& setting : settings) environment.push_back(setting.data());
  environment.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawn(
      &child, arguments.front(), &files, &attributes, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) return fail(Code::unavailable, "the rotation command cannot be started");
  return child;
}

// The end of the child, which is killed with what it started when its time is over: the next
// attempt must not meet this one.
Result<> await(pid_t child, std::chrono::seconds timeout) {
  constexpr std::chrono::milliseconds kPoll{20};
  const auto polls = timeout / kPoll;
  for (std::int64_t i = 0; i < polls; ++i) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) {
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
      return fail(Code::unavailable, "the rotation command failed");
    }
    if (ended < 0) return fail(Code::unavailable, "the rotation command was lost");
    std::this_thread::sleep_for(kPoll);
  }
  ::kill(-child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return fail(Code::unavailable, "the rotation command took too long");
}

Result<> run(const RotationProgram& program, std::string_view event) {
  int ends[2] = {-1, -1};
  // A socket, so that a child that does not read raises no signal here.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(Code::unavailable, "no descriptors for a rotation command");
  }
  const Descriptor theirs(ends[1]);
  pid_t child = 0;
  {
    const Descriptor ours(ends[0]);
    COFFER_TRY(child, spawn(program, theirs.get()));
    // Smaller than any socket's buffer; what is not read is nobody's concern.
    static_cast<void>(::send(ours.get(), event.data(), event.size(), MSG_NOSIGNAL));
    ::shutdown(ours.get(), SHUT_WR);
  }
  return await(child, program.timeout);
}

}  // namespace

Result<> check_program(const RotationProgram& program) {
  const std::string key = "aws.rotation_function." + program.name;
  if (program.url.empty() == program.command.empty()) {
    return fail(Code::invalid_argument, key + " needs url or command, and not both");
  }
  if (!program.command.empty() && !program.command.front().starts_with('/')) {
    return fail(Code::invalid_argument, key + ".command must begin with an absolute path");
  }
  if (program.url.empty() || program.url.starts_with("https://")) return {};
  if (is_loopback_url(program.url)) return {};
  return fail(Code::invalid_argument, key + ".url must begin with https:// beyond this machine");
}

gate::RotationFunctions make_rotation_functions(const std::vector<RotationProgram>& programs) {
  std::map<std::string, gate::RotationFunction, std::less<>> functions;
  for (const RotationProgram& listed : programs) {
    const auto program = std::make_shared<const RotationProgram>(listed);
    const gate::RotationFunction function = [program](std::string_view event) {
      return program->url.empty() ? run(*program, event) : post(*program, event);
    };
    functions.emplace(listed.name, function);
    if (!listed.arn.empty()) functions.emplace(listed.arn, function);
  }
  return gate::RotationFunctions(std::move(functions));
}

}  // namespace coffer::server
