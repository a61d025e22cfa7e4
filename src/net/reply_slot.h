// ReplySlot: where a connection waits for its handler's answer.
//
// One slot serves all requests of a connection, one after the other; each gets a Respond with the
// serial number of its turn, so that a second call, or one that comes after the connection gave
// up, changes nothing. A Respond dropped without a call answers 500. Everything here runs on the
// loop's thread, but a Respond may be dropped on any. Shared by the connection and its Responds.
#pragma once

#include "net/http.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace coffer::net {

class ReplySlot : public std::enable_shared_from_this<ReplySlot> {
 public:
  explicit ReplySlot(Loop& loop) : loop_(loop) {}

  // Begins the turn of one request.
  [[nodiscard]] Respond begin();

  [[nodiscard]] bool answered() const { return answer_.has_value(); }

  // `wake` is called once, when the answer of this turn is there.
  void on_answer(std::move_only_function<void()> wake) { wake_ = std::move(wake); }

  // Ends the turn and hands out its answer; answered() must hold.
  [[nodiscard]] Response take();

  // Ends the turn without the handler: wakes the waiting connection with an empty answer.
  void cancel();

  // The connection is over: Responds that are still held no longer touch the loop, so they may
  // outlive the server.
  void close() { open_ = false; }

 private:
  class Ticket;

  void deliver(std::uint64_t turn, Response response);

  Loop& loop_;
  std::atomic<bool> open_ = true;
  std::uint64_t turn_ = 0;
  std::optional<Response> answer_;
  std::move_only_function<void()> wake_;
};

}  // namespace coffer::net
