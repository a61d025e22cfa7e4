#include "net/response_parser.h"

#include "net/head_framing.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <limits>
#include <optional>

namespace coffer::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::size_t kMaxHeaders = 256;

class Grammar final : public http::basic_parser<false> {
 public:
  Grammar(bool head_only, const ResponseParser::Sink& sink) : sink_(sink) {
    header_limit(kMaxHead);
    body_limit(std::numeric_limits<std::uint64_t>::max());
    eager(true);
    skip(head_only);
  }

  [[nodiscard]] std::unexpected<Error> error() const {
    if (sink_error_) return std::unexpected(*sink_error_);
    return fail(Code::unavailable, "malformed answer from server");
  }

  ClientResponse response;

 private:
  void on_request_impl(
      http::verb /*known*/, BeastText /*method*/, BeastText /*target*/, int, error_code&) override {
  }

  void on_response_impl(int status, BeastText /*reason*/, int, error_code&) override {
    response.status = status;
  }

  void on_field_impl(http::field /*known*/,
                     BeastText name,
                     BeastText value,
                     error_code& ec) override {
    if (in_body_) return;
    if (response.headers.size() == kMaxHeaders) {
      ec = http::error::header_limit;
      return;
    }
    Header header{std::string(name), secure::SecureText({value.data(), value.size()})};
    for (char& c : header.name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    response.headers.push_back(std::move(header));
  }

  void on_header_impl(error_code&) override { in_body_ = true; }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(BeastText piece, error_code& ec) override { return hand_on(piece, ec); }

  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText piece, error_code& ec) override {
    return hand_on(piece, ec);
  }

  void on_finish_impl(error_code&) override {}

  std::size_t hand_on(BeastText piece, error_code& ec) {
    if (piece.empty()) return 0;
    if (auto taken = sink_({piece.data(), piece.size()}); !taken) {
      sink_error_ = std::move(taken).error();
      ec = http::error::bad_chunk;
    }
    return piece.size();
  }

  const ResponseParser::Sink& sink_;
  std::optional<Error> sink_error_;
  bool in_body_ = false;
};

}  // namespace

class ResponseParser::Impl {
 public:
  Impl(bool only_head, Sink body_sink) : head_only(only_head), sink(std::move(body_sink)) {
    reset();
  }

  void reset() {
    in_head = true;
    framing = HeadFraming();
    grammar.emplace(head_only, sink);
  }

  Result<std::size_t> put_head(std::string_view input) {
    const HeadFraming::Outcome outcome = framing.scan(input);
    if (outcome == HeadFraming::Outcome::malformed || framing.size() > kMaxHead) {
      return grammar->error();
    }
    if (outcome == HeadFraming::Outcome::more) {
      if (input.size() > kMaxHead) return grammar->error();
      return 0;
    }
    COFFER_TRY(const std::size_t used, put_grammar(input.substr(0, framing.size())));
    if (used != framing.size()) return grammar->error();  // as in RequestParser
    in_head = false;
    if (grammar->is_done() && grammar->response.status / 100 == 1) reset();
    return used;
  }

  Result<std::size_t> put_grammar(std::string_view input) {
    // See RequestParser: the last chunk is shown to Beast in one piece.
    if (!in_head && grammar->chunked() && input.size() < 5) return 0;
    error_code ec;
    const std::size_t used = grammar->put({input.data(), input.size()}, ec);
    if (ec && ec != http::error::need_more) return grammar->error();
    return used;
  }

  bool head_only;
  Sink sink;
  bool in_head = true;
  HeadFraming framing;
  std::optional<Grammar> grammar;
};

ResponseParser::ResponseParser(bool head_only, Sink sink)
    : impl_(std::make_unique<Impl>(head_only, std::move(sink))) {}

ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::put(std::string_view input) {
  return impl_->in_head ? impl_->put_head(input) : impl_->put_grammar(input);
}

Result<> ResponseParser::put_end() {
  if (impl_->in_head) return fail(Code::unavailable, "server closed the connection");
  error_code ec;
  impl_->grammar->put_eof(ec);
  if (ec) return fail(Code::unavailable, "answer was cut short");
  return {};
}

bool ResponseParser::done() const {
  return impl_->grammar->is_done();
}

bool ResponseParser::keep_alive() const {
  return impl_->grammar->keep_alive();
}

ClientResponse ResponseParser::take_head() {
  return std::move(impl_->grammar->response);
}

}  // namespace coffer::net
