#include "gate/flight.h"

#include "base/time_text.h"
#include "base/uuid.h"
#include "domain/auth/aws_caller.h"
#include "gate/signed_message.h"

#include <algorithm>
#include <array>

namespace coffer::gate {
namespace {

bool before_identity(Code code) {
  return code == Code::sealed || code == Code::uninitialized;
}

// What the disk's reserve is for: it ends something, or frees room, or carries the log away. What
// works without an unsealed server writes nothing of its own.
bool is_served_without_room(const net::Request& request, const Operation& operation) {
  if (request.method == "DELETE" || operation.needs() == Needs::nothing) return true;
  constexpr std::array kServed{proof::EventType::system_sealed,
                               proof::EventType::system_audit_read,
                               proof::EventType::auth_token_revoked,
                               proof::EventType::lease_revoked,
                               proof::EventType::secret_deleted,
                               proof::EventType::secret_destroyed};
  return std::ranges::find(kServed, operation.event()) != kServed.end();
}

// Sessions count as the user or role that they are of, tokens as their entity.
std::string_view limited_as(const domain::Principal& principal) {
  if (principal.aws) return principal.aws->id;
  if (!principal.entity_id.empty()) return principal.entity_id;
  return principal.accessor.empty() ? principal.display_name : principal.accessor;
}

}  // namespace

Flight::Flight(Gate& gate,
               const Dialect& dialect,
               net::Request request,
               net::Target target,
               net::Respond respond,
               Host host)
    : gate_(gate),
      dialect_(dialect),
      request_(std::move(request)),
      target_(std::move(target)),
      respond_(std::move(respond)),
      request_id_(uuid4(gate.random().array<16>())),
      in_flight_(gate.metrics().in_flight(),
                 {.id = request_id_,
                  .started = gate.clock().now(),
                  .method = request_.method,
                  .path = target_.path,
                  .address = request_.peer.address}),
      host_(host),
      started_(gate.clock().steady()),
      operation_name_(dialect.unrouted()) {}

void Flight::start() {
  if (const Result<> signature = read_signature(); !signature) {
    gate_.refused(request_.peer.address, "malformed signature");
    answer(dialect_.failure(request_, signature.error(), request_id_), signature.error().code);
    return;
  }
  if (const Result<> body = read_body(); !body) {
    gate_.refused(request_.peer.address, "malformed body");
    answer(dialect_.failure(request_, body.error(), request_id_), body.error().code);
    return;
  }
  attempt();
}

Result<> Flight::read_signature() {
  if (dialect_.credentials() == Credentials::token || !is_signed(request_)) return {};
  COFFER_TRY(claim_, read_signed_request(request_));
  return {};
}

// JSON, or a form where the client says so; anything else is refused.
Result<> Flight::read_body() {
  COFFER_TRY(body_, dialect_.parse_body(request_));
  return {};
}

void Flight::prepare_event() {
  event_ = {};
  event_.request_id = request_id_;
  event_.time = gate_.clock().now();
  event_.realm = rows::kRootRealm.value();
  event_.actor_type = "anonymous";
  event_.source_ip = request_.peer.address;
  event_.dialect = dialect_.name();
}

void Flight::attempt() {
  ++attempts_;
  unsealed_ = gate_.lifecycle().current();
  prepare_event();
  session_.reset();
  root_ = false;
  view_.reset();
  if (unsealed_) {
    view_ = std::make_unique<work::View>(
        *unsealed_->rows, rows::kRootRealm, event_.time, gate_.random());
  }
  Call call{.request = request_,
            .target = target_,
            .body = body_,
            .routing = {},
            .mount = nullptr,
            .unsealed = unsealed_,
            .view = view_.get(),
            .principal = nullptr,
            .facts = &facts_,
            .signature = claim_ ? &*claim_ : nullptr,
            .effects = effects_,
            .event = event_,
            .now = event_.time,
            .random = gate_.random(),
            .gate_part_optional = false};
  Result<const Operation*> operation = dialect_.route(call);
  if (!operation) {
    gate_.refused(request_.peer.address, to_text(operation.error().code));
    answer(dialect_.failure(request_, operation.error(), request_id_), operation.error().code);
    return;
  }
  operation_name_ = (*operation)->name();
  event_.type = (*operation)->event();
  if (gate_.short_of_room() && !is_served_without_room(request_, **operation)) {
    refuse({Code::unavailable,
            "the disk is full: only sealing, revocation, deletion and the audit log are served"});
    return;
  }
  if (const Result<> admitted = admit(call); !admitted) {
    refuse(admitted.error());
    return;
  }
  Result<Reply> result = run(call, **operation);
  if (effects_.pending()) {
    const Result<> accepted = perform_effect();
    if (accepted) return;
    result = std::unexpected(accepted.error());
  }
  if (!result && result.error().code == Code::conflict && attempts_ < kMaxAttempts) {
    attempt();
    return;
  }
  if (!result && result.error().code == Code::corrupt && attempts_ < kMaxDoubts) {
    request_.loop->post([self = shared_from_this()] { self->attempt(); });
    return;
  }
  conclude(**operation, call, std::move(result));
}

// Under the rate quotas; a request counts once, however often it is attempted. Before anybody is
// known: a refusal costs little and is counted by its source.
Result<> Flight::admit(const Call& call) {
  if (!unsealed_ || attempts_ > 1) return {};
  const std::uint64_t epoch = unsealed_->rows->guard_epoch();
  if (unsealed_->without_quotas.load() == epoch) return {};
  work::View view(*unsealed_->rows, rows::kRootRealm, event_.time, gate_.random());
  COFFER_TRY(const auto quotas, domain::RateQuotas(view).all());
  if (!quotas) unsealed_->without_quotas.store(epoch);
  if (!quotas ||
      gate_.rate_limits().admit(
          quotas->row, call.routing.path, request_.peer.address, gate_.clock().steady())) {
    return {};
  }
  throttled_ = true;
  return fail(Code::exhausted,
              "request path \"" + call.routing.path + "\": rate limit quota exceeded");
}

Result<Reply> Flight::run(Call& call, const Operation& operation) {
  if (operation.needs() == Needs::unsealed && !unsealed_) {
    return fail(Code::sealed, "Vault is sealed");
  }
  COFFER_CHECK(authorise(call, operation));
  if (view_) view_->enter_handler();
  return operation.handler()(call);
}

// Whether this request is served without anybody being known.
bool Flight::asks_for_nobody(const Operation& operation) const {
  const Permission& permission = operation.permission();
  return std::holds_alternative<Public>(permission) ||
         (std::holds_alternative<OptionalToken>(permission) && !claim_ &&
          dialect_.credential(request_).empty());
}

Result<domain::SessionPtr> Flight::authenticate() {
  if (claim_) {
    return unsealed_->signed_sessions.begin(
        *view_, unsealed_->policies, *claim_, unsealed_->aws_account);
  }
  const Credentials shown = dialect_.credentials();
  const std::string_view token = dialect_.credential(request_);
  if (shown == Credentials::signature || (shown == Credentials::either && token.empty())) {
    return missing_signature();
  }
  return unsealed_->sessions.begin(*view_, unsealed_->policies, token, request_.peer.address);
}

Result<> Flight::authorise(Call& call, const Operation& operation) {
  if (asks_for_nobody(operation)) {
    if (host_ == Host::foreign) {  // its signature, if any, is not looked at
      return fail(Code::permission_denied, "the Host header does not name this server");
    }
    // Nobody is known, but what was asked for is: a login's path holds the name.
    event_.accesses.push_back({std::string(operation.name()), call.routing.path});
    return {};
  }
  if (!view_) return fail(Code::sealed, "Vault is sealed");
  COFFER_TRY(session_, authenticate());
  const domain::Principal& principal = session_->principal;
  call.principal = &principal;
  call.check = [this, &call](const policy::Access& access) { return decide_one(call, access); };
  root_ = principal.root;
  event_.actor_type = principal.type;
  event_.actor_id = principal.accessor;
  event_.actor_name = principal.display_name;
  if (!principal.entity_id.empty()) call.note("entity_id", principal.entity_id);
  COFFER_CHECK(hold_to_limits(call, operation));
  facts_ = principal.facts;
  facts_.now = event_.time;
  facts_.source_ip = request_.peer.address;
  facts_.secure_transport = request_.peer.tls;
  if (claim_) facts_.region = claim_->scope.region;
  COFFER_TRY(facts_.wrap_ttl, dialect_.wrap_ttl(request_));
  if (const auto* any = std::get_if<AnyToken>(&operation.permission())) {
    event_.reason = any->reason;
    return {};
  }
  if (const auto* optional = std::get_if<OptionalToken>(&operation.permission())) {
    event_.reason = optional->reason;
    return {};
  }
  COFFER_TRY(const std::vector<policy::Access> accesses,
             std::get<Resolve>(operation.permission())(call));
  return decide(call, accesses);
}

// Now that somebody is known: strangers cannot use up what is another's. A request counts once,
// however often it is attempted.
Result<> Flight::hold_to_limits(const Call& call, const Operation& operation) {
  PrincipalLimits& limits = gate_.principal_limits();
  if (limits.empty()) return {};
  const std::optional<std::uint16_t> group = dialect_.limit_of(call, operation);
  if (!group) return {};
  if (!std::exchange(held_to_limits_, true)) {
    throttled_ = !limits.admit(limited_as(*call.principal), *group);
  }
  if (!throttled_) return {};
  // No access was looked at, but what was asked for is known.
  event_.accesses.push_back({std::string(operation.name()), call.routing.path});
  return std::unexpected(dialect_.throttled(*group));
}

Result<> Flight::decide(Call& call, const std::vector<policy::Access>& accesses) {
  if (accesses.empty()) return fail(Code::permission_denied, "permission denied");
  for (const policy::Access& access : accesses) COFFER_CHECK(decide_one(call, access));
  return {};
}

Result<> Flight::decide_one(Call& call, const policy::Access& access) {
  event_.accesses.push_back({access.action, access.path});
  const policy::Decision decision =
      policy::decide(access, *call.facts, session_->policies, session_->session_policies);
  root_ = root_ || decision.root;
  for (const policy::Reason& reason : decision.reasons) {
    if (reason.policy.empty()) continue;
    event_.policies.push_back({reason.policy, reason.revision});
  }
  if (!decision.reasons.empty()) event_.reason = decision.reasons.front().text;
  if (!decision.allowed) {
    return fail(Code::permission_denied, dialect_.denial(access, *call.facts, decision));
  }
  return {};
}

Result<> Flight::perform_effect() {
  auto work = effects_.take_pending();
  auto self = shared_from_this();
  net::Loop* loop = request_.loop;
  const auto task = [self, loop, work = std::move(work)] {
    std::shared_ptr<void> result = work();
    loop->post([self, result = std::move(result)]() mutable {
      self->effects_.finish(std::move(result));
      self->attempt();
    });
  };
  return gate_.workers().submit(task, session_ ? Asker::known : Asker::stranger);
}

// What a stranger asked in vain, or what tells nothing, when there was much of it: it is counted. A
// unit with writes (a token, the use of a SecretID) always has its event, unless they are known to
// be remembered elsewhere (a failed login).
bool Flight::is_one_too_many(const Operation& operation, const Call& call, bool failed) {
  if (!asks_for_nobody(operation)) return false;
  const bool optional = failed && call.gate_part_optional;
  if (view_->has_writes() && !optional) return false;
  if (!failed && event_.type != proof::EventType::system_read) return false;
  return !gate_.strangers().admit(request_.peer.address, gate_.clock().steady());
}

void Flight::conclude(const Operation& operation, Call& call, Result<Reply> result) {
  const std::optional<Code> error = result ? std::nullopt : std::optional(result.error().code);
  // Without identity and without a unit of its own there is nobody to write an event about.
  bool counted = !unsealed_ || (operation.needs() == Needs::nothing && !view_->has_writes()) ||
                 (error && !session_ && !asks_for_nobody(operation));
  if (error && counted && !before_identity(*error))
    gate_.refused(request_.peer.address, to_text(*error));
  if (!counted && is_one_too_many(operation, call, error.has_value())) {
    gate_.refused(request_.peer.address, operation.name());
    counted = true;
  }
  event_.outcome = !error                              ? proof::Outcome::allowed
                   : *error == Code::permission_denied ? proof::Outcome::denied
                                                       : proof::Outcome::failed;
  if (error) {
    if (*error != Code::permission_denied || event_.reason.empty())
      event_.reason = result.error().message;
    if (view_) view_->drop_handler_part();
  }
  if (error == Code::permission_denied && event_.type < proof::EventType::auth_agent_bootstrap) {
    event_.type = proof::EventType::secret_access_denied;
  }
  net::Response response = error ? dialect_.failure(request_, result.error(), request_id_)
                                 : dialect_.success(call, std::move(*result));
  event_.status = static_cast<std::uint16_t>(response.status);
  if (counted) {
    answer(std::move(response), error);
    return;
  }
  Result<work::Unit> unit = view_->take();
  if (!unit && !error) {
    conclude(operation, call, std::unexpected(unit.error()));  // the failure has its event too
    return;
  }
  if (!unit) {  // not even the gate part fits: a bug
    refuse(unit.error());
    return;
  }
  submit(std::move(*unit), std::move(response), error);
}

void Flight::submit(work::Unit unit, net::Response response, std::optional<Code> error) {
  std::vector<proof::Event> events;
  events.reserve(root_ ? 2 : 1);
  if (root_) {
    gate_.metrics().count_root_use();
    proof::Event& root_use = events.emplace_back(event_);
    root_use.type = proof::EventType::auth_root_used;
    root_use.accesses.clear();
  }
  events.push_back(std::move(event_));
  Result<work::Submission> submission = work::prepare(std::move(unit), events);
  if (!submission) {
    refuse(submission.error());
    return;
  }
  submission->loop = request_.loop;
  submission->on_commit = view_->take_on_commit();
  response_ = std::move(response);
  error_ = error;
  submission->done = [self = shared_from_this()](Result<> durable) { self->committed(durable); };
  gate_.outbox(*request_.loop).add(unsealed_, *std::move(submission));
}

void Flight::committed(const Result<>& durable) {
  if (durable) {
    answer(std::move(response_), error_);
  } else if (durable.error().code == Code::conflict && attempts_ < kMaxAttempts) {
    attempt();
  } else {
    refuse(durable.error());
  }
}

// Nothing is written about this request alone; the counts are, once the store works again.
void Flight::refuse(const Error& error) {
  gate_.refused(request_.peer.address, to_text(error.code));
  answer(dialect_.failure(request_, error, request_id_), error.code);
}

void Flight::answer(net::Response response, std::optional<Code> error) {
  gate_.metrics().count(operation_name_,
                        {.error = error,
                         .throttled = throttled_ && error == Code::exhausted,
                         .took = gate_.clock().steady() - started_});
  view_.reset();
  unsealed_.reset();
  // Clients that sign set their clock by it, most of all when they are refused.
  if (dialect_.credentials() != Credentials::token) {
    response.headers.emplace_back("date", http_date(gate_.clock().now()));
  }
  respond_(std::move(response));
}

}  // namespace coffer::gate
