// ResponseParser: octets → status, headers and body of one answer, without any I/O; the client's
// counterpart of RequestParser.
//
// The body goes to a sink as it arrives. Interim answers (1xx) are skipped. Head limit 64 KiB and
// 256 headers; trailers are ignored. Anything malformed is `unavailable`: the peer is not a server
// we can talk to. Errors of the sink are passed on. Not thread-safe.
#pragma once

#include "net/client.h"

#include <functional>
#include <memory>
#include <string_view>

namespace coffer::net {

class ResponseParser {
 public:
  using Sink = std::function<Result<>(std::string_view piece)>;

  // `head_only`: the answer to HEAD, which has no body whatever its headers say.
  ResponseParser(bool head_only, Sink sink);
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  // Reads a prefix of `input` and returns its length, as RequestParser::put.
  Result<std::size_t> put(std::string_view input);
  // The connection ended: either that ends the body, or the answer was cut short.
  Result<> put_end();

  [[nodiscard]] bool done() const;
  [[nodiscard]] bool keep_alive() const;     // when done
  [[nodiscard]] ClientResponse take_head();  // when done: status and headers

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::net
