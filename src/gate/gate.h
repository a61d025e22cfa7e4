// Gate: the one way in. Authenticate, resolve accesses, decide, run, audit, commit, answer.
//
// Every request that reaches a dialect passes through one Flight (flight.h). The answer leaves only
// after its audit event is durable, denials and failures included. A request that fails before any
// identity is known is counted per source and reason, and the counts are written to the audit log
// by flush_refusals(), which the server calls every few seconds. Called on loop threads;
// thread-safe.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "gate/event_rate.h"
#include "gate/lifecycle.h"
#include "gate/metrics.h"
#include "gate/operation.h"
#include "gate/principal_limits.h"
#include "gate/rate_limits.h"
#include "gate/refusal_counts.h"
#include "gate/workers.h"
#include "net/http.h"

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

namespace coffer::gate {

struct GateOptions {
  // Host names and addresses (without port) that requests may name in Host; empty: any.
  std::vector<std::string> allowed_hosts;
  // Whether the disk is full and only what frees it is served (see short_of_room()); empty: never.
  std::function<bool()> short_of_room = {};
  PrincipalLimits::Options principal_limits = {};
};

// What waits for the committer on one loop: handed over at 16 submissions or at the end of the
// turn.
class Outbox {
 public:
  explicit Outbox(net::Loop& loop) : loop_(loop) {}

  void add(const UnsealedPtr& unsealed, work::Submission submission);

 private:
  void flush();

  net::Loop& loop_;
  UnsealedPtr unsealed_;
  std::vector<work::Submission> waiting_;
  bool flush_posted_ = false;
};

class Gate final : public net::Handler {
 public:
  Gate(GateOptions options,
       Lifecycle& lifecycle,
       Workers& workers,
       Metrics& metrics,
       const Clock& clock,
       crypto::Random& random,
       std::vector<std::unique_ptr<Dialect>> dialects);

  void handle(net::Request request, net::Respond respond) override;

  // Writes what was refused without identity since the last call (refusal_counts.h).
  void flush_refusals();

  // For Flight.
  [[nodiscard]] Lifecycle& lifecycle() { return lifecycle_; }

  [[nodiscard]] Workers& workers() { return workers_; }

  [[nodiscard]] Metrics& metrics() { return metrics_; }

  [[nodiscard]] const Clock& clock() const { return clock_; }

  [[nodiscard]] crypto::Random& random() { return random_; }

  Outbox& outbox(net::Loop& loop);
  void refused(std::string_view source, std::string_view reason);

  [[nodiscard]] EventRate& strangers() { return strangers_; }

  [[nodiscard]] RateLimits& rate_limits() { return rate_limits_; }

  [[nodiscard]] PrincipalLimits& principal_limits() { return principal_limits_; }

  // Then what is left is for sealing, revocation, deletion and the audit log; the rest is refused
  // before anything is written, the counts of refusals wait.
  [[nodiscard]] bool short_of_room() const {
    return options_.short_of_room && options_.short_of_room();
  }

 private:
  [[nodiscard]] Result<> admissible(const net::Request& request) const;
  [[nodiscard]] bool names_us(const net::Request& request) const;

  GateOptions options_;
  Lifecycle& lifecycle_;
  Workers& workers_;
  Metrics& metrics_;
  const Clock& clock_;
  crypto::Random& random_;
  std::vector<std::unique_ptr<Dialect>> dialects_;
  std::shared_mutex outboxes_mutex_;
  std::map<net::Loop*, std::unique_ptr<Outbox>> outboxes_;
  EventRate strangers_;
  RateLimits rate_limits_;
  PrincipalLimits principal_limits_;
  RefusalCounts refusals_;
};

}  // namespace coffer::gate
