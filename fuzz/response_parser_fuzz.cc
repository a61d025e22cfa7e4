// floor: net
// An answer means the same however its octets are cut: whole, or one at a time.
#include "net/response_parser.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

// Status and body of the answer, "refused" or "more".
std::string outcome(std::string_view text, std::size_t step) {
  std::string body;
  coffer::net::ResponseParser parser(false, [&](std::string_view piece) -> coffer::Result<> {
    body += piece;
    return {};
  });
  std::string buffer;
  for (std::size_t at = 0; at < text.size() && !parser.done(); at += step) {
    buffer += text.substr(at, step);
    while (!buffer.empty() && !parser.done()) {
      const auto used = parser.put(buffer);
      if (!used) return "refused";
      if (*used == 0) break;
      buffer.erase(0, *used);
    }
  }
  if (!parser.done() && !parser.put_end()) return "more";
  return std::to_string(parser.take_head().status) + " " + body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = outcome(text, size + 1);
  const std::string cut = outcome(text, 1);
  // Between chunks the parser waits for five octets: what is cut there may be refused a little
  // later.
  const bool refused_later = whole == "refused" && cut == "more";
  if (whole != cut && !refused_later) std::abort();
  return 0;
}
