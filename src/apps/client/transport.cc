#include "apps/client/transport.h"

#include <utility>

namespace coffer::client {
namespace {

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(net::Client client) : client_(std::move(client)) {}

  Result<net::ClientResponse> send(const net::ClientRequest& request) override {
    return client_.send(request);
  }

  Result<net::ClientResponse> send_streaming(const net::ClientRequest& request,
                                             const net::Client::Sink& sink) override {
    return client_.send_streaming(request, sink);
  }

 private:
  net::Client client_;
};

}  // namespace

Result<std::unique_ptr<Transport>> connect_http(const net::ClientOptions& options) {
  COFFER_TRY(net::Client client, net::Client::make(options));
  return std::make_unique<HttpTransport>(std::move(client));
}

}  // namespace coffer::client
