#include "net/head_framing.h"

namespace coffer::net {
namespace {

constexpr std::string_view kForbidden("\r\n\0", 3);

// RFC 9110 §5.6.2: what a method is made of, and so the first octet of every request.
bool is_token(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

}  // namespace

HeadFraming::Outcome HeadFraming::scan(std::string_view input) {
  // A foreign protocol (a TLS hello on the plain port) is told so without waiting for a line end.
  if (line_start_ == 0 && !input.empty() && !is_token(input.front())) return Outcome::malformed;
  for (;;) {
    const std::string_view line = input.substr(line_start_);
    if (line.starts_with(' ') || line.starts_with('\t')) return Outcome::malformed;
    const std::size_t end = line.find_first_of(kForbidden);
    if (end == std::string_view::npos) return Outcome::more;
    if (line[end] != '\r') return Outcome::malformed;
    if (end + 1 == line.size()) return Outcome::more;
    if (line[end + 1] != '\n') return Outcome::malformed;
    line_start_ += end + 2;
    if (end == 0) return Outcome::complete;
  }
}

}  // namespace coffer::net
