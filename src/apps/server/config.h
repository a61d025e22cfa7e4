// Config: what `coffer server` reads from its TOML file. Every key, its unit and its default:
// docs/configuration.md. An unknown key, a wrong type or a value out of range is an error that
// names the key: a typing mistake must not silently weaken a server.
#pragma once

#include "apps/server/rotation_programs.h"
#include "base/clock.h"
#include "base/result.h"
#include "gate/principal_limits.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::server {

struct Endpoint {
  std::string host;  // textual IP address
  std::uint16_t port = 0;
};

struct Config {
  Endpoint listen{"127.0.0.1", 8200};
  std::string tls_certificate;  // PEM; empty: plain HTTP, allowed on loopback only
  std::string tls_key;
  bool allow_plain_remote = false;
  std::size_t threads = 1;
  std::size_t max_body = 32U << 20U;
  std::size_t max_unknown_body = 1U << 20U;
  std::size_t body_budget = 256U << 20U;
  std::size_t max_connections = 4096;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{120'000};
  std::chrono::milliseconds drain{10'000};
  std::vector<std::string> allowed_hosts;  // empty: any Host

  std::string storage_path;
  std::int64_t storage_cache_mib = 16;
  std::int64_t row_cache_mib = 192;
  std::int64_t reserve_mib = 32;  // 0: no reserve

  std::string audit_archive;  // folder; empty: months of the audit log are not archived
  std::optional<Duration> audit_retention = std::chrono::days(90);  // nullopt: for ever

  std::string log_level = "info";
  std::string log_format = "json";  // json or text

  std::optional<Endpoint> metrics;  // an extra listener without authentication
  std::string cluster_name = "coffer";
  std::string aws_account = "000000000000";        // twelve digits
  std::vector<RotationProgram> rotation_programs;  // what may be asked to rotate secrets
  std::string oidc_ca_file;                        // PEM; empty: the system's certificates
  gate::PrincipalLimits::Options aws_limits;       // without rates: nothing is limited
};

Result<Config> parse_config(std::string_view toml);
Result<Config> load_config(const std::string& path);

// "127.0.0.1:8200", "[::1]:8200".
Result<Endpoint> parse_endpoint(std::string_view text);
bool is_loopback(const Endpoint& endpoint);

}  // namespace coffer::server
