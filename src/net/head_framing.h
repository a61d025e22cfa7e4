// Head framing: where the head of an HTTP message ends, found octet by octet before any grammar
// looks at it.
//
// A line ends with CRLF and nothing else: a bare CR or LF, a NUL, and a line that begins with a
// blank (obsolete folding, RFC 9112 §5.2) are errors at once, because peers disagree about them.
// Pure; scanning continues where it stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer::net {

class HeadFraming {
 public:
  enum class Outcome : std::uint8_t { more, complete, malformed };

  // `input` begins with the first octet of the head, and grows from call to call.
  Outcome scan(std::string_view input);

  // Length of the head with its empty line, after `complete`.
  [[nodiscard]] std::size_t size() const { return line_start_; }

 private:
  std::size_t line_start_ = 0;  // all before it has been accepted
};

}  // namespace coffer::net
