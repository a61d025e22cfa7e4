// Session: one command being carried out: its world, its output format, its connection.
//
// World is everything outside the command that a test replaces. The connection is made on the first
// request, with the token and address that options and environment give; a command that needs none
// never makes one. Used from one thread, except connect_another().
#pragma once

#include "apps/cli/arguments.h"
#include "apps/cli/terminal.h"
#include "apps/client/api.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace coffer::cli {

// A program to become, with the environment to hand it ("NAME=value").
struct Launch {
  std::vector<std::string> command;
  std::vector<secure::SecureText> environment;
};

struct World {
  Terminal& terminal;
  client::Environment environment;
  std::vector<std::string> inherited;  // the whole environment, "NAME=value"
  client::Connector connect;
  // Returns only when the program could not be started.
  std::function<Result<int>(const Launch&)> launch;
  std::function<void(std::chrono::milliseconds)> sleep;
};

enum class Format : std::uint8_t { table, json, yaml };

class Session {
 public:
  // invalid_argument for an unknown --format.
  static Result<Session> make(const World& world, const Arguments& arguments);

  [[nodiscard]] const World& world() const { return world_; }

  [[nodiscard]] Terminal& terminal() const { return world_.terminal; }

  [[nodiscard]] Format format() const { return format_; }

  [[nodiscard]] const std::string& field() const { return field_; }

  // The connection of this command.
  Result<client::Api*> api();

  // Whether a connection was asked for: what is wrong before is wrong with what was typed.
  [[nodiscard]] bool connected() const { return api_ != nullptr; }

  // One more connection with the same identity, for work in parallel: nothing is wrapped on it. Any
  // thread.
  [[nodiscard]] Result<std::unique_ptr<client::Api>> connect_another() const;
  // Uses this token in place of the one found in the environment (login, unwrap).
  void use_token(secure::SecureText token);

  // One request on the connection of this command. prepare() is a read that is never wrapped.
  Result<client::Answer> prepare(std::string_view path, const client::Query& query = {});
  Result<client::Answer> read(std::string_view path, const client::Query& query = {});
  Result<client::Answer> list(std::string_view path);
  Result<client::Answer> write(std::string_view path, secure::SecureText body);
  Result<client::Answer> post(std::string_view path, secure::SecureText body);
  Result<client::Answer> remove(std::string_view path, const client::Query& query = {});

 private:
  explicit Session(const World& world) : world_(world) {}

  [[nodiscard]] Result<client::Identity> identity() const;
  [[nodiscard]] Result<std::unique_ptr<client::Api>> connect(client::Identity identity) const;

  const World& world_;
  client::Settings settings_;
  Format format_ = Format::table;
  std::string field_;
  std::string wrap_ttl_;
  std::optional<secure::SecureText> token_;
  std::unique_ptr<client::Api> api_;
};

}  // namespace coffer::cli
