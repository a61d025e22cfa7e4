#include "net/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace coffer::net {
namespace {

// Below it a status is interim: the client waits for another, and a proxy may open a tunnel at 101.
constexpr int kFirstStatus = 200;
constexpr int kLastStatus = 599;

struct Status {
  int code;
  std::string_view text;
};

constexpr std::array<Status, 33> kStatuses = {{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {472, "Recovery Mode"},
    {473, "Performance Standby"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

void append_number(secure::SecureText& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void append_header(secure::SecureText& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
  });
}

bool same_name(std::string_view a, std::string_view lower_case) {
  return std::ranges::equal(a, lower_case, [](char x, char y) {
    return x == y || (x >= 'A' && x <= 'Z' && x - 'A' + 'a' == y);
  });
}

Result<bool> append_own_headers(secure::SecureText& out, const Response& response) {
  bool cache_control = false;
  for (const auto& [name, value] : response.headers) {
    if (!is_name(name) || !is_value(value)) {
      return fail(Code::internal, "response header holds a character that it must not");
    }
    cache_control = cache_control || same_name(name, "cache-control");
    append_header(out, name, value);
  }
  return cache_control;
}

void append_framing(secure::SecureText& out, const Response& response, Framing framing) {
  if (framing == Framing::chunked) append_header(out, "Transfer-Encoding", "chunked");
  if (framing != Framing::length || !has_body(response.status)) return;
  out.append("Content-Length: ");
  append_number(out, response.body.size());
  out.append("\r\n");
}

}  // namespace

Result<> append_head(secure::SecureText& out, const Response& response, const HeadFacts& facts) {
  if (response.status < kFirstStatus || response.status > kLastStatus) {
    return fail(Code::internal, "a status that ends no request");
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ");
  out.append(status_text(response.status));
  out.append("\r\n");
  const bool body = has_body(response.status) && (response.stream || !response.body.empty());
  if (body) {
    if (!is_value(response.content_type)) {
      return fail(Code::internal, "content type holds a character that it must not");
    }
    append_header(out, "Content-Type", response.content_type);
  }
  COFFER_TRY(const bool cache_control, append_own_headers(out, response));
  if (!cache_control) append_header(out, "Cache-Control", "no-store");
  append_header(out, "X-Content-Type-Options", "nosniff");
  append_framing(out, response, facts.framing);
  if (!facts.keep_alive) append_header(out, "Connection", "close");
  out.append("\r\n");
  return {};
}

std::string_view status_text(int status) {
  const auto row = std::ranges::find(kStatuses, status, &Status::code);
  return row == kStatuses.end() ? "Unknown" : row->text;
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

Response error_response(int status, std::string_view reason) {
  Response response;
  response.status = status;
  response.body.append(R"({"errors":[")");
  response.body.append(reason);
  response.body.append(R"("]})");
  return response;
}

}  // namespace coffer::net
