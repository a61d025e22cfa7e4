#include "gate/gate.h"

#include "base/uuid.h"
#include "gate/flight.h"
#include "gate/signed_message.h"

#include <algorithm>

namespace coffer::gate {
namespace {

constexpr std::size_t kHandOver = 16;

// The host of a Host header or an origin, without port and brackets.
std::string_view host_only(std::string_view value) {
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    return end == std::string_view::npos ? value : value.substr(1, end - 1);
  }
  return value.substr(0, value.find(':'));
}

// Host and port of an origin, spelt as a Host header spells them.
std::string_view authority_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

// Names of hosts are equal in either case.
bool same_host(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Vault's AWS login asks STS for "//": an endpoint that ends in a slash, and another slash. It is
// signed as "/".
std::string_view without_double_slash(std::string_view target) {
  const bool doubled = target.starts_with("//") && (target.size() == 2 || target[2] == '?');
  return doubled ? target.substr(1) : target;
}

net::Response plain_refusal(int status, std::string_view body) {
  net::Response response;
  response.status = status;
  response.body = secure::SecureText(body);
  return response;
}

}  // namespace

void Outbox::add(const UnsealedPtr& unsealed, work::Submission submission) {
  if (unsealed_ != unsealed) {
    flush();
    unsealed_ = unsealed;
  }
  if (waiting_.empty()) waiting_.reserve(kHandOver);
  waiting_.push_back(std::move(submission));
  if (waiting_.size() >= kHandOver) {
    flush();
  } else if (!flush_posted_) {
    flush_posted_ = true;
    loop_.post([this] {
      flush_posted_ = false;
      flush();
    });
  }
}

void Outbox::flush() {
  if (!waiting_.empty()) unsealed_->committer->submit(std::exchange(waiting_, {}));
  unsealed_.reset();
}

Gate::Gate(GateOptions options,
           Lifecycle& lifecycle,
           Workers& workers,
           Metrics& metrics,
           const Clock& clock,
           crypto::Random& random,
           std::vector<std::unique_ptr<Dialect>> dialects)
    : options_(std::move(options)),
      lifecycle_(lifecycle),
      workers_(workers),
      metrics_(metrics),
      clock_(clock),
      random_(random),
      dialects_(std::move(dialects)),
      principal_limits_(std::move(options_.principal_limits), clock) {}

// A page in a browser must not reach this server under a name that is not the server's own, nor
// from another origin (DNS rebinding, cross-site requests).
bool Gate::names_us(const net::Request& request) const {
  const std::string_view host = host_only(request.header("host"));
  return options_.allowed_hosts.empty() || host.empty() ||
         std::ranges::any_of(options_.allowed_hosts,
                             [host](std::string_view allowed) { return same_host(allowed, host); });
}

Result<> Gate::admissible(const net::Request& request) const {
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && !same_host(authority_of(origin), request.header("host"))) {
    return fail(Code::permission_denied, "requests from another origin are refused");
  }
  return {};
}

void Gate::handle(net::Request request, net::Respond respond) {
  const auto refuse_host = [&] {
    refused(request.peer.address, "foreign host or origin");
    respond(plain_refusal(403, R"({"errors":["the Host or Origin header is not this server's"]})"));
  };
  const bool ours = names_us(request);
  if (!admissible(request) || (!ours && !is_signed(request))) return refuse_host();
  Result<net::Target> target = net::parse_target(without_double_slash(request.target));
  if (!target) {
    refused(request.peer.address, "malformed path");
    respond(plain_refusal(400, R"({"errors":["malformed request path"]})"));
    return;
  }
  for (const auto& dialect : dialects_) {
    if (!dialect->owns(target->path)) continue;
    // A signature names the host that it was made for, which no page in a browser can forge: the
    // clients of AWS's APIs say the name that they were configured with.
    if (!ours && dialect->credentials() == Credentials::token) return refuse_host();
    std::make_shared<Flight>(*this,
                             *dialect,
                             std::move(request),
                             std::move(*target),
                             std::move(respond),
                             ours ? Flight::Host::ours : Flight::Host::foreign)
        ->start();
    return;
  }
  if (!ours) return refuse_host();
  refused(request.peer.address, "no such path");
  respond(plain_refusal(404, R"({"errors":[]})"));
}

Outbox& Gate::outbox(net::Loop& loop) {
  {
    const std::shared_lock lock(outboxes_mutex_);
    if (const auto at = outboxes_.find(&loop); at != outboxes_.end()) return *at->second;
  }
  const std::scoped_lock lock(outboxes_mutex_);
  auto& box = outboxes_[&loop];
  if (!box) box = std::make_unique<Outbox>(loop);
  return *box;
}

void Gate::refused(std::string_view source, std::string_view reason) {
  metrics_.count_refusal(reason);
  refusals_.add(source, reason);
}

void Gate::flush_refusals() {
  const UnsealedPtr unsealed = lifecycle_.current();
  if (!unsealed || short_of_room()) return;
  const std::vector<RefusalCount> lines = refusals_.take(clock_.steady());
  if (lines.empty()) return;
  std::vector<proof::Event> events;
  for (const RefusalCount& line : lines) {
    proof::Event& event = events.emplace_back();
    event.time = clock_.now();
    event.request_id = uuid4(random_.array<16>());
    event.type = proof::EventType::request_refused;
    event.outcome = proof::Outcome::denied;
    event.realm = 1;
    event.actor_type = "anonymous";
    event.source_ip = line.source;
    event.dialect = "server";
    event.reason = line.reason;
    event.facts.push_back({"count", std::to_string(line.count)});
  }
  work::View view(*unsealed->rows, rows::kRootRealm, clock_.now(), random_);
  if (unsealed->committer->commit(view, std::move(events))) return;
  // For the next time.
  for (const RefusalCount& line : lines) refusals_.add(line.source, line.reason, line.count);
}

}  // namespace coffer::gate
