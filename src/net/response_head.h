// Response head: status line and headers of one answer (RFC 9112 §4, §5), written by hand because
// every answer of this server has the same few.
//
// Always there: Cache-Control: no-store (unless the handler set its own), X-Content-Type-Options:
// nosniff, and the header that frames the body. Content-Type exactly as given, when there is a
// body. A handler's header with a control character in it is `internal`: it would split the
// answer. So is a status that is not from 200 to 599. Pure functions.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <cstdint>

namespace coffer::net {

enum class Framing : std::uint8_t {
  length,   // Content-Length
  chunked,  // Transfer-Encoding: chunked
  close,    // the end of the connection ends the body (HTTP/1.0)
};

struct HeadFacts {
  Framing framing = Framing::length;
  bool keep_alive = true;
};

// Appends the head of `response` with its empty line to `out`.
Result<> append_head(secure::SecureText& out, const Response& response, const HeadFacts& facts);

// The reason phrase that goes with a status; "Unknown" for those without one.
[[nodiscard]] std::string_view status_text(int status);

// 1xx, 204 and 304 never have a body.
[[nodiscard]] bool has_body(int status);

// {"errors":["<reason>"]}; `reason` is our own fixed text, without characters to escape.
[[nodiscard]] Response error_response(int status, std::string_view reason);

}  // namespace coffer::net
