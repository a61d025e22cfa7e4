#include "apps/client/api.h"

#include <array>
#include <utility>

namespace coffer::client {
namespace {

struct StatusCode {
  int status;
  Code code;
};

constexpr std::array<StatusCode, 11> kCodes{{
    {400, Code::invalid_argument},
    {401, Code::unauthenticated},
    {403, Code::permission_denied},
    {404, Code::not_found},
    {405, Code::unsupported},
    {409, Code::conflict},
    {412, Code::precondition_failed},
    {413, Code::too_large},
    {429, Code::exhausted},
    {501, Code::uninitialized},
    {503, Code::unavailable},
}};

Code code_of(int status) {
  for (const StatusCode& row : kCodes) {
    if (row.status == status) return row.code;
  }
  return status >= 500 ? Code::internal : Code::invalid_argument;
}

// The server's messages, one after the other; they never hold values.
std::string messages(const formats::JsonView& root) {
  std::string out;
  const auto errors = root.find_value("errors");
  if (!errors) return out;
  for (const formats::JsonView& error : errors->elements()) {
    const auto text = error.string();
    if (!text) continue;
    if (!out.empty()) out += "; ";
    out += *text;
  }
  return out;
}

std::unexpected<Error> failure(int status, std::string_view body) {
  const auto root = formats::JsonView::parse(body);
  std::string text = root ? messages(*root) : std::string();
  Code code = code_of(status);
  if (status == 503 && text.contains("sealed")) code = Code::sealed;
  // Vault's API answers a failed check-and-set with 400, like a malformed request.
  if (status == 400 && text.contains("check-and-set parameter did not match")) {
    code = Code::precondition_failed;
  }
  if (text.empty()) text = status == 404 ? "nothing found there" : to_text(code);
  return fail(code, text + " (status " + std::to_string(status) + ")");
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool is_meaningful_absence(int status, std::string_view body) {
  if (status != 404) return false;
  const auto root = formats::JsonView::parse(body);
  return root && (root->find_value("data") || root->find_value("warnings"));
}

// The status of a streamed answer is known only when it has ended. An error's body begins with
// {"errors" and is held back here, so that it is never taken for what was asked for.
class HoldErrors {
 public:
  explicit HoldErrors(const net::Client::Sink& sink) : sink_(sink) {}

  Result<> take(std::string_view piece) {
    if (passing_) return sink_(piece);
    held_.append(piece);
    const std::string_view text = held_.text();
    if (text.size() <= kMaxHeld && text.starts_with(kPrefix.substr(0, text.size()))) {
      return {};
    }
    passing_ = true;
    return sink_(text);
  }

  Result<> flush() { return passing_ || held_.empty() ? Result<>() : sink_(held_.text()); }

  [[nodiscard]] std::string_view held() const { return passing_ ? "" : held_.text(); }

 private:
  static constexpr std::string_view kPrefix = "{\"errors\"";
  static constexpr std::size_t kMaxHeld = 64 * 1024;

  const net::Client::Sink& sink_;
  secure::SecureText held_;
  bool passing_ = false;
};

}  // namespace

Result<Answer> Answer::parse(int status, secure::SecureText body) {
  Answer answer;
  answer.status_ = status;
  answer.body_ = std::move(body);
  if (answer.body_.empty()) return answer;
  auto root = formats::JsonView::parse(answer.body_.text());
  if (!root) return fail(Code::unavailable, "the answer is not JSON: is this a Coffer server?");
  answer.root_ = *root;
  return answer;
}

Api::Api(std::unique_ptr<Transport> transport, Identity identity)
    : transport_(std::move(transport)), identity_(std::move(identity)) {}

net::ClientRequest Api::make_request(std::string_view method,
                                     std::string_view path,
                                     const Query& query,
                                     secure::SecureText body,
                                     std::string_view wrap_ttl) const {
  net::ClientRequest request;
  request.method = method;
  request.target = (path.starts_with('/') ? "" : "/v1/") + make_target(path, query);
  request.headers.push_back({"x-vault-request", secure::SecureText("true")});
  request.headers.push_back({"user-agent", secure::SecureText("coffer")});
  if (has_token()) request.headers.push_back({"x-vault-token", identity_.token.clone()});
  if (!identity_.name_space.empty()) {
    request.headers.push_back({"x-vault-namespace", secure::SecureText(identity_.name_space)});
  }
  if (!wrap_ttl.empty()) {
    request.headers.push_back({"x-vault-wrap-ttl", secure::SecureText(wrap_ttl)});
  }
  if (!body.empty()) {
    request.headers.push_back({"content-type",
                               secure::SecureText(method == "PATCH" ? "application/merge-patch+json"
                                                                    : "application/json")});
  }
  request.body = std::move(body);
  return request;
}

Result<Answer> Api::send(const net::ClientRequest& request) {
  COFFER_TRY(net::ClientResponse response, transport_->send(request));
  if (!is_success(response.status) &&
      !is_meaningful_absence(response.status, response.body.text())) {
    return failure(response.status, response.body.text());
  }
  return Answer::parse(response.status, std::move(response.body));
}

Result<Answer> Api::call(std::string_view method,
                         std::string_view path,
                         const Query& query,
                         secure::SecureText body) {
  return send(make_request(method, path, query, std::move(body), identity_.wrap_ttl));
}

Result<Answer> Api::prepare(std::string_view path, const Query& query) {
  return send(make_request("GET", path, query, {}, ""));
}

Result<Answer> Api::read(std::string_view path, const Query& query) {
  return call("GET", path, query);
}

Result<Answer> Api::list(std::string_view path) {
  return call("GET", path, {{"list", "true"}});
}

Result<Answer> Api::write(std::string_view path, secure::SecureText body) {
  return call("PUT", path, {}, std::move(body));
}

Result<Answer> Api::post(std::string_view path, secure::SecureText body) {
  return call("POST", path, {}, std::move(body));
}

Result<Answer> Api::patch(std::string_view path, secure::SecureText body) {
  return call("PATCH", path, {}, std::move(body));
}

Result<Answer> Api::remove(std::string_view path, const Query& query) {
  return call("DELETE", path, query);
}

Result<> Api::stream(std::string_view method,
                     std::string_view path,
                     const Query& query,
                     const net::Client::Sink& sink) {
  HoldErrors hold(sink);
  COFFER_TRY(
      const net::ClientResponse response,
      transport_->send_streaming(make_request(method, path, query, {}, ""),
                                 [&hold](std::string_view piece) { return hold.take(piece); }));
  if (is_success(response.status)) return hold.flush();
  return failure(response.status, response.body.empty() ? hold.held() : response.body.text());
}

}  // namespace coffer::client
