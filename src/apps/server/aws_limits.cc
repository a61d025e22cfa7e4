#include "apps/server/aws_limits.h"

#include "dialects/aws/request_limits.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::server {
namespace {

using Options = gate::PrincipalLimits::Options;
using Rate = std::optional<gate::RequestRate>;

constexpr std::int64_t kMostPrincipals = 1'000'000;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::invalid_argument, "must be " + std::string(what));
}

// With the key in front of the message.
std::unexpected<Error> at(std::string_view key, const Error& error) {
  const std::string_view between = error.message.starts_with('.') ? "" : " ";
  return fail(error.code, "." + std::string(key) + std::string(between) + error.message);
}

// 50, 0.5
std::optional<double> number_in(const toml::node& node) {
  if (const auto whole = node.value_exact<std::int64_t>()) return static_cast<double>(*whole);
  return node.value_exact<double>();
}

Result<Rate> checked(gate::RequestRate rate) {
  COFFER_CHECK(gate::check_rate(rate));
  return rate;
}

// {rate = 50, burst = 100}
Result<Rate> rate_of_table(const toml::table& table) {
  std::optional<double> rate;
  std::optional<double> burst;
  for (const auto& [key, value] : table) {
    if (key.str() != "rate" && key.str() != "burst") {
      return wrong("without the key " + std::string(key.str()));
    }
    std::optional<double>& target = key.str() == "rate" ? rate : burst;
    target = number_in(value);
    if (!target) return at(key.str(), wrong("a number").error());
  }
  if (!rate) return wrong("a table with rate");
  return checked({*rate, burst.value_or(std::max(1.0, *rate))});
}

// A number, a table, or "none".
Result<Rate> rate_of(const toml::node& node) {
  if (const toml::table* const table = node.as_table()) return rate_of_table(*table);
  if (const auto rate = number_in(node)) return checked({*rate, std::max(1.0, *rate)});
  if (node.value_exact<std::string>() == "none") return Rate();
  return wrong("a rate in requests a second, a table with rate and burst, or \"none\"");
}

Result<> read_service(std::string_view service, const toml::node& node, Options& options) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong("a table of groups of operations");
  for (const auto& [key, value] : *table) {
    const auto group = dialects::aws::find_limit_group(service, key.str());
    if (!group) return wrong("without the key " + std::string(key.str()));
    auto rate = rate_of(value);
    if (!rate) return at(key.str(), rate.error());
    options.rates.at(*group) = *rate;
  }
  return {};
}

Result<> read_preset(const toml::node& node, Options& options) {
  const auto preset = node.value_exact<std::string>();
  if (preset == "aws") {
    options.rates = dialects::aws::published_limits();
    return {};
  }
  if (preset == "none") return {};
  return wrong("\"none\" or \"aws\"");
}

Result<> read_principals(const toml::node& node, Options& options) {
  const auto count = node.value_exact<std::int64_t>();
  if (!count || *count < 1 || *count > kMostPrincipals) {
    return wrong("a number from 1 to " + std::to_string(kMostPrincipals));
  }
  options.principals = static_cast<std::size_t>(*count);
  return {};
}

bool is_service(std::string_view name) {
  return std::ranges::any_of(dialects::aws::limit_groups(), [name](const auto& group) {
    return dialects::aws::facts_of(group.service).name == name;
  });
}

}  // namespace

Result<Options> read_aws_limits(const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong("a table");
  Options options;
  options.rates.resize(dialects::aws::limit_groups().size());
  // First, as the others change what it gives.
  if (const toml::node* const preset = table->get("preset")) {
    if (const Result<> read = read_preset(*preset, options); !read) {
      return at("preset", read.error());
    }
  }
  for (const auto& [key, value] : *table) {
    const std::string_view name = key.str();
    if (name == "preset") continue;
    if (name != "principals" && !is_service(name)) {
      return wrong("without the key " + std::string(name));
    }
    const Result<> read =
        name == "principals" ? read_principals(value, options) : read_service(name, value, options);
    if (!read) return at(name, read.error());
  }
  return options;
}

}  // namespace coffer::server
