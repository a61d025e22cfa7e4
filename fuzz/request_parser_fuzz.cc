// floor: net
// A request means the same however its octets are cut: whole, or one at a time.
#include "net/request_parser.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using coffer::net::RequestParser;

// Status of the refusal, or method, target and body of the request, or "more".
std::string outcome(std::string_view text, std::size_t step) {
  RequestParser parser({.max_header_bytes = 512, .max_headers = 8, .max_body = 256});
  std::string buffer;
  for (std::size_t at = 0; at < text.size(); at += step) {
    buffer += text.substr(at, step);
    while (!buffer.empty()) {
      const auto used = parser.put(buffer);
      if (!used) return "refused";
      buffer.erase(0, *used);
      if (parser.stage() == RequestParser::Stage::done) {
        const coffer::net::Request request = parser.take();
        return request.method + " " + request.target + " " + std::string(request.body.text());
      }
      if (*used == 0) break;
    }
  }
  return "more";
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
