// Transport: how a request reaches a server. The seam at which tests replace the network.
//
// HttpTransport is net::Client, connected on the first request. Errors are net::Client's:
// unavailable. One transport is used by one thread.
#pragma once

#include "net/client.h"

#include <functional>
#include <memory>

namespace coffer::client {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual Result<net::ClientResponse> send(const net::ClientRequest& request) = 0;
  // Hands the body to `sink` piece by piece; the response's own body stays empty.
  virtual Result<net::ClientResponse> send_streaming(const net::ClientRequest& request,
                                                     const net::Client::Sink& sink) = 0;
};

// Makes one more connection with these options. Called from any thread.
using Connector = std::function<Result<std::unique_ptr<Transport>>(const net::ClientOptions&)>;

Result<std::unique_ptr<Transport>> connect_http(const net::ClientOptions& options);

}  // namespace coffer::client
