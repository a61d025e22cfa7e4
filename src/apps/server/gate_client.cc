#include "apps/server/gate_client.h"

#include <chrono>
#include <memory>
#include <optional>

namespace coffer::server {
namespace {

constexpr std::chrono::seconds kPatience{60};

}  // namespace

void GateClient::Tasks::post(std::move_only_function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

bool GateClient::Tasks::run_one() {
  std::move_only_function<void()> task;
  {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, kPatience, [this] { return !tasks_.empty(); })) return false;
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task();
  return true;
}

Result<net::ClientResponse> GateClient::send(gate::Gate& gate, net::ClientRequest given) {
  net::Request request;
  request.method = std::move(given.method);
  request.target = std::move(given.target);
  request.headers = std::move(given.headers);
  request.body = std::move(given.body);
  request.peer.address = "127.0.0.1";
  request.loop = &tasks_;
  // Shared: an answer that comes too late still has where to go.
  const auto answer = std::make_shared<std::optional<net::Response>>();
  gate.handle(std::move(request),
              [answer](net::Response response) { *answer = std::move(response); });
  while (!*answer) {
    if (!tasks_.run_one()) return fail(Code::unavailable, "the gate did not answer in time");
  }
  if ((*answer)->stream) return fail(Code::unsupported, "the answer is a stream");
  net::ClientResponse out;
  out.status = (*answer)->status;
  out.body = std::move((*answer)->body);
  return out;
}

}  // namespace coffer::server
