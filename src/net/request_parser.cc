#include "net/request_parser.h"

#include "net/head_framing.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace coffer::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

constexpr std::size_t kMaxMethod = 32;
// A claimed length is believed only this far before octets arrive.
constexpr std::size_t kMaxBodyReserve = 256 * 1024;

// Headers that frame, route or identify: a second one would let two readers choose differently.
constexpr std::array<std::string_view, 14> kSingle = {"host",
                                                      "content-length",
                                                      "transfer-encoding",
                                                      "authorization",
                                                      "content-type",
                                                      "x-vault-token",
                                                      "x-vault-namespace",
                                                      "x-vault-wrap-ttl",
                                                      "expect",
                                                      "x-amz-date",
                                                      "x-amz-security-token",
                                                      "x-amz-target",
                                                      "x-http-method",
                                                      "x-http-method-override"};

std::string_view view(BeastText text) {
  return {text.data(), text.size()};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Origin form (RFC 9112 §3.2.1): what comes after is parse_target's business.
bool is_origin_form(std::string_view target) {
  return target.starts_with('/') &&
         std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

bool has_header(const Request& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [&](const Header& h) { return h.name == name; });
}

// Beast's grammar for one message, collecting into a Request.
class Grammar final : public http::basic_parser<true> {
 public:
  explicit Grammar(const RequestLimits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    body_limit(limits.max_body);
    eager(true);
  }

  [[nodiscard]] Refusal refusal(error_code ec) const {
    if (refusal_) return *refusal_;
    if (ec == http::error::body_limit) return {413, "request body too large"};
    if (ec == http::error::header_limit) return {431, "request header too large"};
    return {400, "malformed request"};
  }

  [[nodiscard]] bool http11() const { return http11_; }

  [[nodiscard]] bool expects_continue() const { return expects_continue_; }

  Request request;

 private:
  void refuse(int status, std::string_view reason, error_code& ec) {
    refusal_ = Refusal{status, reason};
    ec = http::error::bad_field;
  }

  void on_request_impl(http::verb /*known*/,
                       BeastText method,
                       BeastText target,
                       int version,
                       error_code& ec) override {
    http11_ = version == 11;
    if (method.size() > kMaxMethod) return refuse(400, "method too long", ec);
    if (method == "TRACE" || method == "CONNECT") return refuse(405, "method not allowed", ec);
    if (!is_origin_form(view(target))) return refuse(400, "target is not a path", ec);
    request.method = view(method);
    request.target = view(target);
  }

  void on_response_impl(int /*status*/, BeastText /*why*/, int /*version*/, error_code&) override {}

  void on_field_impl(http::field /*known*/,
                     BeastText raw_name,
                     BeastText raw_value,
                     error_code& ec) override {
    if (in_body_) return refuse(400, "trailers are not accepted", ec);
    if (request.headers.size() == limits_.max_headers) {
      return refuse(431, "too many request headers", ec);
    }
    std::string name = lower(view(raw_name));
    const std::string_view value = view(raw_value);
    if (std::ranges::find(kSingle, name) != kSingle.end() && has_header(request, name)) {
      return refuse(400, "repeated header", ec);
    }
    if (name == "content-length" && !is_number(value)) {
      return refuse(400, "malformed content length", ec);
    }
    if (name == "transfer-encoding" && lower(value) != "chunked") {
      return refuse(400, "unknown transfer coding", ec);
    }
    request.headers.push_back({std::move(name), secure::SecureText(value)});
  }

  void on_header_impl(error_code& ec) override {
    in_body_ = true;
    if (http11_ && !has_header(request, "host")) {
      return refuse(400, "no host header", ec);
    }
    if (!http11_ && chunked()) return refuse(400, "chunked body in HTTP/1.0", ec);
    if (content_length().value_or(0) > limits_.max_unknown_body || chunked()) hold_unknown(ec);
    if (ec) return;
    const std::string_view expectation = request.header("expect");
    if (expectation.empty() || !http11_) return;
    if (lower(expectation) != "100-continue") return refuse(417, "unknown expectation", ec);
    expects_continue_ = true;
  }

  // Who shows no credential has little to send.
  void hold_unknown(error_code& ec) {
    if (limits_.known == nullptr || limits_.known(request)) return;
    if (!chunked()) return refuse(413, "request body too large without a credential", ec);
    body_limit(std::min(limits_.max_body, limits_.max_unknown_body));
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(std::min<std::size_t>(*length, kMaxBodyReserve));
  }

  std::size_t on_body_impl(BeastText piece, error_code&) override {
    request.body.append(view(piece));
    return piece.size();
  }

  void on_chunk_header_impl(std::uint64_t /*size*/,
                            BeastText /*extensions*/,
                            error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, BeastText piece, error_code&) override {
    request.body.append(view(piece));
    return piece.size();
  }

  void on_finish_impl(error_code&) override {}

  const RequestLimits& limits_;
  std::optional<Refusal> refusal_;
  bool http11_ = false;
  bool in_body_ = false;
  bool expects_continue_ = false;
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const RequestLimits& limits) : limits(limits) { reset(); }

  void reset() {
    stage = Stage::head;
    framing = HeadFraming();
    grammar.emplace(limits);
  }

  std::expected<std::size_t, Refusal> put_head(std::string_view input) {
    const HeadFraming::Outcome outcome = framing.scan(input);
    if (outcome == HeadFraming::Outcome::malformed) {
      return std::unexpected(Refusal{400, "malformed request"});
    }
    const bool complete = outcome == HeadFraming::Outcome::complete;
    if ((complete ? framing.size() : input.size()) > limits.max_header_bytes) {
      return std::unexpected(Refusal{431, "request header too large"});
    }
    if (!complete) return 0;
    auto used = put_grammar(input.substr(0, framing.size()));
    if (!used) return used;
    // Nothing is missing from a head that has ended: a grammar that asks for more of it has not
    // understood it, and would go on to read the head in what follows.
    if (*used != framing.size()) return std::unexpected(Refusal{400, "malformed request"});
    if (stage == Stage::head) stage = Stage::body;
    return used;
  }

  std::expected<std::size_t, Refusal> put_grammar(std::string_view input) {
    // Every chunked body ends in the five octets of its last chunk, so waiting for five loses
    // nothing; Beast 1.81 asserts that it sees them together.
    if (stage == Stage::body && grammar->chunked() && input.size() < 5) return 0;
    error_code ec;
    const std::size_t used = grammar->put({input.data(), input.size()}, ec);
    if (ec && ec != http::error::need_more) return std::unexpected(grammar->refusal(ec));
    if (grammar->is_done()) stage = Stage::done;
    return used;
  }

  RequestLimits limits;
  Stage stage = Stage::head;
  HeadFraming framing;
  std::optional<Grammar> grammar;
};

RequestParser::RequestParser(const RequestLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}

RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

std::expected<std::size_t, Refusal> RequestParser::put(std::string_view input) {
  return impl_->stage == Stage::head ? impl_->put_head(input) : impl_->put_grammar(input);
}

RequestParser::Stage RequestParser::stage() const {
  return impl_->stage;
}

bool RequestParser::keep_alive() const {
  return impl_->grammar->http11() && impl_->grammar->keep_alive();
}

bool RequestParser::http10() const {
  return !impl_->grammar->http11();
}

bool RequestParser::is_head() const {
  return impl_->grammar->request.method == "HEAD";
}

bool RequestParser::expects_continue() const {
  return impl_->grammar->expects_continue();
}

std::size_t RequestParser::body_size() const {
  return impl_->grammar->request.body.size();
}

Request RequestParser::take() {
  Request request = std::move(impl_->grammar->request);
  impl_->reset();
  return request;
}

}  // namespace coffer::net
