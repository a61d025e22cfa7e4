// TokenRow: a service token, as it is stored. The token's text is nowhere: a row is found by the
// token's keyed digest.
//
// A row does not say whether its token lives; that depends on its ancestors, its mount and the
// clock: see token_life.h. Revoking erases the row or marks it, which ends all descendants at once
// because each names its parent; their rows are removed later (sweep.h).
#pragma once

#include "rows/row.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint8_t kMaxTokenDepth = 64;  // ancestors of a token, itself included

enum class TokenState : std::uint8_t {  // stored on disk
  live = 1,
  revoked = 2,   // dead with all descendants, whose rows are still to be removed
  released = 3,  // dead, but its children live on as orphans (revoke-orphan)
};

// What identifies a parent for ever: a token whose chosen id is used again is another parent.
struct ParentRef {
  Bytes id;  // empty: none
  std::string accessor;
  static constexpr auto kMembers = std::tuple{&ParentRef::id, &ParentRef::accessor};
};

struct TokenRow {
  static constexpr rows::TableSpec kTable = rows::tables::kTokens;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> id;  // 32 octets: the keyed digest of the token
  rows::Clear<std::string> accessor;
  rows::Clear<ParentRef> parent;
  rows::Clear<std::uint8_t> depth;                 // 1: no parent
  rows::Clear<std::vector<std::string>> policies;  // canonical, sorted
  rows::Clear<std::map<std::string, std::string>> meta;
  rows::Clear<std::string> display_name;
  rows::Clear<std::string> path;            // of the request that made it: "auth/token/create"
  rows::Clear<std::string> role;            // token role, or empty
  rows::Clear<std::string> mount_accessor;  // of the auth mount that issued it; empty: auth/token
  rows::Clear<std::string> entity_id;       // empty: none
  rows::Clear<Timestamp> created;
  rows::Clear<Duration> creation_ttl;             // as granted; 0: none
  rows::Clear<std::optional<Timestamp>> expires;  // nullopt: never (root tokens only)
  rows::Clear<std::optional<Timestamp>> renewed;  // last renewal
  rows::Clear<Duration> default_ttl;              // what a renewal without increment gives
  rows::Clear<Duration> max_ttl;                  // of mount, role or server; never 0
  rows::Clear<Duration> explicit_max_ttl;         // 0: none
  rows::Clear<Duration> period;                   // 0: none
  rows::Clear<bool> renewable;
  rows::Clear<std::uint64_t> num_uses;   // 0: unlimited
  rows::Clear<std::uint64_t> uses_left;  // of a limited one; 0: spent
  rows::Clear<std::vector<std::string>> bound_cidrs;
  rows::Clear<TokenState> state = TokenState::live;
  // What a renewal must be made with: the SHA-256 of a client certificate; empty: nothing.
  rows::Clear<Bytes> binding;
  static constexpr auto kMembers = std::tuple{&TokenRow::id,           &TokenRow::accessor,
                                              &TokenRow::parent,       &TokenRow::depth,
                                              &TokenRow::policies,     &TokenRow::meta,
                                              &TokenRow::display_name, &TokenRow::path,
                                              &TokenRow::role,         &TokenRow::mount_accessor,
                                              &TokenRow::entity_id,    &TokenRow::created,
                                              &TokenRow::creation_ttl, &TokenRow::expires,
                                              &TokenRow::renewed,      &TokenRow::default_ttl,
                                              &TokenRow::max_ttl,      &TokenRow::explicit_max_ttl,
                                              &TokenRow::period,       &TokenRow::renewable,
                                              &TokenRow::num_uses,     &TokenRow::uses_left,
                                              &TokenRow::bound_cidrs,  &TokenRow::state,
                                              &TokenRow::binding};

  [[nodiscard]] Bytes key() const { return *id; }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  [[nodiscard]] bool spent() const { return *num_uses > 0 && *uses_left == 0; }
};

using TokenPtr = rows::RowPtr<TokenRow>;  // null: none

struct TokenAccessorRow {
  static constexpr rows::TableSpec kTable = rows::tables::kTokenAccessors;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> accessor;
  rows::Clear<Bytes> token_id;
  static constexpr auto kMembers =
      std::tuple{&TokenAccessorRow::accessor, &TokenAccessorRow::token_id};

  [[nodiscard]] Bytes key() const { return to_bytes(*accessor); }
};

// Stored on disk.
inline constexpr store::IndexId kTokenExpiry{141};    // entry: u64 nanoseconds, big endian
inline constexpr store::IndexId kTokenChildren{142};  // entry: the parent's id
inline constexpr store::IndexId kTokenLeases{143};    // entry: the lease id

// Index entry of a moment, so that byte order is time order.
Bytes time_entry(Timestamp at);

// "auth/token/create/h<hex of the id>": names the token's own lease; no credential.
std::string lease_id_of(const TokenRow& row);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::TokenRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::TokenAccessorRow>;
