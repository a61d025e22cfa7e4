// Api: the server's HTTP API as a program calls it: one method a verb, answers parsed, errors
// named.
//
// Paths are given as Vault users write them, "secret/data/a" for /v1/secret/data/a; a path that
// starts with a slash is taken as it is ("/api/v1/verify"). Statuses become the house's codes (the
// table is in api.cc) and the server's own words. One difference, which Vault's clients rely on: a
// 404 whose body carries data or warnings is an answer (a deleted version), not an error.
//
// Not thread-safe; one Api a connection. Owns its transport and the token.
#pragma once

#include "apps/client/body.h"
#include "apps/client/settings.h"
#include "apps/client/target.h"
#include "apps/client/transport.h"
#include "formats/json.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::client {

// One answer and its JSON. Movable: the view points into the body's own block, which moves along.
class Answer {
 public:
  Answer() = default;
  // invalid JSON in a successful answer is Code::unavailable: this is no Coffer server.
  static Result<Answer> parse(int status, secure::SecureText body);

  [[nodiscard]] int status() const { return status_; }

  [[nodiscard]] bool empty() const { return body_.empty(); }

  [[nodiscard]] const formats::JsonView& root() const { return root_; }

  // Whether this is a token that opens to the answer proper: then it has no data.
  [[nodiscard]] bool wrapped() const { return find("wrap_info").has_value(); }

  // A member of the answer that is there and not null.
  [[nodiscard]] std::optional<formats::JsonView> find(std::string_view name) const {
    return root_.find_value(name);
  }

  [[nodiscard]] std::optional<formats::JsonView> data() const { return find("data"); }

 private:
  int status_ = 0;
  secure::SecureText body_;
  formats::JsonView root_;
};

struct Identity {
  secure::SecureText token;
  std::string name_space;
  std::string wrap_ttl;  // asks for a wrapped answer; empty: not
};

class Api {
 public:
  Api(std::unique_ptr<Transport> transport, Identity identity);

  Result<Answer> read(std::string_view path, const Query& query = {});
  // A read on the way to what was asked for: the same, but never wrapped.
  Result<Answer> prepare(std::string_view path, const Query& query = {});
  Result<Answer> list(std::string_view path);
  Result<Answer> write(std::string_view path, secure::SecureText body);
  Result<Answer> post(std::string_view path, secure::SecureText body);
  Result<Answer> patch(std::string_view path, secure::SecureText body);
  Result<Answer> remove(std::string_view path, const Query& query = {});
  // The body goes to `sink` as it comes; an error status is read and becomes an error.
  Result<> stream(std::string_view method,
                  std::string_view path,
                  const Query& query,
                  const net::Client::Sink& sink);

  [[nodiscard]] bool has_token() const { return !identity_.token.empty(); }

 private:
  net::ClientRequest make_request(std::string_view method,
                                  std::string_view path,
                                  const Query& query,
                                  secure::SecureText body,
                                  std::string_view wrap_ttl) const;
  Result<Answer> send(const net::ClientRequest& request);
  Result<Answer> call(std::string_view method,
                      std::string_view path,
                      const Query& query = {},
                      secure::SecureText body = {});

  std::unique_ptr<Transport> transport_;
  Identity identity_;
};

}  // namespace coffer::client
