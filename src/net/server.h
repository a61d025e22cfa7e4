// Server: the HTTP listener. Owns the loop threads; hands each well-formed request to one Handler.
//
// start() binds (port 0 picks a free one) and returns once it is listening; stop() drains: no new
// connections, requests under way are answered for at most `drain`, then connections are closed.
// reload_tls() reads certificate and key again; connections made before keep theirs. Accept errors
// back off and never end the listener. TLS 1.2 and newer only; private keys live in OpenSSL's
// secure heap (net/secure_heap.h). Thread-safe: stop() and reload_tls() from any thread but the
// loop threads. A Request's loop is not used after the Server is destroyed; a Respond kept for
// longer does nothing.
//
// A connection is one loop's: requests on it are answered one after the other. Malformed HTTP is
// answered once (net/request_parser.h lists the statuses, the body is {"errors":["..."]}), then the
// connection is closed. Deadlines are total, not per octet, and are kept to about an eighth of the
// shortest of them. Errors of start(): invalid_argument (address), unavailable (cannot bind), and
// those of make_server_tls.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::net {

struct TlsFiles {
  std::string certificate;  // PEM chain, leaf first
  std::string key;          // PEM
};

struct ListenerOptions {
  std::string address = "127.0.0.1";  // textual IPv4 or IPv6
  std::uint16_t port = 8200;
  std::unique_ptr<TlsFiles> tls;  // null: plain HTTP
  std::size_t threads = 1;        // loop threads
  std::size_t max_body = 32U << 20U;
  // Longest body of a request of which `known` (its head alone is filled) says no; see
  // net/request_parser.h.
  std::size_t max_unknown_body = 1U << 20U;
  bool (*known)(const Request& head) = nullptr;
  // Octets of all bodies being received and answered, see net/body_budget.h: 503 beyond. Not less
  // than max_body.
  std::size_t body_budget = 256U << 20U;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_headers = 100;
  std::size_t max_connections = 4096;
  std::chrono::milliseconds handshake_timeout{10'000};  // TLS
  // From the first octet of a request to its last header; for the first request of a connection
  // from its acceptance.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};  // reading one body; writing one piece of answer
  std::chrono::milliseconds idle_timeout{120'000};
  std::chrono::milliseconds drain{10'000};
  // Called for each connection or request turned away before the handler saw it: a fixed reason
  // and the peer's address. Runs on the loop threads, so it must be quick and, with several
  // threads, thread-safe.
  std::function<void(std::string_view reason, std::string_view peer)> refused;
};

class Server {
 public:
  // `handler` is borrowed and outlives the server.
  static Result<std::unique_ptr<Server>> start(ListenerOptions options, Handler& handler);
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;  // stops

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  virtual Result<> reload_tls() = 0;
  virtual void stop() = 0;
};

}  // namespace coffer::net
