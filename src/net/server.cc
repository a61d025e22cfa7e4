// The one translation unit that instantiates Asio for the listener: see connection.h.
#include "net/server.h"

#include "net/connection.h"
#include "net/connection_count.h"
#include "net/event_loop.h"
#include "net/tls_context.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <algorithm>

namespace coffer::net {
namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         Executor>;
using Admission = ConnectionCount::Admission;

constexpr std::size_t kStreamWorkers = 2;
// How long stop() waits for connections to notice that they were cut.
constexpr std::chrono::milliseconds kAbortWait{5000};
constexpr std::chrono::milliseconds kMinBackoff{10};
constexpr std::chrono::milliseconds kMaxBackoff{1000};

std::chrono::milliseconds tick_for(const ListenerOptions& options) {
  const auto shortest = std::min({options.handshake_timeout,
                                  options.header_timeout,
                                  options.body_timeout,
                                  options.idle_timeout});
  return std::clamp<std::chrono::milliseconds>(
      shortest / 8, std::chrono::milliseconds(1), std::chrono::milliseconds(250));
}

Peer peer_of(const tcp::endpoint& endpoint, bool tls) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6()) {
    asio::ip::address_v6 v6 = address.to_v6();
    v6.scope_id(0);
    address = v6.is_v4_mapped()
                  ? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, v6))
                  : asio::ip::address(v6);
  }
  return {.address = address.to_string(), .port = endpoint.port(), .tls = tls};
}

template <class Stream>
Awaitable<> live(std::unique_ptr<Connection<Stream>> connection, Admission /*held*/) {
  co_await connection->run();
}

// The certificate in use, replaced whole by reload_tls().
class CurrentTls {
 public:
  void set(std::shared_ptr<SSL_CTX> context) {
    // The asio wrapper adopts one reference of its own.
    SSL_CTX_up_ref(context.get());
    auto fresh = std::make_shared<asio::ssl::context>(context.get());
    const std::scoped_lock lock(mutex_);
    context_ = std::move(fresh);
  }

  [[nodiscard]] std::shared_ptr<asio::ssl::context> get() const {
    const std::scoped_lock lock(mutex_);
    return context_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<asio::ssl::context> context_;
};

class AsioServer final : public Server {
 public:
  AsioServer(ListenerOptions options, Handler& handler)
      : options_(std::move(options)),
        count_(options_.max_connections),
        bodies_(options_.body_budget),
        workers_(kStreamWorkers) {
    const std::size_t threads = std::max<std::size_t>(options_.threads, 1);
    for (std::size_t i = 0; i < threads; ++i) {
      loops_.push_back(std::make_unique<EventLoop>(tick_for(options_)));
      environments_.push_back(std::make_unique<Environment>(
          options_, handler, *loops_.back(), workers_, draining_, bodies_));
    }
    acceptor_.emplace(loops_.front()->context());
    backoff_.emplace(loops_.front()->context());
  }

  ~AsioServer() override { stop(); }

  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;

  Result<> listen() {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(options_.address, ec);
    if (ec) return fail(Code::invalid_argument, "listener address is not an IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_->open(endpoint.protocol(), ec);
    if (!ec) acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_->bind(endpoint, ec);
    if (!ec) acceptor_->listen(asio::socket_base::max_listen_connections, ec);
    if (!ec) port_ = acceptor_->local_endpoint(ec).port();
    if (ec) return fail(Code::unavailable, "cannot listen: " + ec.message());
    return {};
  }

  Result<> reload_tls() override {
    if (!options_.tls) return fail(Code::precondition_failed, "the listener has no TLS");
    COFFER_TRY(auto context, make_server_tls(*options_.tls));
    tls_.set(std::move(context));
    return {};
  }

  [[nodiscard]] bool has_tls() const { return options_.tls != nullptr; }

  void run() {
    asio::co_spawn(loops_.front()->context(), accept_all(), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);  // ends the process: nobody would accept any more
    });
    for (const auto& loop : loops_) loop->start();
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    std::call_once(stopped_, [this] {
      draining_ = true;
      loops_.front()->post([this] {
        boost::system::error_code ignored;
        acceptor_->close(ignored);
        backoff_->cancel();
      });
      for (const auto& loop : loops_) loop->post([&loop] { loop->drain_all(); });
      if (!count_.wait_for_none(options_.drain)) {
        for (const auto& loop : loops_) loop->post([&loop] { loop->abort_all(); });
        (void)count_.wait_for_none(kAbortWait);
      }
      workers_.join();
      for (const auto& loop : loops_) loop->stop();
    });
  }

 private:
  // Accept errors (out of descriptors, a peer gone already) are waited out: they pass.
  Awaitable<> accept_all() {
    std::size_t next = 0;
    std::chrono::milliseconds backoff = kMinBackoff;
    while (!draining_) {
      const std::size_t place = next++ % loops_.size();
      boost::system::error_code ec;
      Socket socket = co_await acceptor_->async_accept(loops_[place]->context(),
                                                       asio::redirect_error(kAwait, ec));
      if (!ec) {
        backoff = kMinBackoff;
        admit(*environments_[place], std::move(socket));
      } else if (acceptor_->is_open()) {
        backoff_->expires_after(backoff);
        backoff = std::min(backoff * 2, kMaxBackoff);
        co_await backoff_->async_wait(asio::redirect_error(kAwait, ec));
      } else {
        co_return;
      }
    }
  }

  void admit(const Environment& environment, Socket socket) {
    boost::system::error_code ec;
    const tcp::endpoint endpoint = socket.remote_endpoint(ec);
    if (ec) return;  // gone already
    Peer peer = peer_of(endpoint, options_.tls != nullptr);
    auto admission = count_.enter();
    if (!admission) return environment.refused("too many connections", peer);
    socket.set_option(tcp::no_delay(true), ec);
    if (options_.tls) {
      start(environment, TlsSocket(std::move(socket), *tls_.get()), peer, *std::move(admission));
    } else {
      start(environment, std::move(socket), peer, *std::move(admission));
    }
  }

  template <class Stream>
  void start(const Environment& environment, Stream stream, Peer peer, Admission admission) {
    auto connection =
        std::make_unique<Connection<Stream>>(environment, std::move(stream), std::move(peer));
    asio::co_spawn(environment.loop.context(),
                   live(std::move(connection), std::move(admission)),
                   [](const std::exception_ptr& /*out of memory; the connection is closed*/) {});
  }

  const ListenerOptions options_;
  ConnectionCount count_;
  BodyBudget bodies_;
  std::atomic<bool> draining_ = false;
  std::once_flag stopped_;
  CurrentTls tls_;
  std::uint16_t port_ = 0;
  asio::thread_pool workers_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::unique_ptr<Environment>> environments_;
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> backoff_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ListenerOptions options, Handler& handler) {
  auto server = std::make_unique<AsioServer>(std::move(options), handler);
  if (server->has_tls()) COFFER_CHECK(server->reload_tls());
  COFFER_CHECK(server->listen());
  server->run();
  return server;
}

}  // namespace coffer::net
