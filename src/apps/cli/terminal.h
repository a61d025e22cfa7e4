// Terminal: standard input, output and error of the process, as commands see them.
//
// Nothing written or read is kept: output goes to the descriptor at once, input comes into wiped
// memory. Output that cannot be written is remembered, and nothing more is written to it: the menu
// makes a failure of it, and commands that go on for long ask in between. SystemTerminal asks for
// hidden text on the controlling terminal with echo off, and puts the echo back however the prompt
// ends, by a signal too; after one that stops the program and lets it go on it asks again. Used
// from one thread.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>

namespace coffer::cli {

inline constexpr std::size_t kMaxInput = 32U << 20U;  // octets of standard input

class Terminal {
 public:
  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  virtual ~Terminal() = default;

  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) = 0;
  // Why standard output cannot be written any more; empty while it can, as far as is known.
  [[nodiscard]] virtual std::string output_failure() const = 0;
  // Looks without writing whether whoever read standard output has gone.
  virtual void probe_output() = 0;
  [[nodiscard]] virtual bool input_is_terminal() const = 0;
  [[nodiscard]] virtual bool output_is_terminal() const = 0;
  [[nodiscard]] virtual bool error_is_terminal() const = 0;
  // Everything on standard input; too_large beyond kMaxInput.
  virtual Result<secure::SecureText> read_all() = 0;
  // One line, typed without echo, whole: invalid_argument for one that the terminal would cut, and
  // for an end of input. Only called when input_is_terminal().
  virtual Result<secure::SecureText> read_hidden(std::string_view prompt) = 0;
};

class SystemTerminal final : public Terminal {
 public:
  void out(std::string_view text) override;
  void err(std::string_view text) override;
  [[nodiscard]] std::string output_failure() const override;
  void probe_output() override;
  [[nodiscard]] bool input_is_terminal() const override;
  [[nodiscard]] bool output_is_terminal() const override;
  [[nodiscard]] bool error_is_terminal() const override;
  Result<secure::SecureText> read_all() override;
  Result<secure::SecureText> read_hidden(std::string_view prompt) override;

 private:
  int output_error_ = 0;  // errno of the first failure; 0: none
};

}  // namespace coffer::cli
