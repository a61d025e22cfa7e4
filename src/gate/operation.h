// Operation: one thing that a dialect can be asked for. It cannot be built without the permission
// it needs, the audit event it leaves, and its handler.
//
// A Call is one attempt to serve one request; it is made anew for every attempt except for the
// effects. Handlers and resolvers run on the loop thread, read and stage through call.view, and
// return quickly.
#pragma once

#include "base/result.h"
#include "domain/auth/principal.h"
#include "domain/realms/mounts.h"
#include "formats/json.h"
#include "formats/sigv4.h"
#include "gate/effect.h"
#include "gate/lifecycle.h"
#include "net/http.h"
#include "net/target.h"
#include "policy/access.h"
#include "policy/evaluator.h"
#include "proof/event.h"
#include "work/view.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace coffer::gate {

class Operation;

// Where a dialect put the request: filled in by Dialect::route().
struct Routing {
  std::string path;                   // canonical, without the dialect's prefix: "secret/data/a/b"
  std::string mount;                  // "secret/"; empty outside mounts
  std::string rest;                   // path below the mount: "data/a/b"
  std::vector<std::string> captures;  // from the route's pattern
  std::string region;                 // that the request names; empty: the dialect knows none
};

struct Call {
  const net::Request& request;
  const net::Target& target;
  formats::JsonView body;  // null when the request has none; borrows request.body
  Routing routing;
  // The mount that the path lies under; null for sys paths.
  std::shared_ptr<const domain::Mount> mount;
  UnsealedPtr unsealed;                          // null while sealed
  work::View* view = nullptr;                    // null only for operations that work while sealed
  const domain::Principal* principal = nullptr;  // null: nobody is known, see Permission
  const policy::Facts* facts = nullptr;
  // What the request claims about its signature, where it is signed: verified once there is a
  // principal, and by nobody before.
  const formats::SignatureClaim* signature = nullptr;
  Effects& effects;
  proof::Event& event;  // what will be written; handlers add facts, may change its type
  Timestamp now;
  crypto::Random& random;
  // Decides a further access of the caller and puts it into the event, allowed or not: for answers
  // that are about many things, each of which the caller may have or not. permission_denied. Empty
  // where nobody is known.
  std::function<Result<>(const policy::Access&)> check = {};
  // Set by the handler of a public operation that fails: what its gate part says is remembered in
  // memory as well, so that it need not be stored when too much is failing.
  bool gate_part_optional = false;
  // What the resolver found, of a type that the two agree on, for a handler that answers with it:
  // it then shows the very rows that were asked for. A unit that only reads is not validated, and a
  // row that is read again may be another one by then.
  std::shared_ptr<void> resolved = {};

  // A fact for the audit event. Never a secret.
  void note(std::string name, std::string value) {
    event.facts.push_back({std::move(name), std::move(value)});
  }
};

struct Reply {
  int status = 200;
  secure::SecureText body;                             // encoded by the dialect's handler
  std::string_view content_type = "application/json";  // see net::Response
  std::vector<std::pair<std::string, std::string>> headers;
  std::move_only_function<Result<secure::SecureText>()> stream;  // see net::Response
};

// No permission needed, and why.
struct Public {
  std::string_view reason;
};

// Any token that lives, and why no policy is asked: for answers that are about the caller's own
// permissions, which the handler works out itself.
struct AnyToken {
  std::string_view reason;
};

// Nobody, or any token that lives, and why: the handler answers a caller that it knows with what
// that one may know, and everybody else, whose call.principal is null, with what is for all. A
// credential that is given and not good is refused: nobody falls back to being a stranger.
struct OptionalToken {
  std::string_view reason;
};

// Every Access that the request needs; all must be allowed. An empty list is a denial.
using Resolve = std::function<Result<std::vector<policy::Access>>(Call&)>;
using Permission = std::variant<Public, AnyToken, OptionalToken, Resolve>;
using Handler = std::function<Result<Reply>(Call&)>;

// While sealed only operations that say so are served.
enum class Needs : std::uint8_t { unsealed, nothing };

class Operation {
 public:
  Operation(std::string_view name,
            proof::EventType event,
            Permission permission,
            Handler handler,
            Needs needs = Needs::unsealed)
      : name_(name),
        event_(event),
        permission_(std::move(permission)),
        handler_(std::move(handler)),
        needs_(needs) {}

  [[nodiscard]] std::string_view name() const { return name_; }

  [[nodiscard]] proof::EventType event() const { return event_; }

  [[nodiscard]] const Permission& permission() const { return permission_; }

  [[nodiscard]] const Handler& handler() const { return handler_; }

  [[nodiscard]] Needs needs() const { return needs_; }

 private:
  std::string name_;
  proof::EventType event_;
  Permission permission_;
  Handler handler_;
  Needs needs_;
};

// How requests show who sends them. The signature covers the Host header, so that a signed request
// may come under any name (flight.cc).
enum class Credentials : std::uint8_t {
  token,      // Dialect::credential()
  signature,  // AWS Signature V4
  either,     // a signature where there is one, else a token
};

// Wire text <-> operation, and nothing else.
class Dialect {
 public:
  Dialect() = default;
  Dialect(const Dialect&) = delete;
  Dialect& operator=(const Dialect&) = delete;
  virtual ~Dialect() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  // Whether the path is this dialect's: "/v1/", "/api/v1/".
  [[nodiscard]] virtual bool owns(std::string_view path) const = 0;
  // The credential of the request: a token, or empty.
  [[nodiscard]] virtual std::string_view credential(const net::Request& request) const = 0;

  [[nodiscard]] virtual Credentials credentials() const { return Credentials::token; }

  // How long the answer is asked to be wrapped for; nullopt: not at all. invalid_argument when the
  // request says something else.
  [[nodiscard]] virtual Result<std::optional<Duration>> wrap_ttl(
      const net::Request& /*request*/) const {
    return std::nullopt;
  }

  // The body as JSON (an object, or null for none); forms are converted. The view borrows the
  // request's body, which the dialect may replace. Called once, also for an empty body.
  virtual Result<formats::JsonView> parse_body(net::Request& request) const = 0;
  // Fills call.routing. not_found or unsupported when there is none. call.view is null while
  // sealed.
  virtual Result<const Operation*> route(Call& call) const = 0;

  // The group of PrincipalLimits (principal_limits.h) that the request counts in; nullopt: none.
  // Asked once the caller is known, of an operation that route() gave. The body's shape was not
  // checked yet.
  [[nodiscard]] virtual std::optional<std::uint16_t> limit_of(
      const Call& /*call*/, const Operation& /*operation*/) const {
    return std::nullopt;
  }

  // What a caller is told that made too many requests of a group: Code::exhausted.
  [[nodiscard]] virtual Error throttled(std::uint16_t /*group*/) const {
    return {Code::exhausted, "too many requests"};
  }

  // What requests that are no operation of the dialect are counted as in the metrics.
  [[nodiscard]] virtual std::string_view unrouted() const { return "unrouted"; }

  // What a denied caller is told; names only.
  [[nodiscard]] virtual std::string denial(const policy::Access& /*access*/,
                                           const policy::Facts& /*facts*/,
                                           const policy::Decision& /*decision*/) const {
    return "permission denied";
  }

  virtual net::Response success(const Call& call, Reply reply) const = 0;
  // `request_id`: the one of the audit event.
  virtual net::Response failure(const net::Request& request,
                                const Error& error,
                                std::string_view request_id) const = 0;
};

}  // namespace coffer::gate
