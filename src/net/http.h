// Request and Response: plain HTTP/1.1 messages, and the seam between the listener and the gate.
//
// Nothing here knows Beast, Asio or OpenSSL. Bodies are SecureText: they are wiped when the message
// goes. Header names are lower case. The listener has already enforced the limits of
// ListenerOptions, refused duplicate Host/Content-Length/Authorization/X-Vault-Token headers,
// control characters and obsolete line folding, so what arrives here is well-formed HTTP; the
// target is still as sent (net/target.h reads it).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "secure/bytes.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::net {

// A header value may be a credential: the name is text, the value is wiped.
struct Header {
  std::string name;
  secure::SecureText value;
};

// What a TLS client showed, DER, its own certificate first. The handshake has proven that the
// client holds the key of the first one, and nothing else: whom they are from is for others to say.
using ShownCertificates = std::shared_ptr<const std::vector<Bytes>>;

struct Peer {
  std::string address;  // textual IP, no port, no zone
  std::uint16_t port = 0;
  bool tls = false;
  ShownCertificates certificates = {};  // null: none
};

// Work for the loop thread that a connection lives on. post() may be called from any thread, costs
// a lock and an append, and wakes the loop once however many tasks wait. Tasks run in order. After
// the server has stopped, a task is dropped.
class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;
  virtual void post(std::move_only_function<void()> task) = 0;
};

struct Request {
  std::string method;  // as sent: GET, PUT, LIST…
  std::string target;  // origin form, as sent: /v1/secret/data/a%20b?version=2
  std::vector<Header> headers;
  secure::SecureText body;
  Peer peer;
  Loop* loop = nullptr;  // borrowed; outlives the request

  // The value of a header by its lower-case name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const Header& h : headers) {
      if (h.name == name) return h.value.text();
    }
    return {};
  }
};

struct Response {
  int status = 200;
  // Text that outlives the response: a literal. Not sent when the body is empty.
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  secure::SecureText body;
  // When set, `body` is ignored and the answer is sent in chunks: called off the loop thread until
  // it returns an empty chunk (the end) or an error (the connection is then cut without a last
  // chunk).
  std::move_only_function<Result<secure::SecureText>()> stream;
};

// Called exactly once, on the request's loop thread. Dropped without a call (a bug, or a stopped
// server), it answers 500.
using Respond = std::move_only_function<void(Response)>;

class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;
  // Called on the loop thread. `respond` may be called during the call or later.
  virtual void handle(Request request, Respond respond) = 0;
};

}  // namespace coffer::net
