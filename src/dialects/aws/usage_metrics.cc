#include "dialects/aws/usage_metrics.h"

#include "dialects/aws/request_limits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {
namespace {

using Totals = gate::Metrics::Totals;

// As CloudWatch calls the services.
constexpr std::array kNames{
    std::pair{Service::kms, std::string_view("KMS")},
    std::pair{Service::secrets_manager, std::string_view("Secrets Manager")},
    std::pair{Service::ssm, std::string_view("SSM")},
    std::pair{Service::sts, std::string_view("STS")},
    std::pair{Service::iam, std::string_view("IAM")},
};

struct Row {
  std::string labels;
  const Totals* totals;
};

std::string labels_of(std::string_view service, std::string_view resource) {
  return "service=\"" + std::string(service) + "\",type=\"API\",resource=\"" +
         std::string(resource) + "\",class=\"None\"";
}

// nullopt: it is no operation of these APIs.
std::optional<std::string> labels_for(std::string_view operation) {
  if (operation == "aws.unrouted") return labels_of("None", "None");
  const std::size_t dot = operation.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  for (const auto& [service, name] : kNames) {
    const std::string_view resource = operation.substr(dot + 1);
    if (facts_of(service).name != operation.substr(0, dot)) continue;
    if (limit_rule(service, resource)) return labels_of(name, resource);
  }
  return std::nullopt;
}

constexpr std::array kServersFault{Code::conflict,
                                   Code::sealed,
                                   Code::uninitialized,
                                   Code::unavailable,
                                   Code::corrupt,
                                   Code::internal};

std::uint64_t errors_of(const Totals& totals, bool servers) {
  std::uint64_t sum = 0;
  for (const auto& [code, count] : totals.errors) {
    if ((std::ranges::find(kServersFault, code) != kServersFault.end()) == servers) sum += count;
  }
  return servers ? sum : sum - totals.throttled;
}

void heading(std::string& out,
             std::string_view name,
             std::string_view type,
             std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void line(std::string& out,
          std::string_view name,
          const std::string& labels,
          const std::string& value) {
  out.append(name).append("{").append(labels).append("} ").append(value).append("\n");
}

}  // namespace

std::string usage_metrics(const gate::Metrics& metrics) {
  const std::vector<Totals> all = metrics.totals();
  std::vector<Row> rows;
  for (const Totals& totals : all) {
    if (auto labels = labels_for(totals.operation)) rows.push_back({*std::move(labels), &totals});
  }
  std::string out;
  heading(out, "aws_usage_call_count_total", "counter", "CallCount: calls of the AWS APIs.");
  for (const Row& row : rows) {
    line(out, "aws_usage_call_count_total", row.labels, std::to_string(row.totals->calls));
  }
  heading(out,
          "aws_usage_error_count_total",
          "counter",
          "ErrorCount: calls that failed, by whose fault it was; without those throttled.");
  for (const Row& row : rows) {
    for (const bool servers : {false, true}) {
      line(out,
           "aws_usage_error_count_total",
           row.labels + (servers ? ",fault=\"server\"" : ",fault=\"client\""),
           std::to_string(errors_of(*row.totals, servers)));
    }
  }
  heading(out, "aws_usage_throttle_count_total", "counter", "ThrottleCount: calls throttled.");
  for (const Row& row : rows) {
    line(out, "aws_usage_throttle_count_total", row.labels, std::to_string(row.totals->throttled));
  }
  heading(out, "aws_usage_latency_seconds", "summary", "Latency: to the durable answer.");
  for (const Row& row : rows) {
    line(out, "aws_usage_latency_seconds_sum", row.labels, std::to_string(row.totals->seconds));
    line(out, "aws_usage_latency_seconds_count", row.labels, std::to_string(row.totals->calls));
  }
  return out;
}

}  // namespace coffer::dialects::aws
