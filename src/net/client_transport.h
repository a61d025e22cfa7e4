// Transport: one blocking connection of a client, plain or TLS, on which every step has a timeout.
//
// Errors: unavailable (name not found, refused, TLS not verified, timeout, connection lost).
// After an error the transport is of no more use. Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "net/client.h"

#include <memory>
#include <string>
#include <string_view>

namespace coffer::net {

struct Endpoint {
  bool tls = false;
  std::string host;  // name or textual IP, without brackets
  std::string port;
};

class Transport {
 public:
  static Result<std::unique_ptr<Transport>> connect(const Endpoint& endpoint,
                                                    const ClientOptions& options);
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual Result<> write(std::string_view octets) = 0;
  // At least one octet; 0 is the orderly end.
  virtual Result<std::size_t> read(MutableBytes room) = 0;
  // Whether the peer has closed a connection that should be idle.
  [[nodiscard]] virtual bool closed_by_peer() = 0;
};

}  // namespace coffer::net
