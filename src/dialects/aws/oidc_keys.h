// OidcKeys: the keys that issuers of web identities publish, fetched and kept for a while.
//
// Discovery (OpenID Connect Discovery 1.0 §4): ISSUER/.well-known/openid-configuration names the
// issuer, which must be the very same, and jwks_uri, which must lie on the issuer's own host and
// port. Only issuers that a provider's row names are asked, over TLS that is verified as for any
// server; redirects are not followed. An issuer that cannot be asked has no keys: kept ones count
// for kKept and no longer, and after a failure nobody asks for kPause: strangers choose how often
// they show a token. Requests that wait for one issuer share an answer. Limits: 256 KiB an answer
// in at most kMaxPieces pieces, kStep for each step. Thread-safe; one per dialect.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/jose.h"

#include <cstdint>
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
  static constexpr Duration kPause = std::chrono::seconds(15);
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
  // It could not be asked.
  void note_failure(const std::string& issuer, Timestamp now);
  [[nodiscard]] bool failed_lately(const std::string& issuer, Timestamp now) const;

  // Answers are counted, so that who waited finds the one that came meanwhile.
  [[nodiscard]] std::uint64_t answers(const std::string& issuer) const;
  // The last answer if there were more than `seen`; null keys: a failure.
  [[nodiscard]] std::optional<JwksPtr> answer_after(const std::string& issuer,
                                                    std::uint64_t seen) const;
  void note_answer(const std::string& issuer, JwksPtr keys);

 private:
  struct Answers {
    std::uint64_t count = 0;
    JwksPtr last;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, Timestamp> failures_;
  std::map<std::string, Answers> answers_;
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
// The same, or the answer that somebody else got after `seen` of them.
Result<JwksPtr> shared_oidc_keys(OidcKeys& known,
                                 const std::string& issuer,
                                 const std::string& ca_file,
                                 std::uint64_t seen);

}  // namespace coffer::dialects::aws
