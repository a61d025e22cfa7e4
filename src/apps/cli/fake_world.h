// For tests: a world without a network or terminal. Requests are answered from a script and kept.
#pragma once

#include "apps/cli/commands.h"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace coffer::cli {

class FakeTerminal final : public Terminal {
 public:
  void out(std::string_view text) override { output += text; }

  void err(std::string_view text) override { errors += text; }

  [[nodiscard]] std::string output_failure() const override { return failure; }

  void probe_output() override {}

  [[nodiscard]] bool input_is_terminal() const override { return interactive; }

  [[nodiscard]] bool output_is_terminal() const override { return interactive; }

  [[nodiscard]] bool error_is_terminal() const override { return interactive; }

  Result<secure::SecureText> read_all() override { return secure::SecureText(input); }

  Result<secure::SecureText> read_hidden(std::string_view prompt) override {
    errors += prompt;
    if (typed.empty()) return fail(Code::unavailable, "nothing typed");
    secure::SecureText line(typed.front());
    typed.pop_front();
    return line;
  }

  bool interactive = false;
  std::string input;
  std::deque<std::string> typed;
  std::string output;
  std::string errors;
  std::string failure;  // of standard output
};

// What all fake connections of one world share.
struct Script {
  std::mutex mutex;
  std::deque<std::pair<int, std::string>> answers;  // the last one is repeated
  std::vector<std::string> requests;                // "PUT /v1/sys/seal {}"
  std::vector<std::string> tokens;                  // of each request
};

class FakeTransport final : public client::Transport {
 public:
  explicit FakeTransport(Script& script) : script_(script) {}

  Result<net::ClientResponse> send(const net::ClientRequest& request) override {
    const std::scoped_lock lock(script_.mutex);
    std::string line = request.method + " " + request.target;
    if (!request.body.empty()) line.append(" ").append(request.body.text());
    script_.requests.push_back(line);
    std::string token;
    for (const net::Header& header : request.headers) {
      if (header.name == "x-vault-token") token = header.value.text();
    }
    script_.tokens.push_back(token);
    if (script_.answers.empty()) return fail(Code::unavailable, "connection refused");
    const auto [status, body] = script_.answers.front();
    if (script_.answers.size() > 1) script_.answers.pop_front();
    return net::ClientResponse{status, {}, secure::SecureText(body)};
  }

  Result<net::ClientResponse> send_streaming(const net::ClientRequest& request,
                                             const net::Client::Sink& sink) override {
    COFFER_TRY(net::ClientResponse response, send(request));
    const std::string_view text = response.body.text();
    const std::size_t half = text.size() / 2;
    COFFER_CHECK(sink(text.substr(0, half)));
    COFFER_CHECK(sink(text.substr(half)));
    response.body = {};
    return response;
  }

 private:
  Script& script_;
};

class FakeWorld {
 public:
  FakeWorld() {
    add_client_commands(menu);
    add_completion_command(menu);
  }

  // The exit code of one command line.
  int run(std::vector<std::string> words) { return menu.run(world, words); }

  void answer(int status, std::string body) { script.answers.emplace_back(status, body); }

  FakeTerminal terminal;
  Script script;
  std::map<std::string, std::string, std::less<>> variables{{"COFFER_TOKEN", "hvs.test"}};
  std::vector<Launch> launched;
  Menu menu;
  World world{
      .terminal = terminal,
      .environment =
          [this](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          },
      .inherited = {"PATH=/bin", "COFFER_TOKEN=hvs.test", "VAULT_TOKEN=x", "PASSWORD=old"},
      .connect = [this](const net::ClientOptions&) -> Result<std::unique_ptr<client::Transport>> {
        return std::make_unique<FakeTransport>(script);
      },
      .launch =
          [this](const Launch& launch) {
            Launch copy{launch.command, {}};
            for (const auto& entry : launch.environment) copy.environment.push_back(entry.clone());
            launched.push_back(std::move(copy));
            return Result<int>(0);
          },
      .sleep = [](std::chrono::milliseconds) {},
  };
};

}  // namespace coffer::cli
