#include "domain/auth/sweep.h"

#include "domain/auth/lockouts.h"
#include "domain/auth/secret_ids.h"
#include "domain/auth/token_row.h"
#include "domain/auth/wraps.h"

namespace coffer::domain {
namespace {

Result<> erase_token(work::View& view, const TokenRow& row) {
  COFFER_CHECK(view.erase<TokenAccessorRow>(to_bytes(*row.accessor)));
  return view.erase<TokenRow>(*row.id);
}

// One child of a token that is going: it becomes an orphan, is erased, or is marked because it has
// children of its own.
Result<> treat_child(work::View& view, TokenState parent, const TokenRow& child) {
  TokenRow row = child;
  row.parent = ParentRef{};
  if (parent == TokenState::released) return view.put(std::move(row));
  COFFER_TRY(const auto children, view.lookup<TokenRow>(kTokenChildren, *child.id, 1));
  if (children.empty()) return erase_token(view, child);
  // One that was ended without its own children has promised them their lives.
  if (*row.state != TokenState::released) row.state = TokenState::revoked;
  return view.put(std::move(row));
}

// Gives how many rows were treated, at most `limit`.
Result<std::size_t> treat_token(work::View& view, const TokenRow& row, std::size_t limit) {
  COFFER_TRY(const auto children, view.lookup<TokenRow>(kTokenChildren, *row.id, limit));
  std::size_t treated = 0;
  for (const Bytes& id : children) {
    COFFER_TRY(const TokenPtr child, view.find<TokenRow>(id));
    if (!child || child->row.parent->id != *row.id) continue;
    COFFER_CHECK(treat_child(view, *row.state, child->row));
    ++treated;
  }
  if (children.size() >= limit) return treated;
  COFFER_CHECK(erase_token(view, row));
  return treated + 1;
}

bool is_due(const TokenRow& row, Timestamp now) {
  return row.spent() || *row.state != TokenState::live || (*row.expires && **row.expires <= now);
}

Result<std::size_t> sweep_tokens(work::View& view, std::size_t limit) {
  std::size_t swept = 0;
  COFFER_TRY(const auto ids, view.lookup<TokenRow>(kTokenExpiry, {}, limit));
  for (const Bytes& id : ids) {
    if (swept >= limit) break;
    COFFER_TRY(const TokenPtr token, view.find<TokenRow>(id));
    if (!token) continue;  // treated as a child before
    if (!is_due(token->row, view.now())) break;
    COFFER_TRY(const std::size_t treated, treat_token(view, token->row, limit - swept));
    swept += treated;
  }
  return swept;
}

// Erases the rows of one table whose time, read from the row itself, is over.
template <rows::Row R, class Due>
Result<std::size_t> sweep_rows(work::View& view, store::IndexId index, std::size_t limit, Due due) {
  std::size_t swept = 0;
  if (limit == 0) return swept;
  COFFER_TRY(const auto keys, view.lookup<R>(index, {}, limit));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto row, view.find<R>(key));
    if (!row) continue;
    if (!due(row->row)) break;
    COFFER_CHECK(view.erase<R>(key));
    ++swept;
  }
  return swept;
}

}  // namespace

Result<std::size_t> sweep_expired(work::View& view, std::size_t limit) {
  const Timestamp now = view.now();
  COFFER_TRY(std::size_t swept, sweep_tokens(view, limit));
  COFFER_TRY(const std::size_t wraps,
             sweep_rows<WrapRow>(view, kWrapExpiry, limit - swept, [&](const WrapRow& row) {
               return *row.created + *row.ttl <= now;
             }));
  swept += wraps;
  COFFER_TRY(const std::size_t secret_ids,
             sweep_rows<SecretIdRow>(view, kSecretIdExpiry, limit - swept, [&](const auto& row) {
               return row.expired(now);
             }));
  swept += secret_ids;
  COFFER_TRY(const std::size_t lockouts,
             sweep_rows<LockoutRow>(view, kLockoutExpiry, limit - swept, [&](const auto& row) {
               return *row.until <= now;
             }));
  return swept + lockouts;
}

}  // namespace coffer::domain
