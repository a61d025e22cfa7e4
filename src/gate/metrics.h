// Metrics: counters of the gate, in Prometheus' text format. Atomic; names are fixed; no label
// holds a path, a name or anything else that a caller chose. Beside them, what is under way.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "gate/in_flight.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::gate {

class Metrics {
 public:
  // How a request ended.
  struct Outcome {
    std::optional<Code> error;
    bool throttled = false;  // it was one too many
    Duration took{};
  };

  // Of one operation since the start.
  struct Totals {
    std::string operation;
    std::uint64_t calls = 0;
    std::uint64_t throttled = 0;  // are among the errors
    std::map<Code, std::uint64_t> errors;
    double seconds = 0;
  };

  // `operation` is an operation's fixed name.
  void count(std::string_view operation, const Outcome& outcome);

  [[nodiscard]] std::vector<Totals> totals() const;  // by name

  void count_root_use() { ++root_uses_; }

  void count_refusal(std::string_view reason);

  // More lines for text(), read when it is called; for figures that others keep, and for other
  // forms of these. Add before use.
  void add_source(std::function<std::string()> source) { sources_.push_back(std::move(source)); }

  // Everything, with HELP and TYPE lines.
  [[nodiscard]] std::string text() const;

  // Not part of text(): it names paths.
  [[nodiscard]] const std::shared_ptr<InFlight>& in_flight() const { return in_flight_; }

  [[nodiscard]] std::uint64_t root_uses() const { return root_uses_; }

 private:
  [[nodiscard]] std::string own_text() const;

  static constexpr std::array<double, 10> kBounds{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1};

  struct Series {
    std::uint64_t total = 0;
    std::uint64_t throttled = 0;
    std::map<Code, std::uint64_t> errors;
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double seconds = 0;
  };

  std::shared_ptr<InFlight> in_flight_ = std::make_shared<InFlight>();
  mutable std::mutex mutex_;
  std::map<std::string, Series, std::less<>> series_;
  std::map<std::string, std::uint64_t, std::less<>> refusals_;
  std::atomic<std::uint64_t> root_uses_ = 0;
  std::vector<std::function<std::string()>> sources_;
};

}  // namespace coffer::gate
