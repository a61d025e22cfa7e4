#include "apps/cli/terminal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace coffer::cli {
namespace {

// A terminal keeps 4096 octets of a line, its end included, and drops what is beyond.
constexpr std::size_t kLineLimit = 4095;

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

// While it lives, the signals that end or stop a program wait and can be asked for.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    sigemptyset(&held);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&held, number);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    descriptor_ = ::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  ~HeldSignals() {
    if (descriptor_ >= 0) ::close(descriptor_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // The number of one that waits, which is taken by that; 0: none.
  [[nodiscard]] int take() const {
    signalfd_siginfo info{};
    return ::read(descriptor_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                  : 0;
  }

 private:
  sigset_t before_{};
  int descriptor_ = -1;
};

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

// What one prompt came to: a line, or the signal that came first.
struct Typed {
  secure::SecureText line;
  int signal = 0;
};

// Waits for a key or a signal: 0 for a key.
Result<int> next_signal(const HeldSignals& signals) {
  std::array<pollfd, 2> both{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                              {.fd = signals.descriptor(), .events = POLLIN, .revents = 0}}};
  while (::poll(both.data(), both.size(), -1) < 0) {
    if (errno != EINTR) return fail(Code::unavailable, "cannot wait for the terminal");
  }
  return both[1].revents == 0 ? 0 : signals.take();
}

// The prompt comes when the echo is off: what is typed before would be shown, and forgotten.
Result<Typed> read_line(Terminal& terminal, std::string_view prompt, const HeldSignals& signals) {
  const Silence silence;
  if (!silence.active() || signals.descriptor() < 0) {
    return fail(Code::unavailable, "cannot turn the terminal's echo off");
  }
  terminal.err(prompt);
  Typed typed;
  char c = 0;
  while (true) {
    COFFER_TRY(typed.signal, next_signal(signals));
    if (typed.signal != 0) return typed;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail(Code::unavailable, "cannot read from the terminal");
    if (got == 0) return fail(Code::invalid_argument, "the input ended before the line did");
    if (c == '\n') return typed;
    typed.line.push_back(c);
    if (typed.line.size() >= kLineLimit) {
      return fail(Code::invalid_argument,
                  "a terminal takes no more than 4094 octets of a line: use standard input");
    }
  }
}

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
  while (true) {
    int signal = 0;
    {
      const HeldSignals signals;
      COFFER_TRY(Typed typed, read_line(*this, prompt, signals));
      if (typed.signal == 0) return std::move(typed.line);
      signal = typed.signal;
    }
    std::raise(signal);  // the echo is back; whoever comes back from this is asked again
  }
}

}  // namespace coffer::cli
