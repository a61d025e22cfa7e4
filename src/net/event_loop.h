// EventLoop: one thread's io_context, the Loop that handlers see, and its deadlines.
//
// post() collects tasks under a lock and wakes the io_context only when none were waiting, so a
// committer that completes fifty requests wakes the loop once. Deadlines are counted in ticks of
// one timer: arming one is a store, and no clock is asked per request. Included by server.cc alone
// (Asio). All but post() and stop() belong to the loop's thread.
#pragma once

#include "net/http.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace coffer::net {

namespace asio = boost::asio;

// Something with a deadline that lives on a loop: a connection.
class Timed {
 public:
  Timed() = default;
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  virtual ~Timed() = default;

  virtual void expire() = 0;  // the deadline has passed
  virtual void drain() = 0;   // end when nothing is under way
  virtual void abort() = 0;   // end now

  static constexpr std::uint64_t kNever = UINT64_MAX;
  std::uint64_t deadline = kNever;  // in ticks of the loop
};

class EventLoop final : public Loop {
 public:
  using Executor = asio::io_context::executor_type;
  using Task = std::move_only_function<void()>;

  explicit EventLoop(std::chrono::milliseconds tick)
      : tick_length_(tick), context_(1), timer_(context_) {}

  ~EventLoop() override { stop(); }

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void start() {
    wait_for_tick();
    thread_ = std::jthread([this] { context_.run(); });
  }

  // Ends the thread; tasks still waiting are dropped.
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    std::vector<Task> dropped;
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);
  }

  void post(Task task) override {
    {
      const std::scoped_lock lock(mutex_);
      if (stopped_) return;
      waiting_.push_back(std::move(task));
      if (waiting_.size() > 1) return;  // the loop has been woken already
    }
    asio::post(context_, [this] { run_waiting(); });
  }

  [[nodiscard]] asio::io_context& context() { return context_; }

  [[nodiscard]] std::uint64_t deadline_after(std::chrono::milliseconds timeout) const {
    return ticks_ + 1 + static_cast<std::uint64_t>(timeout / tick_length_);
  }

  // Makes the loop watch the deadline of `timed` as long as the Member lives.
  class Member {
   public:
    Member(EventLoop& loop, Timed& timed)
        : loop_(loop), place_(loop.members_.insert(loop.members_.end(), &timed)) {}

    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    ~Member() { loop_.members_.erase(place_); }

   private:
    EventLoop& loop_;
    std::list<Timed*>::iterator place_;
  };

  void drain_all() {
    for_each([](Timed& timed) { timed.drain(); });
  }

  void abort_all() {
    for_each([](Timed& timed) { timed.abort(); });
  }

 private:
  // Members may leave while they are visited.
  template <class Visit>
  void for_each(Visit visit) {
    for (auto it = members_.begin(); it != members_.end();) visit(**it++);
  }

  void run_waiting() {
    {
      const std::scoped_lock lock(mutex_);
      running_.swap(waiting_);
    }
    for (Task& task : running_) task();
    running_.clear();
  }

  void wait_for_tick() {
    timer_.expires_after(tick_length_);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec) return;
      ++ticks_;
      for_each([this](Timed& timed) {
        if (timed.deadline <= ticks_) timed.expire();
      });
      wait_for_tick();
    });
  }

  const std::chrono::milliseconds tick_length_;
  std::uint64_t ticks_ = 0;
  std::list<Timed*> members_;
  std::mutex mutex_;
  std::vector<Task> waiting_;  // guarded by mutex_
  bool stopped_ = false;       // guarded by mutex_
  std::vector<Task> running_;
  asio::io_context context_;
  asio::steady_timer timer_;
  std::jthread thread_;
};

}  // namespace coffer::net
