// OidcKeys: the keys that issuers of web identities publish, fetched and kept for a while.
//
// Discovery (OpenID Connect Discovery 1.0 §4): ISSUER/.well-known/openid-configuration names the
// issuer, which must be the very same, and jwks_uri, which must lie on the issuer's own host and
// port. Only issuers that a provider's row names are asked, over TLS that is verified as for any
// server; redirects are not followed. An issuer that cannot be asked has no keys: kept ones count
// for kKept and no longer. Limits: 256 KiB an answer in at most kMaxPieces pieces, kStep for each
// step. Thread-safe; one per dialect.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/jose.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

using JwksPtr = std::shared_ptr<const std::vector<formats::Jwk>>;

class OidcKeys {
 public:
  static constexpr Duration kKept = std::chrono::minutes(10);
  // A key that is not among those fetched so lately is not asked for again.
  static constexpr Duration kFresh = std::chrono::seconds(30);
  static constexpr std::chrono::seconds kStep{5};
  static constexpr std::size_t kMaxPieces = 64;
  static constexpr std::size_t kMaxIssuers = 128;

  struct Kept {
    JwksPtr keys;
    Timestamp fetched;
  };

  // Null keys: none that count at `now`.
  [[nodiscard]] Kept find(const std::string& issuer, Timestamp now) const;
  void keep(const std::string& issuer, JwksPtr keys, Timestamp now);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

// Where an issuer is asked: "https://host:port" and the path below it, without a slash at the end.
struct IssuerAddress {
  std::string origin;
  std::string path;
};

IssuerAddress address_of(std::string_view issuer);
// The target on the issuer's origin that its configuration names for its keys.
Result<std::string> jwks_target(std::string_view issuer, std::string_view configuration);

// Blocks: for effects. `ca_file`: PEM; empty: the system's. unavailable for whatever is wrong.
Result<JwksPtr> fetch_oidc_keys(const std::string& issuer, const std::string& ca_file);

}  // namespace coffer::dialects::aws
