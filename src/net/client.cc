#include "net/client.h"

#include "net/client_transport.h"
#include "net/read_buffer.h"
#include "net/response_parser.h"

#include <algorithm>

namespace coffer::net {
namespace {

constexpr std::size_t kMaxBody = 64U << 20U;
constexpr std::size_t kReadLimit = 128 * 1024;
constexpr std::string_view kDigits = "0123456789";

// host, host:port, [v6] or [v6]:port
Result<Endpoint> split_authority(std::string_view text, bool tls) {
  Endpoint out{.tls = tls, .host = "", .port = tls ? "443" : "80"};
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fail(Code::invalid_argument, "malformed address");
    out.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    out.host = text.substr(0, end);
    rest = text.substr(end);
  }
  if (!rest.empty()) out.port = rest.substr(1);
  const bool port_ok = !out.port.empty() && out.port.size() <= 5 &&
                       out.port.find_first_not_of(kDigits) == std::string::npos;
  const bool host_ok =
      !out.host.empty() && out.host.find_first_of("/@?# \r\n") == std::string::npos;
  if (!port_ok || !host_ok || (!rest.empty() && rest.front() != ':')) {
    return fail(Code::invalid_argument, "malformed address");
  }
  return out;
}

Result<Endpoint> parse_address(std::string_view address) {
  if (address.ends_with('/')) address.remove_suffix(1);
  for (const auto& [scheme, tls] : {std::pair{"http://", false}, std::pair{"https://", true}}) {
    const std::string_view prefix = scheme;
    if (address.starts_with(prefix)) return split_authority(address.substr(prefix.size()), tls);
  }
  return fail(Code::invalid_argument, "address does not begin with http:// or https://");
}

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "LIST" || method == "HEAD";
}

bool is_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// The whole message: header values and body are secret, so it is too.
Result<secure::SecureText> encode(const ClientRequest& request, std::string_view host) {
  if (!is_word(request.method) || !is_word(request.target) || !request.target.starts_with('/')) {
    return fail(Code::invalid_argument, "malformed method or target");
  }
  secure::SecureText out;
  out.reserve(1024 + request.body.size());
  for (const std::string_view part : {std::string_view(request.method),
                                      std::string_view(" "),
                                      std::string_view(request.target),
                                      std::string_view(" HTTP/1.1\r\nHost: "),
                                      host,
                                      std::string_view("\r\n")}) {
    out.append(part);
  }
  for (const Header& header : request.headers) {
    if (!is_word(header.name) || header.name.contains(':') || !is_line(header.value.text())) {
      return fail(Code::invalid_argument, "malformed request header");
    }
    out.append(header.name);
    out.append(": ");
    out.append(header.value.text());
    out.append("\r\n");
  }
  if (!request.body.empty() || !is_idempotent(request.method)) {
    out.append("Content-Length: " + std::to_string(request.body.size()) + "\r\n");
  }
  out.append("\r\n");
  out.append(request.body.text());
  return out;
}

}  // namespace

struct Client::Impl {
  ClientOptions options;
  Endpoint endpoint;
  std::string host_header;
  std::unique_ptr<Transport> transport;

  // Whether any octet of an answer came; before that an idempotent request may be sent again.
  enum class Progress : std::uint8_t { none, some };

  Result<ClientResponse> send(const ClientRequest& request, const Client::Sink& sink) {
    COFFER_TRY(const secure::SecureText message, encode(request, host_header));
    if (transport && transport->closed_by_peer()) transport = nullptr;
    const bool reused = transport != nullptr;
    Progress progress = Progress::none;
    auto response = attempt(message, request.method == "HEAD", sink, progress);
    const bool stale =
        !response && reused && progress == Progress::none && response.error().message != "timeout";
    if (stale && is_idempotent(request.method)) {
      response = attempt(message, request.method == "HEAD", sink, progress);
    }
    return response;
  }

  Result<ClientResponse> attempt(const secure::SecureText& message,
                                 bool head_only,
                                 const Client::Sink& sink,
                                 Progress& progress) {
    // Kept again only after a whole answer on a connection that stays.
    std::unique_ptr<Transport> current = std::move(transport);
    if (!current) {
      COFFER_TRY(current, Transport::connect(endpoint, options));
    }
    COFFER_CHECK(current->write(message.text()));
    ResponseParser parser(head_only, sink);
    ReadBuffer buffer(kReadLimit);
    while (!parser.done()) {
      const MutableBytes room = buffer.prepare();
      if (room.empty()) return fail(Code::unavailable, "malformed answer from server");
      COFFER_TRY(const std::size_t size, current->read(room));
      if (size == 0) {
        COFFER_CHECK(parser.put_end());
        break;
      }
      progress = Progress::some;
      buffer.commit(size);
      COFFER_CHECK(feed(parser, buffer));
    }
    if (parser.keep_alive() && buffer.empty()) transport = std::move(current);
    return parser.take_head();
  }

  static Result<> feed(ResponseParser& parser, ReadBuffer& buffer) {
    while (!buffer.empty() && !parser.done()) {
      COFFER_TRY(const std::size_t used, parser.put(buffer.text()));
      if (used == 0) break;
      buffer.consume(used);
    }
    return {};
  }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::make(ClientOptions options) {
  COFFER_TRY(Endpoint endpoint, parse_address(options.address));
  const bool v6 = endpoint.host.contains(':');
  std::string host = v6 ? "[" + endpoint.host + "]" : endpoint.host;
  host += ":" + endpoint.port;
  return Client(std::make_unique<Impl>(
      Impl{std::move(options), std::move(endpoint), std::move(host), nullptr}));
}

Result<ClientResponse> Client::send(const ClientRequest& request) {
  secure::SecureText body;
  const Sink collect = [&body](std::string_view piece) -> Result<> {
    if (piece.size() > kMaxBody - body.size()) {
      return fail(Code::too_large, "answer over 64 MiB");
    }
    body.append(piece);
    return {};
  };
  COFFER_TRY(ClientResponse response, impl_->send(request, collect));
  response.body = std::move(body);
  return response;
}

Result<ClientResponse> Client::send_streaming(const ClientRequest& request, const Sink& sink) {
  return impl_->send(request, sink);
}

}  // namespace coffer::net
