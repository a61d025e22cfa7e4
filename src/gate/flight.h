// Flight: one request on its way through the gate, over as many attempts as it takes.
//
// An attempt authenticates, resolves, decides, runs the handler and submits the unit with its
// event. A conflict at commit, and a finished effect, start another attempt from the beginning with
// the effects' results kept. Lives on the request's loop thread; shared by the callbacks under way.
#pragma once

#include "gate/gate.h"
#include "gate/operation.h"

#include <memory>
#include <optional>

namespace coffer::gate {

class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // Foreign: the Host header does not name this server, which only a signature can vouch for.
  enum class Host : std::uint8_t { ours, foreign };

  Flight(Gate& gate,
         const Dialect& dialect,
         net::Request request,
         net::Target target,
         net::Respond respond,
         Host host = Host::ours);

  void start();

 private:
  static constexpr int kMaxAttempts = 16;
  // Two rows of which one changed between the reads look like damage; what is damaged still is when
  // it is read again.
  static constexpr int kMaxDoubts = 4;

  void attempt();
  Result<> admit(const Call& call);
  Result<Reply> run(Call& call, const Operation& operation);
  [[nodiscard]] bool asks_for_nobody(const Operation& operation) const;
  Result<> authorise(Call& call, const Operation& operation);
  Result<> hold_to_limits(const Call& call, const Operation& operation);
  Result<> decide(Call& call, const std::vector<policy::Access>& accesses);
  Result<> decide_one(Call& call, const policy::Access& access);
  Result<> read_signature();
  Result<> read_body();
  Result<domain::SessionPtr> authenticate();
  void prepare_event();
  Result<> perform_effect();
  bool is_one_too_many(const Operation& operation, const Call& call, bool failed);
  void conclude(const Operation& operation, Call& call, Result<Reply> result);
  void submit(work::Unit unit, net::Response response, std::optional<Code> error);
  void committed(const Result<>& durable);
  void refuse(const Error& error);
  void answer(net::Response response, std::optional<Code> error);

  Gate& gate_;
  const Dialect& dialect_;
  net::Request request_;
  net::Target target_;
  net::Respond respond_;
  const std::string request_id_;
  InFlight::Entry in_flight_;
  const Host host_;
  // As the octets were received: read before anybody touches the request. nullopt: not signed.
  std::optional<formats::SignatureClaim> claim_;
  formats::JsonView body_;
  Effects effects_;
  Duration started_;
  int attempts_ = 0;
  bool held_to_limits_ = false;
  bool throttled_ = false;  // it was one too many

  // Of the present attempt.
  UnsealedPtr unsealed_;
  std::unique_ptr<work::View> view_;
  proof::Event event_;
  domain::SessionPtr session_;  // null: nobody is known
  bool root_ = false;           // a root token did it
  policy::Facts facts_;
  std::string_view operation_name_;
  // What leaves once the unit is durable.
  net::Response response_;
  std::optional<Code> error_;
};

}  // namespace coffer::gate
