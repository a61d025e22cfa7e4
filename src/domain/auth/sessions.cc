#include "domain/auth/sessions.h"

#include "domain/auth/authenticate.h"
#include "domain/auth/token_life.h"
#include "domain/auth/token_text.h"

#include <utility>

namespace coffer::domain {
namespace {

bool still_holds(const Principal& principal, Timestamp now, std::string_view source_ip) {
  return (!principal.until || now < *principal.until) &&
         address_allowed(principal.bound_cidrs, source_ip);
}

}  // namespace

// Only a keyed digest of a token is kept, as in the store.
std::optional<crypto::SipDigest> Sessions::id_of(work::View& view, std::string_view token) {
  if (token.size() > kMaxTokenText || token.starts_with(kBatchPrefix)) return std::nullopt;
  std::call_once(keyed_, [&] { key_ = view.random().array<std::tuple_size_v<crypto::SipKey>>(); });
  return crypto::sip_hash(key_, as_bytes(token));
}

Result<SessionPtr> Sessions::begin(work::View& view,
                                   PolicyCache& policies,
                                   std::string_view token,
                                   std::string_view source_ip) {
  const std::uint64_t epoch = view.guard_epoch();
  const std::optional<crypto::SipDigest> id = id_of(view, token);
  if (const auto kept = id ? find(*id) : std::nullopt;
      kept && kept->epoch == epoch &&
      still_holds(kept->session->principal, view.now(), source_ip)) {
    view.rely_on(kept->reads);
    return kept->session;
  }
  auto session = std::make_shared<Session>();
  COFFER_TRY(session->principal, authenticate(view, token, source_ip));
  std::vector<std::string> names = session->principal.token_policies;
  const std::vector<std::string>& more = session->principal.identity_policies;
  names.insert(names.end(), more.begin(), more.end());
  COFFER_TRY(session->policies, Policies(view, policies).load(names));
  if (session->principal.lasting && id) {
    keep(*id, {session, epoch, std::make_shared<const std::vector<store::Check>>(view.reads())});
  }
  return session;
}

std::optional<Sessions::Kept> Sessions::find(const crypto::SipDigest& id) {
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(id);
  if (at == kept_.end()) return std::nullopt;
  return at->second;
}

void Sessions::keep(const crypto::SipDigest& id, Kept kept) {
  const std::scoped_lock lock(mutex_);
  if (kept_.size() >= kCapacity) kept_.clear();
  kept_.insert_or_assign(id, std::move(kept));
}

}  // namespace coffer::domain
