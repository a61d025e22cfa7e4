// Connection: one accepted socket, plain or TLS, from handshake to close, as a coroutine on its
// loop.
//
// A turn is: receive one request under the deadlines, hand it to the handler, wait, send the
// answer. Included by server.cc alone (Asio). Owned by its coroutine; the Environment outlives it.
#pragma once

#include "net/body_budget.h"
#include "net/event_loop.h"
#include "net/read_buffer.h"
#include "net/reply_slot.h"
#include "net/request_parser.h"
#include "net/response_head.h"
#include "net/server.h"
#include "net/tls_context.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace coffer::net {

using tcp = asio::ip::tcp;
using Executor = EventLoop::Executor;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsSocket = asio::ssl::stream<Socket>;
template <class T = void>
using Awaitable = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kAwait{};

// What all connections of a loop share; borrowed.
struct Environment {
  const ListenerOptions& options;
  Handler& handler;
  EventLoop& loop;
  asio::thread_pool& workers;  // where streams are pulled
  const std::atomic<bool>& draining;
  BodyBudget& bodies;

  void refused(std::string_view reason, const Peer& peer) const {
    if (options.refused) options.refused(reason, peer.address);
  }
};

template <class Stream>
class Connection final : public Timed {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;

  Connection(const Environment& environment, Stream stream, Peer peer)
      : env_(environment),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        parser_({.max_header_bytes = env_.options.max_header_bytes,
                 .max_headers = env_.options.max_headers,
                 .max_body = env_.options.max_body,
                 .max_unknown_body = env_.options.max_unknown_body,
                 .known = env_.options.known}),
        body_hold_(env_.bodies),
        buffer_(std::max(kReadLimit, env_.options.max_header_bytes + 1)),
        slot_(std::make_shared<ReplySlot>(env_.loop)) {}

  ~Connection() override { slot_->close(); }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The whole life of the connection; it joins and leaves its loop here, on the loop's thread.
  Awaitable<> run() {
    const EventLoop::Member member(env_.loop, *this);
    if (co_await handshake()) {
      while (co_await serve_one()) {
      }
    }
  }

  void expire() override {
    if (phase_ != Phase::idle && phase_ != Phase::closing) {
      env_.refused(kExpired[static_cast<std::size_t>(phase_)], peer_);
    }
    abort();
  }

  void drain() override {
    if (phase_ == Phase::idle || (phase_ == Phase::head && buffer_.empty())) abort();
  }

  void abort() override {
    boost::system::error_code ignored;
    socket().close(ignored);
    slot_->cancel();
  }

 private:
  enum class Phase : std::uint8_t { handshake, idle, head, body, answering, writing, closing };
  static constexpr std::array<std::string_view, 7> kExpired = {
      "TLS handshake timeout", "", "header timeout", "body timeout", "", "write timeout", ""};
  static constexpr std::size_t kReadLimit = 64 * 1024;
  // A body up to this size is copied behind its head and sent with it.
  static constexpr std::size_t kSmallBody = 16 * 1024;
  static constexpr std::size_t kHeadReserve = 512;
  static constexpr std::chrono::milliseconds kLinger{1000};
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  static constexpr std::string_view kLastChunk = "0\r\n\r\n";
  static constexpr std::string_view kCrLf = "\r\n";

  enum class Received : std::uint8_t { request, refused, closed };

  // What the answer needs to know of the request after it has gone to the handler.
  struct Turn {
    bool keep_alive;
    bool http10;
    bool head_only;
  };

  [[nodiscard]] Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  // Enters a phase and starts its deadline, once: trickled octets do not prolong it.
  void enter(Phase phase) {
    if (phase_ == phase) return;
    phase_ = phase;
    deadline = phase == Phase::answering ? kNever : env_.loop.deadline_after(timeout(phase));
  }

  [[nodiscard]] std::chrono::milliseconds timeout(Phase phase) const {
    const ListenerOptions& options = env_.options;
    switch (phase) {
      case Phase::handshake:
        return options.handshake_timeout;
      case Phase::idle:
        return options.idle_timeout;
      case Phase::head:
        return options.header_timeout;
      case Phase::body:
      case Phase::writing:
        return options.body_timeout;
      case Phase::answering:
      case Phase::closing:
        return std::min(kLinger, options.header_timeout);
    }
    return kLinger;
  }

  Awaitable<bool> handshake() {
    if constexpr (kTls) {
      deadline = env_.loop.deadline_after(timeout(Phase::handshake));
      boost::system::error_code ec;
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(kAwait, ec));
      if (ec && socket().is_open()) env_.refused("TLS handshake failed", peer_);
      if (ec) co_return false;
      peer_.certificates = shown_certificates(stream_.native_handle());
    }
    enter(Phase::head);
    co_return true;
  }

  // One request and its answer; whether the connection goes on.
  Awaitable<bool> serve_one() {
    const Received received = co_await receive();
    if (received == Received::closed) co_return false;
    if (received == Received::refused) {
      env_.refused(refusal_.reason, peer_);
      const Turn turn{.keep_alive = false, .http10 = true, .head_only = false};
      if (co_await send(error_response(refusal_.status, refusal_.reason), turn)) co_await linger();
      co_return false;
    }
    Turn turn{parser_.keep_alive(), parser_.http10(), parser_.is_head()};
    Response response = co_await ask();
    body_hold_.release();
    if (env_.draining.load(std::memory_order_relaxed)) turn.keep_alive = false;
    if (!co_await send(std::move(response), turn)) co_return false;
    if (!turn.keep_alive) co_await linger();
    co_return turn.keep_alive;
  }

  Awaitable<Received> receive() {
    if (phase_ == Phase::writing) enter(buffer_.empty() ? Phase::idle : Phase::head);
    if (buffer_.empty()) {
      if (env_.draining.load(std::memory_order_relaxed)) co_return Received::closed;
      buffer_.shrink();
    }
    bool told_to_continue = false;
    for (;;) {
      if (!parse()) co_return Received::refused;
      if (parser_.stage() == RequestParser::Stage::done) co_return Received::request;
      if (parser_.stage() == RequestParser::Stage::body) {
        if (!body_hold_.grow_to(parser_.body_size())) {
          drop_body();
          co_return Received::refused;
        }
        if (parser_.expects_continue() && !std::exchange(told_to_continue, true)) {
          if (!co_await write(asio::buffer(kContinue))) co_return Received::closed;
        }
        enter(Phase::body);
      } else if (!buffer_.empty()) {
        enter(Phase::head);
      }
      const MutableBytes room = buffer_.prepare();
      if (room.empty()) {
        refusal_ = {400, "malformed request"};
        co_return Received::refused;
      }
      const std::size_t size = co_await read(room);
      if (size == 0) co_return Received::closed;
      buffer_.commit(size);
    }
  }

  void drop_body() {
    (void)parser_.take();
    body_hold_.release();
    refusal_ = {503, "too many large request bodies at once"};
  }

  // Gives the parser what has arrived; false when it refuses.
  bool parse() {
    while (!buffer_.empty() && parser_.stage() != RequestParser::Stage::done) {
      const auto used = parser_.put(buffer_.text());
      if (!used) {
        refusal_ = used.error();
        return false;
      }
      if (*used == 0) return true;
      buffer_.consume(*used);
    }
    return true;
  }

  // 0: the connection is over.
  Awaitable<std::size_t> read(MutableBytes room) {
    boost::system::error_code ec;
    const std::size_t size = co_await stream_.async_read_some(
        asio::buffer(room.data(), room.size()), asio::redirect_error(kAwait, ec));
    co_return ec ? 0 : size;
  }

  Awaitable<Response> ask() {
    enter(Phase::answering);
    Request request = parser_.take();
    request.peer = peer_;
    request.loop = &env_.loop;
    try {
      env_.handler.handle(std::move(request), slot_->begin());
    } catch (const std::exception&) {
      // A bug above; its Respond is gone, and a dropped Respond answers 500.
      env_.refused("handler failed", peer_);
    }
    if (!slot_->answered()) {
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
          [this](auto handler) {
            slot_->on_answer([handler = std::move(handler)]() mutable { std::move(handler)(); });
          },
          kAwait);
    }
    co_return slot_->take();
  }

  Awaitable<bool> send(Response response, Turn turn) {
    const bool body = has_body(response.status) && !turn.head_only;
    HeadFacts facts{.framing = Framing::length, .keep_alive = turn.keep_alive};
    if (response.stream) facts.framing = turn.http10 ? Framing::close : Framing::chunked;
    secure::SecureText out;
    out.reserve(kHeadReserve + (body ? std::min(response.body.size(), kSmallBody) : 0));
    if (!append_head(out, response, facts)) {
      env_.refused("handler gave a malformed head", peer_);
      co_return co_await send(error_response(500, "internal error"), turn);
    }
    if (!body) co_return co_await write(buffer_of(out));
    if (response.stream) {
      if (!co_await write(buffer_of(out))) co_return false;
      co_return co_await send_stream(std::move(response), facts.framing);
    }
    if (response.body.size() > kSmallBody) {
      const std::array head_and_body{buffer_of(out), buffer_of(response.body)};
      co_return co_await write(head_and_body);
    }
    out.append(response.body.text());
    co_return co_await write(buffer_of(out));
  }

  Awaitable<bool> send_stream(Response response, Framing framing) {
    const bool whole = co_await send_pieces(response, framing);
    // A stream may have to wait for its producer when it goes: not on the loop's thread.
    asio::post(env_.workers, [stream = std::move(response.stream)] {});
    co_return whole;
  }

  Awaitable<bool> send_pieces(Response& response, Framing framing) {
    for (;;) {
      const Result<secure::SecureText> piece = co_await pull(response);
      if (!piece) co_return false;
      const bool chunked = framing == Framing::chunked;
      if (piece->empty()) co_return !chunked || co_await write(asio::buffer(kLastChunk));
      if (!chunked) {
        if (!co_await write(buffer_of(*piece))) co_return false;
        continue;
      }
      std::array<char, 18> size{};
      char* end = std::to_chars(size.data(), size.data() + 16, piece->size(), 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      const auto prefix = asio::buffer(size.data(), static_cast<std::size_t>(end - size.data()));
      const std::array<asio::const_buffer, 3> chunk{prefix, buffer_of(*piece), asio::buffer(kCrLf)};
      if (!co_await write(chunk)) co_return false;
    }
  }

  // The next piece of a stream, made on a worker while the loop serves others; the one after it is
  // asked for only when this one has been sent.
  Awaitable<Result<secure::SecureText>> pull(Response& response) {
    enter(Phase::answering);  // making it takes what it takes; the peer is not slow
    Result<secure::SecureText> piece = fail(Code::internal, "stream failed");
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this, &response, &piece](auto handler) {
          asio::post(
              env_.workers, [this, &response, &piece, handler = std::move(handler)]() mutable {
                try {
                  piece = response.stream();
                } catch (const std::exception&) {
                  // A bug above; the connection is cut, which is how a stream fails.
                }
                env_.loop.post([handler = std::move(handler)]() mutable { std::move(handler)(); });
              });
        },
        kAwait);
    co_return piece;
  }

  template <class Buffers>
  Awaitable<bool> write(const Buffers& buffers) {
    phase_ = Phase::answering;  // each piece has a deadline of its own
    enter(Phase::writing);
    boost::system::error_code ec;
    co_await asio::async_write(stream_, buffers, asio::redirect_error(kAwait, ec));
    co_return !ec;
  }

  static asio::const_buffer buffer_of(const secure::SecureText& text) {
    return asio::buffer(text.text().data(), text.size());
  }

  // After our last octet: says so, then reads what the peer still sends. Closing a socket with
  // unread octets resets it, and the peer might lose the answer.
  Awaitable<> linger() {
    enter(Phase::closing);
    boost::system::error_code ec;
    if constexpr (kTls) co_await stream_.async_shutdown(asio::redirect_error(kAwait, ec));
    socket().shutdown(Socket::shutdown_send, ec);
    buffer_.consume(buffer_.text().size());
    const MutableBytes room = buffer_.prepare();
    while (!ec) {
      co_await socket().async_read_some(asio::buffer(room.data(), room.size()),
                                        asio::redirect_error(kAwait, ec));
    }
  }

  const Environment& env_;
  Stream stream_;
  Peer peer_;
  RequestParser parser_;
  BodyBudget::Hold body_hold_;
  ReadBuffer buffer_;
  std::shared_ptr<ReplySlot> slot_;
  Refusal refusal_;
  Phase phase_ = Phase::handshake;
};

}  // namespace coffer::net
