// RequestParser: octets → Request, without any I/O, strict enough that no proxy in front of us can
// see other message boundaries than we do (RFC 9112 §11.2, request smuggling).
//
// Two steps: the head is framed first (CRLF line ends only, no obsolete folding, limits of size),
// then Beast's grammar reads it and any chunked body. Refused with 400: both Content-Length and
// Transfer-Encoding, a Content-Length that is not one number, any coding but `chunked`, trailers,
// HTTP/1.1 without Host, a repeated header of those that identify or frame, targets not in origin
// form. 405: TRACE and CONNECT. 413: a body over its limit. 417: an unknown expectation. 431: a
// head over its limits. The text of a refusal is fixed and never repeats input.
//
// Memory: header values and the body are wiped with the Request; the caller wipes its own buffer.
// Not thread-safe: one parser a connection.
#pragma once

#include "net/http.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>

namespace coffer::net {

struct RequestLimits {
  std::size_t max_header_bytes = 16 * 1024;  // request line and headers with their line ends
  std::size_t max_headers = 100;
  std::size_t max_body = 32U << 20U;  // after removing chunked coding
  // The same for a request of which `known` says no; asked only when the body is longer. Null:
  // every request is known.
  std::size_t max_unknown_body = 1U << 20U;
  bool (*known)(const Request& head) = nullptr;
};

struct Refusal {
  int status = 400;
  std::string_view reason;  // static storage
};

class RequestParser {
 public:
  enum class Stage : std::uint8_t { head, body, done };

  explicit RequestParser(const RequestLimits& limits);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  // Reads a prefix of `input` and returns its length; 0 asks for more octets after those given.
  // What was not consumed must stand at the front of the next call. After a refusal, or at stage
  // done before take(), put() is not called again.
  std::expected<std::size_t, Refusal> put(std::string_view input);

  [[nodiscard]] Stage stage() const;
  // Facts of the head, known once stage() is past head.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http10() const;
  [[nodiscard]] bool is_head() const;           // method HEAD
  [[nodiscard]] bool expects_continue() const;  // the peer waits for 100 before it sends the body
  [[nodiscard]] std::size_t body_size() const;  // octets of body collected so far

  // The request, at stage done; the parser is then ready for the next one. `peer` and `loop` are
  // left for the caller to fill.
  [[nodiscard]] Request take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::net
