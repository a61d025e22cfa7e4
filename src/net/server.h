// Server: the HTTP listener. Owns the loop threads; hands each well-formed request to one Handler.
//
// start() binds (port 0 picks a free one) and returns once it is listening; stop() drains: no new
// connections, requests under way are answered for at most `drain`, then connections are closed.
// reload_tls() reads certificate and key again; connections made before keep theirs. Accept errors
// back off and never end the listener. TLS 1.2 and newer only; private keys live in OpenSSL's
// secure heap. Thread-safe: stop() and reload_tls() from any thread.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace coffer::net {

struct TlsFiles {
  std::string certificate;  // PEM chain, leaf first
  std::string key;          // PEM
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8200;
  std::unique_ptr<TlsFiles> tls;  // null: plain HTTP
  std::size_t threads = 1;        // loop threads
  std::size_t max_body = 32U << 20U;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_headers = 100;
  std::size_t max_connections = 4096;
  std::chrono::seconds header_timeout{10};  // from the first octet of a request to its last header
  std::chrono::seconds body_timeout{60};
  std::chrono::seconds idle_timeout{120};
  std::chrono::seconds drain{10};
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
