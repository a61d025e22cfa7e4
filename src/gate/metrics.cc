#include "gate/metrics.h"

#include <algorithm>
#include <optional>

namespace coffer::gate {
namespace {

void line(std::string& out,
          std::string_view name,
          const std::string& labels,
          const std::string& value) {
  out.append(name)
      .append(labels.empty() ? "" : "{" + labels + "}")
      .append(" ")
      .append(value)
      .append("\n");
}

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

void heading(std::string& out,
             std::string_view name,
             std::string_view type,
             std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

}  // namespace

void Metrics::count(std::string_view operation, const Outcome& outcome) {
  const double seconds = std::chrono::duration<double>(outcome.took).count();
  const std::size_t bucket =
      static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin());
  const std::scoped_lock lock(mutex_);
  auto at = series_.find(operation);
  if (at == series_.end()) at = series_.emplace(std::string(operation), Series{}).first;
  Series& series = at->second;
  ++series.total;
  ++series.buckets[bucket];
  series.seconds += seconds;
  if (outcome.throttled) ++series.throttled;
  if (outcome.error) ++series.errors[*outcome.error];
}

std::vector<Metrics::Totals> Metrics::totals() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Totals> all;
  all.reserve(series_.size());
  for (const auto& [name, series] : series_) {
    all.push_back({name, series.total, series.throttled, series.errors, series.seconds});
  }
  return all;
}

void Metrics::count_refusal(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  const auto at = refusals_.find(reason);
  if (at == refusals_.end()) {
    refusals_.emplace(std::string(reason), 1);
  } else {
    ++at->second;
  }
}

std::string Metrics::own_text() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  heading(out, "coffer_requests_total", "counter", "Requests by operation.");
  for (const auto& [name, series] : series_) {
    line(out, "coffer_requests_total", label("operation", name), std::to_string(series.total));
  }
  heading(out,
          "coffer_request_errors_total",
          "counter",
          "Requests that failed, by operation and code.");
  for (const auto& [name, series] : series_) {
    for (const auto& [code, count] : series.errors) {
      line(out,
           "coffer_request_errors_total",
           label("operation", name) + "," + label("code", to_text(code)),
           std::to_string(count));
    }
  }
  heading(
      out, "coffer_request_seconds", "histogram", "From the whole request to its durable answer.");
  for (const auto& [name, series] : series_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      below += series.buckets[i];
      std::string bound = std::to_string(kBounds[i]);
      bound.erase(bound.find_last_not_of('0') + 1);
      if (bound.ends_with('.')) bound.pop_back();
      line(out,
           "coffer_request_seconds_bucket",
           label("operation", name) + "," + label("le", bound),
           std::to_string(below));
    }
    line(out,
         "coffer_request_seconds_bucket",
         label("operation", name) + ",le=\"+Inf\"",
         std::to_string(series.total));
    line(out,
         "coffer_request_seconds_sum",
         label("operation", name),
         std::to_string(series.seconds));
    line(out,
         "coffer_request_seconds_count",
         label("operation", name),
         std::to_string(series.total));
  }
  heading(
      out, "coffer_refusals_total", "counter", "Requests refused before any identity was known.");
  for (const auto& [reason, count] : refusals_) {
    line(out, "coffer_refusals_total", label("reason", reason), std::to_string(count));
  }
  heading(out, "coffer_root_token_uses_total", "counter", "Requests made with a root token.");
  line(out, "coffer_root_token_uses_total", "", std::to_string(root_uses_.load()));
  return out;
}

std::string Metrics::text() const {
  std::string out = own_text();
  for (const auto& source : sources_) out += source();  // may ask for totals()
  return out;
}

}  // namespace coffer::gate
