// Effects: what a handler needs from outside its unit of work, done off the loop thread.
//
// Handlers are pure and may run several times. One that needs a slow or outside result asks
//
//   COFFER_TRY(const secure::SecureBytes* hash,
//              call.effects.get<secure::SecureBytes>("scrypt", [=] { return slow(); }));
//
// The first time there is no result: get() remembers the work and returns an error, the handler
// returns it, the gate does the work on a worker thread and runs the handler again; then get()
// gives the result. Results are kept when a unit runs again after a conflict. The function must own
// all that it touches (no references into the call or its view). Used by one request, one thread at
// a time.
#pragma once

#include "base/result.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::gate {

class Effects {
 public:
  using Work = std::function<std::shared_ptr<void>()>;

  // `work` returns Result<T>. Its error becomes this call's error on the second run.
  template <class T>
  Result<T*> get(std::string_view name, std::function<Result<T>()> work) {
    if (const auto at = done_.find(name); at != done_.end()) {
      auto* result = static_cast<Result<T>*>(at->second.get());
      if (!*result) return std::unexpected(result->error());
      return &**result;
    }
    pending_name_ = name;
    pending_ = [work = std::move(work)]() -> std::shared_ptr<void> {
      return std::make_shared<Result<T>>(work());
    };
    return fail(Code::unavailable, "an effect is under way");
  }

  // For the gate.
  [[nodiscard]] bool pending() const { return static_cast<bool>(pending_); }

  [[nodiscard]] Work take_pending() { return std::exchange(pending_, {}); }

  void finish(std::shared_ptr<void> result) { done_[pending_name_] = std::move(result); }

 private:
  std::map<std::string, std::shared_ptr<void>, std::less<>> done_;
  std::string pending_name_;
  Work pending_;
};

}  // namespace coffer::gate
