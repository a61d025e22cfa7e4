#include "apps/cli/terminal.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace coffer::cli {
namespace {

// 0, or the errno of what went wrong. Waits where the descriptor was made not to.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (done < 0 && errno != EINTR) {
      return errno;
    } else if (done > 0) {
      text.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  return 0;
}

// Turns the echo off for its lifetime.
class Silence {
 public:
  Silence() {
    active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }

  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

  ~Silence() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

  [[nodiscard]] bool active() const { return active_; }

 private:
  termios before_{};
  bool active_ = false;
};

}  // namespace

void SystemTerminal::out(std::string_view text) {
  if (output_error_ == 0) output_error_ = write_all(STDOUT_FILENO, text);
}

void SystemTerminal::err(std::string_view text) {
  static_cast<void>(write_all(STDERR_FILENO, text));  // there is nobody left to tell
}

std::string SystemTerminal::output_failure() const {
  return output_error_ == 0 ? std::string() : std::strerror(output_error_);
}

void SystemTerminal::probe_output() {
  pollfd state{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  if (output_error_ == 0 && ::poll(&state, 1, 0) > 0 &&
      (state.revents & (POLLERR | POLLHUP)) != 0) {
    output_error_ = EPIPE;
  }
}

bool SystemTerminal::input_is_terminal() const {
  return ::isatty(STDIN_FILENO) == 1;
}

bool SystemTerminal::output_is_terminal() const {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool SystemTerminal::error_is_terminal() const {
  return ::isatty(STDERR_FILENO) == 1;
}

Result<secure::SecureText> SystemTerminal::read_all() {
  secure::SecureBytes text;
  std::array<std::uint8_t, 16 * 1024> buffer{};
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got > 0) text.append({buffer.data(), static_cast<std::size_t>(got)});
  } while (text.size() <= kMaxInput && (got > 0 || (got < 0 && errno == EINTR)));
  secure::wipe(buffer.data(), buffer.size());
  if (got < 0) return fail(Code::unavailable, "cannot read standard input");
  if (text.size() > kMaxInput) return fail(Code::too_large, "standard input is over 32 MiB");
  return secure::SecureText(std::move(text));
}

Result<secure::SecureText> SystemTerminal::read_hidden(std::string_view prompt) {
  err(prompt);
  const Silence silence;
  if (!silence.active()) return fail(Code::unavailable, "cannot turn the terminal's echo off");
  secure::SecureText line;
  char c = 0;
  while (line.size() < kMaxInput) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') break;
    line.push_back(c);
  }
  return line;
}

}  // namespace coffer::cli
