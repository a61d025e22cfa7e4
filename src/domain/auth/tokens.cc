#include "domain/auth/tokens.h"

#include "base/encoding.h"
#include "domain/auth/batch_token.h"
#include "domain/auth/token_life.h"
#include "domain/auth/token_text.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::string_view kNotRenewable = "lease is not renewable";

Result<> check_meta(const std::map<std::string, std::string>& meta) {
  std::size_t octets = 0;
  for (const auto& [name, value] : meta) octets += name.size() + value.size();
  if (meta.size() > kMaxTokenMeta || octets > kMaxTokenMetaOctets) {
    return fail(Code::invalid_argument, "the token's metadata is too large");
  }
  return {};
}

TokenRow row_of(const TokenSpec& spec, Timestamp now) {
  TokenRow row;
  row.parent = spec.parent;
  row.depth = static_cast<std::uint8_t>(spec.parent_depth + 1);
  row.policies = spec.policies;
  row.meta = spec.meta;
  row.display_name = spec.display_name;
  row.path = spec.path;
  row.role = spec.role;
  row.mount_accessor = spec.mount_accessor;
  row.entity_id = spec.entity_id;
  row.created = now;
  row.default_ttl = spec.rules.default_ttl;
  row.max_ttl = spec.rules.max_ttl;
  row.explicit_max_ttl = spec.rules.explicit_max_ttl;
  row.period = spec.rules.period;
  row.renewable = spec.renewable && !spec.never_expires;
  row.num_uses = spec.num_uses;
  row.uses_left = spec.num_uses;
  row.bound_cidrs = spec.bound_cidrs;
  row.binding = spec.binding;
  return row;
}

}  // namespace

Result<IssuedToken> Tokens::issue(TokenSpec spec) {
  COFFER_CHECK(check_meta(spec.meta));
  if (spec.parent_depth >= kMaxTokenDepth) {
    return fail(Code::invalid_argument, "the tree of tokens is too deep");
  }
  TokenRow row = row_of(spec, view_.now());
  bool capped = false;
  if (!spec.never_expires) {
    const Grant grant = grant_ttl(spec.rules, spec.ttl, view_.now(), view_.now());
    if (grant.ttl <= Duration::zero()) return fail(Code::invalid_argument, "the TTL is zero");
    row.creation_ttl = grant.ttl;
    // What was asked for is what a renewal without increment gives again.
    if (spec.ttl > Duration::zero()) row.default_ttl = grant.ttl;
    *row.expires = view_.now() + grant.ttl;
    capped = grant.capped;
  }
  COFFER_TRY(IssuedToken issued,
             spec.kind == TokenKind::batch ? issue_batch(spec, std::move(row))
                                           : issue_service(std::move(spec), std::move(row)));
  issued.capped = capped;
  return issued;
}

Result<IssuedToken> Tokens::issue_service(TokenSpec spec, TokenRow row) {
  secure::SecureText text =
      spec.chosen.empty() ? new_service_token(view_.random()) : std::move(spec.chosen);
  row.id = token_id(*view_.keyring(), text.text());
  row.accessor = new_accessor(view_.random());
  COFFER_TRY(const TokenPtr present, view_.find<TokenRow>(*row.id));
  if (present) {
    return fail(Code::invalid_argument, "cannot create a token with a duplicate ID");
  }
  TokenAccessorRow accessor;
  accessor.accessor = *row.accessor;
  accessor.token_id = *row.id;
  COFFER_CHECK(view_.put(std::move(accessor)));
  COFFER_CHECK(view_.put(row));
  return IssuedToken{.text = std::move(text), .kind = TokenKind::service, .row = std::move(row)};
}

Result<IssuedToken> Tokens::issue_batch(const TokenSpec& spec, TokenRow row) {
  if (spec.num_uses > 0 || spec.never_expires || spec.rules.period > Duration::zero() ||
      spec.rules.explicit_max_ttl > Duration::zero() || !spec.chosen.empty()) {
    return fail(Code::invalid_argument,
                "batch tokens cannot have an id, a period, an explicit max TTL or use limits");
  }
  // Nobody could take it back: it has no row, and its parent may be none.
  if (has_policy(spec.policies, kRootPolicy) || has_policy(*row.policies, kRootPolicy)) {
    return fail(Code::invalid_argument, "batch tokens cannot be root tokens");
  }
  row.renewable = false;
  const BatchToken body{.policies = *row.policies,
                        .meta = *row.meta,
                        .display_name = *row.display_name,
                        .path = *row.path,
                        .role = *row.role,
                        .mount_accessor = *row.mount_accessor,
                        .entity_id = *row.entity_id,
                        .parent = *row.parent,
                        .created = *row.created,
                        .ttl = *row.creation_ttl,
                        .bound_cidrs = *row.bound_cidrs};
  COFFER_TRY(secure::SecureText text, seal_batch_token(*view_.keyring(), view_.realm(), body));
  return IssuedToken{.text = std::move(text), .kind = TokenKind::batch, .row = std::move(row)};
}

Result<TokenPtr> Tokens::by_id(ByteView id) {
  if (id.size() != sizeof(crypto::Digest)) return TokenPtr();
  COFFER_TRY(TokenPtr row, view_.find<TokenRow>(to_bytes(id)));
  if (!row) return row;
  COFFER_TRY(const bool alive, is_alive(view_, row->row));
  if (!alive) row.reset();
  return row;
}

Result<TokenPtr> Tokens::by_token(std::string_view token) {
  if (token.empty() || token.size() > kMaxTokenText) return TokenPtr();
  return by_id(token_id(*view_.keyring(), token));
}

Result<TokenPtr> Tokens::by_accessor(std::string_view accessor) {
  if (accessor.empty() || accessor.size() > store::kMaxKey) return TokenPtr();
  COFFER_TRY(const auto entry, view_.find<TokenAccessorRow>(accessor));
  if (!entry) return TokenPtr();
  return by_id(*entry->row.token_id);
}

Result<TokenPtr> Tokens::by_lease(std::string_view lease_id) {
  const std::size_t slash = lease_id.rfind("/h");
  if (slash == std::string_view::npos) return TokenPtr();
  const auto id = hex_decode(lease_id.substr(slash + 2));
  if (!id) return TokenPtr();
  COFFER_TRY(TokenPtr row, by_id(*id));
  if (row && lease_id_of(row->row) != lease_id) row.reset();
  return row;
}

Result<TokenRow> Tokens::renew(const TokenRow& token, Duration increment, ByteView shown) {
  COFFER_CHECK(check_ttl("increment", increment));
  if (!*token.renewable) return fail(Code::invalid_argument, std::string(kNotRenewable));
  if (!token.binding->empty() && !secure::equal(*token.binding, shown)) {
    return fail(Code::invalid_argument,
                "client identity during renewal not matching client identity used during login");
  }
  const TtlRules rules{.default_ttl = *token.default_ttl,
                       .max_ttl = *token.max_ttl,
                       .explicit_max_ttl = *token.explicit_max_ttl,
                       .period = *token.period};
  const Grant grant = grant_ttl(rules, increment, *token.created, view_.now());
  if (grant.ttl <= Duration::zero()) {
    return fail(Code::invalid_argument, std::string(kNotRenewable));
  }
  TokenRow row = token;
  *row.expires = view_.now() + grant.ttl;
  *row.renewed = view_.now();
  COFFER_CHECK(view_.put(row));
  return row;
}

Result<> Tokens::retire(const TokenRow& token, TokenState state) {
  COFFER_CHECK(view_.erase<TokenAccessorRow>(to_bytes(*token.accessor)));
  COFFER_TRY(const auto children, view_.lookup<TokenRow>(kTokenChildren, *token.id, 1));
  if (children.empty()) {
    // A child that is made meanwhile was promised its life; of a token that takes its children with
    // it, the child is dead anyway.
    if (state == TokenState::released) {
      view_.rely_on_no_entry<TokenRow>(kTokenChildren, *token.id);
    }
    return view_.erase<TokenRow>(*token.id);
  }
  TokenRow row = token;
  row.state = state;
  return view_.put(std::move(row));
}

Result<> Tokens::revoke(const TokenRow& token) {
  return retire(token, TokenState::revoked);
}

Result<> Tokens::revoke_orphaning(const TokenRow& token) {
  return retire(token, TokenState::released);
}

// Dead tokens wait for the sweep among the living: the limit is one of the living.
Result<std::vector<std::string>> Tokens::accessors(std::string_view after, std::size_t limit) {
  std::vector<std::string> living;
  Bytes last = to_bytes(after);
  while (living.size() < limit) {
    const std::size_t wanted = limit - living.size();
    COFFER_TRY(const auto keys, view_.keys<TokenAccessorRow>({}, last, wanted));
    for (const Bytes& key : keys) {
      COFFER_TRY(const TokenPtr token, by_accessor(as_text(key)));
      if (token) living.emplace_back(as_text(key));
    }
    if (keys.size() < wanted) break;
    last = keys.back();
  }
  return living;
}

Result<std::vector<TokenPtr>> Tokens::by_lease_prefix(std::string_view prefix, std::size_t limit) {
  for (std::size_t asked = limit;; asked *= 4) {
    COFFER_TRY(const auto ids, view_.lookup<TokenRow>(kTokenLeases, as_bytes(prefix), asked));
    std::vector<TokenPtr> living;
    for (const Bytes& id : ids) {
      if (living.size() == limit) break;
      COFFER_TRY(TokenPtr token, by_id(id));
      if (token && lease_id_of(token->row).starts_with(prefix)) living.push_back(std::move(token));
    }
    if (living.size() == limit || ids.size() < asked) return living;
  }
}

std::int64_t seconds_left(const TokenRow& token, Timestamp now) {
  if (!*token.expires) return 0;
  return std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::seconds>(**token.expires - now).count());
}

Result<std::optional<TokenRow>> batch_row(work::View& view, std::string_view text) {
  auto token = open_batch_token(*view.keyring(), view.realm(), text);
  if (!token) return std::nullopt;
  COFFER_TRY(const bool alive, is_alive(view, *token));
  if (!alive) return std::nullopt;
  TokenRow row;
  row.policies = std::move(token->policies);
  row.meta = std::move(token->meta);
  row.display_name = std::move(token->display_name);
  row.path = std::move(token->path);
  row.role = std::move(token->role);
  row.entity_id = std::move(token->entity_id);
  row.parent = std::move(token->parent);
  row.created = token->created;
  row.creation_ttl = token->ttl;
  *row.expires = token->created + token->ttl;
  row.bound_cidrs = std::move(token->bound_cidrs);
  return row;
}

Result<TokenPtr> find_by_lease(work::View& view, std::string_view lease_id) {
  return Tokens(view).by_lease(lease_id);
}

}  // namespace coffer::domain
