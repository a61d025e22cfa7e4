#include "apps/server/config.h"

#include "apps/server/aws_limits.h"
#include "apps/server/config_text.h"
#include "apps/server/toml.h"
#include "base/time_text.h"
#include "formats/cidr.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

namespace coffer::server {
namespace {

using Setter = std::function<Result<>(const toml::node&)>;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Code::invalid_argument, "must be " + std::string(what));
}

Setter text(std::string& target) {
  return [&target](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<std::string>();
    if (!value) return wrong("a string");
    target = *value;
    return {};
  };
}

Setter flag(bool& target) {
  return [&target](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<bool>();
    if (!value) return wrong("true or false");
    target = *value;
    return {};
  };
}

template <class T>
Setter number(T& target, std::int64_t low, std::int64_t high) {
  return [&target, low, high](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < low || *value > high) {
      return wrong("a number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    target = static_cast<T>(*value);
    return {};
  };
}

Setter milliseconds(std::chrono::milliseconds& target) {
  return [&target](const toml::node& node) -> Result<> {
    std::int64_t value = 0;
    COFFER_CHECK(number(value, 10, 3'600'000)(node));
    target = std::chrono::milliseconds(value);
    return {};
  };
}

Setter endpoint(Endpoint& target) {
  return [&target](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<std::string>();
    if (!value) return wrong("an address like \"127.0.0.1:8200\"");
    COFFER_TRY(target, parse_endpoint(*value));
    return {};
  };
}

Setter texts(std::vector<std::string>& target) {
  return [&target](const toml::node& node) -> Result<> {
    const toml::array* array = node.as_array();
    if (array == nullptr) return wrong("a list of strings");
    for (const toml::node& item : *array) {
      const auto value = item.value_exact<std::string>();
      if (!value) return wrong("a list of strings");
      target.push_back(*value);
    }
    return {};
  };
}

Setter account(std::string& target) {
  return [&target](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<std::string>();
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!value || value->size() != 12 || !std::ranges::all_of(*value, is_digit)) {
      return wrong("a string of twelve digits");
    }
    target = *value;
    return {};
  };
}

// [aws.rotation_function.NAME]
Result<RotationProgram> rotation_program(std::string name, const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong("a table for each function");
  RotationProgram program;
  program.name = std::move(name);
  const std::map<std::string, Setter, std::less<>> known = {
      {"arn", text(program.arn)},
      {"url", text(program.url)},
      {"ca_file", text(program.ca_file)},
      {"command", texts(program.command)},
      {"timeout_seconds",
       [&program](const toml::node& value) -> Result<> {
         std::int64_t seconds = 0;
         COFFER_CHECK(number(seconds, 1, 900)(value));
         program.timeout = std::chrono::seconds(seconds);
         return {};
       }},
  };
  for (const auto& [key, value] : *table) {
    const auto setter = known.find(key.str());
    if (setter == known.end()) return wrong("without the key " + std::string(key.str()));
    if (const Result<> set = setter->second(value); !set) {
      return fail(Code::invalid_argument, std::string(key.str()) + " " + set.error().message);
    }
  }
  return program;
}

Setter rotation_programs(std::vector<RotationProgram>& target) {
  return [&target](const toml::node& node) -> Result<> {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return wrong("a table of functions");
    for (const auto& [key, value] : *table) {
      COFFER_TRY(auto program, rotation_program(std::string(key.str()), value));
      target.push_back(std::move(program));
    }
    return {};
  };
}

Setter retention(std::optional<Duration>& target) {
  return [&target](const toml::node& node) -> Result<> {
    const auto value = node.value_exact<std::string>();
    target.reset();
    if (value && *value == "keep") return {};
    const auto period = value ? parse_duration(*value) : Result<Duration>(Duration());
    if (!period || *period < std::chrono::days(1)) {
      return wrong("\"keep\", or a period of a day or more such as \"90d\"");
    }
    target = *period;
    return {};
  };
}

Setter limits(gate::PrincipalLimits::Options& target) {
  return [&target](const toml::node& node) -> Result<> {
    COFFER_TRY(target, read_aws_limits(node));
    return {};
  };
}

std::map<std::string, Setter> setters(Config& c, Endpoint& metrics) {
  return {
      {"listener.address", endpoint(c.listen)},
      {"listener.tls_certificate", text(c.tls_certificate)},
      {"listener.tls_key", text(c.tls_key)},
      {"listener.allow_plain_remote", flag(c.allow_plain_remote)},
      {"listener.threads", number(c.threads, 1, 64)},
      {"listener.max_body_octets", number(c.max_body, 1024, 64 << 20)},
      {"listener.max_body_octets_without_credential", number(c.max_unknown_body, 1024, 64 << 20)},
      {"listener.body_budget_octets", number(c.body_budget, 1 << 20, 1LL << 40)},
      {"listener.max_connections", number(c.max_connections, 1, 100'000)},
      {"listener.header_timeout_ms", milliseconds(c.header_timeout)},
      {"listener.body_timeout_ms", milliseconds(c.body_timeout)},
      {"listener.idle_timeout_ms", milliseconds(c.idle_timeout)},
      {"listener.drain_ms", milliseconds(c.drain)},
      {"listener.allowed_hosts", texts(c.allowed_hosts)},
      {"storage.path", text(c.storage_path)},
      {"storage.cache_mib", number(c.storage_cache_mib, 1, 65'536)},
      {"storage.row_cache_mib", number(c.row_cache_mib, 1, 65'536)},
      {"storage.reserve_mib", number(c.reserve_mib, 0, 65'536)},
      {"audit.archive", text(c.audit_archive)},
      {"audit.retention", retention(c.audit_retention)},
      {"log.level", text(c.log_level)},
      {"log.format", text(c.log_format)},
      {"metrics.address", endpoint(metrics)},
      {"cluster.name", text(c.cluster_name)},
      {"aws.account", account(c.aws_account)},
      {"aws.rotation_function", rotation_programs(c.rotation_programs)},
      {"aws.oidc_ca_file", text(c.oidc_ca_file)},
      {"aws.limits", limits(c.aws_limits)},
  };
}

Result<> apply(const toml::table& table,
               const std::string& prefix,
               const std::map<std::string, Setter>& known) {
  for (const auto& [key, node] : table) {
    const std::string name =
        prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    if (const toml::table* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      COFFER_CHECK(apply(*inner, name, known));
      continue;
    }
    const auto setter = known.find(name);
    if (setter == known.end()) return fail(Code::invalid_argument, "unknown key " + name);
    if (const Result<> set = setter->second(node); !set) {
      const std::string& what = set.error().message;  // ".key …": of a table within
      return fail(Code::invalid_argument, name + (what.starts_with('.') ? "" : " ") + what);
    }
  }
  return {};
}

Result<> check(const Config& c) {
  if (c.storage_path.empty()) return fail(Code::invalid_argument, "storage.path is missing");
  if (c.tls_certificate.empty() != c.tls_key.empty()) {
    return fail(Code::invalid_argument,
                "listener.tls_certificate and listener.tls_key belong together");
  }
  if (c.tls_certificate.empty() && !is_loopback(c.listen) && !c.allow_plain_remote) {
    return fail(Code::invalid_argument,
                "listener.address is not loopback and has no TLS: set listener.tls_certificate and "
                "listener.tls_key, or listener.allow_plain_remote behind a TLS proxy");
  }
  if (!c.audit_archive.empty() && !c.audit_archive.starts_with('/')) {
    return fail(Code::invalid_argument, "audit.archive must be an absolute path");
  }
  if (c.body_budget < c.max_body) {
    return fail(Code::invalid_argument,
                "listener.body_budget_octets is less than listener.max_body_octets");
  }
  for (const RotationProgram& program : c.rotation_programs) COFFER_CHECK(check_program(program));
  for (const std::string_view level : {"trace", "debug", "info", "warn", "error"}) {
    if (c.log_level != level) continue;
    if (c.log_format == "json" || c.log_format == "text") return {};
    return fail(Code::invalid_argument, "log.format must be json or text");
  }
  return fail(Code::invalid_argument, "log.level must be trace, debug, info, warn or error");
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("an address with a port");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::string_view port = text.substr(colon + 1);
  Endpoint endpoint{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  const bool whole = error == std::errc{} && end == port.data() + port.size();
  const auto ip = formats::parse_ip(host);
  if (!whole || !ip || ip->is_v4() == bracketed) return wrong("an IP address and a port");
  return endpoint;
}

bool is_loopback(const Endpoint& endpoint) {
  return endpoint.host == "::1" || endpoint.host.starts_with("127.");
}

Result<Config> parse_config(std::string_view source) {
  Config config;
  Endpoint metrics;
  COFFER_CHECK(check_config_text(source));
  try {
    const toml::table table = toml::parse(source);
    COFFER_CHECK(apply(table, "", setters(config, metrics)));
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return fail(Code::invalid_argument,
                "line " + std::to_string(at.line) + ": " + std::string(error.description()));
  }
  if (!metrics.host.empty()) config.metrics = metrics;
  COFFER_CHECK(check(config));
  return config;
}

Result<Config> load_config(const std::string& path) {
  std::ifstream in(path);
  if (!in) return fail(Code::not_found, "cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  auto config = parse_config(text.str());
  if (!config) return fail(config.error().code, path + ": " + config.error().message);
  return config;
}

}  // namespace coffer::server
