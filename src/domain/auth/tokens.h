// Tokens: issuing, finding, renewing and revoking. What a caller may ask for is decided above
// (token_create.h, login.h); here every spec is granted as it stands.
//
// Look-ups give living tokens only: what is expired, spent, revoked or below something dead is as
// if it had never been. Works on one View; not thread-safe.
#pragma once

#include "domain/auth/token_row.h"
#include "domain/auth/ttl.h"
#include "secure/bytes.h"
#include "work/view.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

enum class TokenKind : std::uint8_t { service = 1, batch = 2 };  // stored on disk

inline constexpr std::size_t kMaxTokenMeta = 64;              // entries
inline constexpr std::size_t kMaxTokenMetaOctets = 8 * 1024;  // names and values together

struct TokenSpec {
  TokenKind kind = TokenKind::service;
  std::vector<std::string> policies;  // canonical, sorted
  std::map<std::string, std::string> meta;
  std::string display_name;
  std::string path;
  std::string role;
  std::string mount_accessor;
  std::string entity_id;
  ParentRef parent;
  std::uint8_t parent_depth = 0;
  TtlRules rules;
  Duration ttl{};              // asked for; 0: the default
  bool never_expires = false;  // root tokens only
  bool renewable = true;
  std::uint64_t num_uses = 0;
  std::vector<std::string> bound_cidrs;  // canonical
  secure::SecureText chosen;             // empty: random
  Bytes binding = {};                    // see TokenRow
};

// A token that was just made. `row` also describes a batch token, which has none in the store; its
// accessor is empty.
struct IssuedToken {
  secure::SecureText text;
  TokenKind kind = TokenKind::service;
  TokenRow row;
  bool capped = false;  // it lives shorter than was asked for
};

class Tokens {
 public:
  explicit Tokens(work::View& view) : view_(view) {}

  // Errors: invalid_argument (a chosen id in use, a tree over kMaxTokenDepth, too much metadata, a
  // spec that no batch token can have).
  Result<IssuedToken> issue(TokenSpec spec);

  // Null: no such living token.
  Result<TokenPtr> by_token(std::string_view token);
  Result<TokenPtr> by_id(ByteView id);
  Result<TokenPtr> by_accessor(std::string_view accessor);
  Result<TokenPtr> by_lease(std::string_view lease_id);

  // From now on, by `increment` (0: the token's default). invalid_argument "lease is not renewable"
  // also when its time is up, and with other words when `shown` is not what the token is bound to.
  // Gives the row as it is now.
  Result<TokenRow> renew(const TokenRow& token, Duration increment, ByteView shown = {});

  // With all descendants, from the commit on. Constant cost: the sweep removes their rows.
  Result<> revoke(const TokenRow& token);
  // The token alone; its children become orphans.
  Result<> revoke_orphaning(const TokenRow& token);

  // Accessors of living tokens after `after`, in order.
  Result<std::vector<std::string>> accessors(std::string_view after, std::size_t limit);
  // Living tokens whose lease id starts with `prefix`, by lease id.
  Result<std::vector<TokenPtr>> by_lease_prefix(std::string_view prefix, std::size_t limit);

 private:
  Result<IssuedToken> issue_service(TokenSpec spec, TokenRow row);
  Result<IssuedToken> issue_batch(const TokenSpec& spec, TokenRow row);
  Result<> retire(const TokenRow& token, TokenState state);

  work::View& view_;
};

// Seconds that are left, rounded down; 0 for a token that never expires.
std::int64_t seconds_left(const TokenRow& token, Timestamp now);

// A batch token as a row, to be described; it has no id and no accessor. nullopt: none that lives.
Result<std::optional<TokenRow>> batch_row(work::View& view, std::string_view text);

// For the sys lease routes: tokens are leases of their own. See Tokens.
Result<TokenPtr> find_by_lease(work::View& view, std::string_view lease_id);

}  // namespace coffer::domain
