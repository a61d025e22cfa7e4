// Client: a blocking HTTP/1.1 client for command lines and tests. One connection, kept alive.
//
// `localhost`, and every name below it, is this machine and is asked of no name server.
// TLS verifies the server against the system's trust or `ca_file`, with host name. Redirects are
// not followed. Answers over 64 MiB are too_large. A connection that went stale while idle is
// replaced once, unseen, for GET, LIST and HEAD. No program that this one starts has it. Errors:
// invalid_argument (address, or a request that cannot be written as HTTP), unavailable (connect,
// TLS, timeout, cut short). Not thread-safe; movable.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::net {

struct ClientOptions {
  std::string address;  // http://host:port or https://host:port; no path
  std::string ca_file;  // PEM; empty: the system's
  bool tls_skip_verify = false;
  // PEM: what the server may be shown of the client, and the key of it; both or neither.
  std::string certificate_file = {};
  std::string key_file = {};
  std::chrono::milliseconds timeout{60'000};  // each step: connect, handshake, write, next octets
};

struct ClientRequest {
  std::string method;
  std::string target;  // origin form
  std::vector<Header> headers;
  secure::SecureText body;
};

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  secure::SecureText body;
};

class Client {
 public:
  static Result<Client> make(ClientOptions options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  Result<ClientResponse> send(const ClientRequest& request);
  // Hands the body to `sink` piece by piece instead of collecting it; no limit of size.
  using Sink = std::function<Result<>(std::string_view piece)>;
  Result<ClientResponse> send_streaming(const ClientRequest& request, const Sink& sink);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::net
