// GateClient: requests of this process to its own gate, without a socket.
//
// What the process itself has to ask for before anybody else may: they pass the gate like all
// others, are audited, and come from 127.0.0.1. send() waits for the answer and runs meanwhile
// what the gate posts to the loop. Errors: unavailable when no answer came within a minute,
// unsupported for an answer that is a stream. For one thread; it outlives the gate, which keeps
// what waits for the committer by loop.
#pragma once

#include "base/result.h"
#include "gate/gate.h"
#include "net/client.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace coffer::server {

class GateClient {
 public:
  Result<net::ClientResponse> send(gate::Gate& gate, net::ClientRequest request);

 private:
  class Tasks final : public net::Loop {
   public:
    void post(std::move_only_function<void()> task) override;
    // Waits for a task and runs it; false when none came in time.
    bool run_one();

   private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> tasks_;
  };

  Tasks tasks_;
};

}  // namespace coffer::server
