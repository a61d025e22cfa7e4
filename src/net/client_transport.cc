// The one translation unit that instantiates Asio for the client.
#include "net/client_transport.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <vector>

namespace coffer::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsSocket = asio::ssl::stream<Socket>;
using Resolver = asio::ip::basic_resolver<tcp, Executor>;

// Runs `context` until the one operation under way has completed, or gives up after `timeout`.
// The operation's handler sets `done`.
Result<> complete(asio::io_context& context,
                  std::chrono::milliseconds timeout,
                  const std::optional<error_code>& done,
                  const std::function<void()>& cancel) {
  context.restart();
  context.run_for(timeout);
  if (!done) {
    cancel();
    context.restart();
    context.run();  // the handler refers to our caller's stack
    return fail(Code::unavailable, "timeout");
  }
  if (*done == asio::ssl::error::stream_truncated) {
    return fail(Code::unavailable, "connection cut without end of TLS");
  }
  return {};
}

Result<asio::ssl::context> client_tls(const ClientOptions& options) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  error_code ec;
  if (options.ca_file.empty()) {
    (void)tls.set_default_verify_paths(ec);
  } else {
    (void)tls.load_verify_file(options.ca_file, ec);
  }
  ERR_clear_error();
  if (ec) return fail(Code::invalid_argument, "certificates of trust cannot be read");
  if (options.certificate_file.empty() && options.key_file.empty()) return tls;
  (void)tls.use_certificate_chain_file(options.certificate_file, ec);
  if (!ec) (void)tls.use_private_key_file(options.key_file, asio::ssl::context::pem, ec);
  ERR_clear_error();
  if (ec) return fail(Code::invalid_argument, "the client's certificate or key cannot be used");
  return tls;
}

template <class Stream>
class AsioTransport final : public Transport {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;

  // `context` is where `stream` lives.
  AsioTransport(std::unique_ptr<asio::io_context> context,
                Stream stream,
                std::chrono::milliseconds timeout)
      : context_(std::move(context)), timeout_(timeout), stream_(std::move(stream)) {}

  Result<> handshake() {
    std::optional<error_code> done;
    stream_.async_handshake(asio::ssl::stream_base::client, [&](error_code ec) { done = ec; });
    COFFER_CHECK(wait(done));
    ERR_clear_error();
    if (*done) return fail(Code::unavailable, "TLS: the server could not be verified");
    return {};
  }

  Result<> write(std::string_view octets) override {
    std::optional<error_code> done;
    asio::async_write(stream_,
                      asio::buffer(octets.data(), octets.size()),
                      [&](error_code ec, std::size_t) { done = ec; });
    COFFER_CHECK(wait(done));
    if (*done) return fail(Code::unavailable, "connection lost");
    return {};
  }

  Result<std::size_t> read(MutableBytes room) override {
    std::optional<error_code> done;
    std::size_t size = 0;
    stream_.async_read_some(asio::buffer(room.data(), room.size()),
                            [&](error_code ec, std::size_t n) {
                              done = ec;
                              size = n;
                            });
    COFFER_CHECK(wait(done));
    if (*done == asio::error::eof) return 0;
    if (*done) return fail(Code::unavailable, "connection lost");
    return size;
  }

  bool closed_by_peer() override {
    char octet = 0;
    const auto seen = ::recv(socket().native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen == 0 || (seen < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }

 private:
  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  Result<> wait(const std::optional<error_code>& done) {
    return complete(*context_, timeout_, done, [this] {
      error_code ignored;
      socket().close(ignored);
    });
  }

  std::unique_ptr<asio::io_context> context_;
  std::chrono::milliseconds timeout_;
  Stream stream_;
};

using Addresses = std::vector<tcp::endpoint>;

// The addresses of `localhost` and the names below it, which mean this machine whatever a name
// server says, and on machines that have no entry for them (RFC 6761 §6.3). Empty: another name.
Addresses loopback(const Endpoint& endpoint) {
  constexpr std::string_view kName = "localhost";
  const std::string_view host = endpoint.host;
  std::uint16_t port = 0;
  const char* const end = endpoint.port.data() + endpoint.port.size();
  const auto [stop, error] = std::from_chars(endpoint.port.data(), end, port);
  const bool below = host.ends_with(kName) &&
                     (host.size() == kName.size() || host[host.size() - kName.size() - 1] == '.');
  if (!below || error != std::errc() || stop != end) return {};
  return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
}

Result<Addresses> resolve(asio::io_context& context,
                          const Endpoint& endpoint,
                          std::chrono::milliseconds timeout) {
  if (auto here = loopback(endpoint); !here.empty()) return here;
  Resolver resolver(context);
  std::optional<error_code> done;
  Resolver::results_type found;
  resolver.async_resolve(
      endpoint.host, endpoint.port, [&](error_code ec, Resolver::results_type results) {
        done = ec;
        found = std::move(results);
      });
  COFFER_CHECK(complete(context, timeout, done, [&] { resolver.cancel(); }));
  if (*done) return fail(Code::unavailable, "host name not found");
  return Addresses(found.begin(), found.end());
}

Result<Socket> open_socket(asio::io_context& context,
                           const Endpoint& endpoint,
                           std::chrono::milliseconds timeout) {
  COFFER_TRY(const auto addresses, resolve(context, endpoint, timeout));
  Socket socket(context);
  std::optional<error_code> done;
  asio::async_connect(socket, addresses, [&](error_code ec, const tcp::endpoint&) { done = ec; });
  COFFER_CHECK(complete(context, timeout, done, [&] {
    error_code ignored;
    (void)socket.close(ignored);
  }));
  if (*done) return fail(Code::unavailable, "cannot connect to server");
  error_code ignored;
  (void)socket.set_option(tcp::no_delay(true), ignored);
  // Asio leaves it open for the programs that this one becomes or starts.
  if (::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC) != 0) {
    return fail(Code::unavailable, "cannot keep the connection to this program");
  }
  return socket;
}

// Server name indication, and verification against trust and host name unless told otherwise.
Result<> expect_server(TlsSocket& stream, const Endpoint& endpoint, const ClientOptions& options) {
  error_code not_an_ip;
  (void)asio::ip::make_address(endpoint.host, not_an_ip);
  if (not_an_ip && SSL_ctrl(stream.native_handle(),
                            SSL_CTRL_SET_TLSEXT_HOSTNAME,
                            TLSEXT_NAMETYPE_host_name,
                            const_cast<char*>(endpoint.host.c_str())) != 1) {
    return fail(Code::invalid_argument, "host name cannot be sent in TLS");
  }
  if (options.tls_skip_verify) return {};
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
  return {};
}

}  // namespace

Result<std::unique_ptr<Transport>> Transport::connect(const Endpoint& endpoint,
                                                      const ClientOptions& options) {
  auto context = std::make_unique<asio::io_context>(1);
  COFFER_TRY(Socket socket, open_socket(*context, endpoint, options.timeout));
  if (!endpoint.tls) {
    return std::make_unique<AsioTransport<Socket>>(
        std::move(context), std::move(socket), options.timeout);
  }
  COFFER_TRY(asio::ssl::context tls, client_tls(options));
  TlsSocket stream(std::move(socket), tls);
  COFFER_CHECK(expect_server(stream, endpoint, options));
  auto transport = std::make_unique<AsioTransport<TlsSocket>>(
      std::move(context), std::move(stream), options.timeout);
  COFFER_CHECK(transport->handshake());
  return transport;
}

}  // namespace coffer::net
