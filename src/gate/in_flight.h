// InFlight: the requests that are being served at the moment, for operators who look for what
// hangs.
//
// A request is in the list while its Entry lives, and lends it its texts for as long: they must not
// change meanwhile. An entry keeps the list alive: a request may end after the gate, in a task that
// a loop which stopped never ran. Thread-safe: entries come and go on loop threads.
#pragma once

#include "base/clock.h"

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::gate {

class InFlight {
 public:
  struct Request {
    std::string_view id;
    Timestamp started;
    std::string_view method;
    std::string_view path;
    std::string_view address;
  };

  struct Seen {
    std::string id;
    Timestamp started;
    std::string method;
    std::string path;
    std::string address;
  };

  using Place = std::list<Request>::iterator;

  Place enter(const Request& request) {
    const std::scoped_lock lock(mutex_);
    return requests_.insert(requests_.end(), request);
  }

  void leave(Place place) {
    const std::scoped_lock lock(mutex_);
    requests_.erase(place);
  }

  // The oldest first.
  [[nodiscard]] std::vector<Seen> all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Seen> out;
    out.reserve(requests_.size());
    for (const Request& r : requests_) {
      out.push_back({std::string(r.id),
                     r.started,
                     std::string(r.method),
                     std::string(r.path),
                     std::string(r.address)});
    }
    return out;
  }

  class Entry {
   public:
    Entry(std::shared_ptr<InFlight> all, const Request& request)
        : all_(std::move(all)), place_(all_->enter(request)) {}

    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    ~Entry() { all_->leave(place_); }

   private:
    std::shared_ptr<InFlight> all_;
    Place place_;
  };

 private:
  mutable std::mutex mutex_;
  std::list<Request> requests_;
};

}  // namespace coffer::gate
