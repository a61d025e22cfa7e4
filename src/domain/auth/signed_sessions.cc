#include "domain/auth/signed_sessions.h"

#include "domain/auth/aws_caller.h"
#include "domain/auth/aws_principal.h"
#include "domain/identity/aws_names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

std::unexpected<Error> does_not_fit() {
  return aws_error(Code::unauthenticated,
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your AWS Secret Access Key and signing method. Consult the service "
                   "documentation for details.",
                   "InvalidSignatureException");
}

// A session token is kept as its hash only.
std::string id_of(const formats::SignatureClaim& claim) {
  std::string id = claim.access_key_id;
  if (claim.session_token.empty()) return id;
  const crypto::Digest hash = crypto::sha256(claim.session_token.view());
  return id.append("\n").append(as_text(hash));
}

Result<> check_time(const formats::SignatureClaim& claim, Timestamp now) {
  Result<> good = formats::check_signature_time(claim, now);
  if (!good) return std::unexpected(signature_error(std::move(good).error()));
  return good;
}

}  // namespace

Error signature_error(Error error) {
  if (error.code == Code::permission_denied) {
    return {Code::unauthenticated, std::move(error.message), "InvalidSignatureException"};
  }
  return {error.code, std::move(error.message), "IncompleteSignatureException"};
}

// Whose secret the signature is held against.
struct SignedSessions::Candidate {
  secure::SecureText secret;  // of nobody when neither of the next two is there
  AwsAccessKeyPtr key;
  std::optional<AwsSession> session;
  std::optional<Error> refusal;  // the session token is none of ours
};

Result<SessionPtr> SignedSessions::begin(work::View& view,
                                         PolicyCache& policies,
                                         const formats::SignatureClaim& claim,
                                         std::string_view account) {
  const std::string id = id_of(claim);
  const auto hit = find(id, claim.scope, view.guard_epoch());
  // Without a hit nobody's key takes the place of the kept one.
  static const crypto::HmacKey nobodys(as_bytes("nobody"));
  const bool fits = formats::signature_fits(claim, hit ? *hit->key : nobodys);
  const bool holds =
      hit && (!hit->session->principal.until || view.now() < *hit->session->principal.until);
  if (!fits || !holds) return begin_anew(view, policies, claim, account, id);
  COFFER_CHECK(check_time(claim, view.now()));
  view.rely_on(hit->reads);
  COFFER_CHECK(note_use(view, claim, id));
  return hit->session;
}

Result<SessionPtr> SignedSessions::begin_anew(work::View& view,
                                              PolicyCache& policies,
                                              const formats::SignatureClaim& claim,
                                              std::string_view account,
                                              const std::string& id) {
  const std::uint64_t epoch = view.guard_epoch();
  COFFER_TRY(const Candidate candidate, candidate_for(view, claim));
  const auto key = std::make_shared<const crypto::HmacKey>(
      formats::signing_key(candidate.secret.text(), claim.scope));
  const bool fits = formats::signature_fits(claim, *key);
  if (candidate.refusal) return std::unexpected(*candidate.refusal);
  if ((!candidate.key && !candidate.session) || !fits) return does_not_fit();
  COFFER_CHECK(check_time(claim, view.now()));
  auto session = std::make_shared<Session>();
  if (candidate.key) {
    COFFER_TRY(*session, session_of_key(view, policies, candidate.key->row, account));
  } else {
    COFFER_TRY(*session, session_of_token(view, policies, *candidate.session, account));
  }
  Kept kept{.session = session,
            .epoch = epoch,
            .reads = std::make_shared<const std::vector<store::Check>>(view.reads()),
            .keys = {{claim.scope, key}},
            .use_noted = std::nullopt};
  keep(id, std::move(kept));
  COFFER_CHECK(note_use(view, claim, id));
  return session;
}

Result<SignedSessions::Candidate> SignedSessions::candidate_for(
    work::View& view, const formats::SignatureClaim& claim) {
  Candidate candidate;
  if (!claim.session_token.empty()) {
    auto session = open_aws_session(*view.keyring(), view.realm(), claim.session_token.text());
    if (session && session->access_key_id == claim.access_key_id) {
      candidate.secret = session->secret.clone();
      candidate.session = *std::move(session);
      return candidate;
    }
    candidate.refusal = session ? does_not_fit().error() : session.error();
  } else {
    COFFER_TRY(candidate.key, view.find<AwsAccessKeyRow>(claim.access_key_id));
  }
  if (candidate.key) {
    COFFER_TRY(AwsAccessKeyRow open, view.open_sealed(*candidate.key));
    candidate.secret = std::move(*open.secret);
  } else {
    COFFER_TRY(candidate.secret, nobodys_secret(view));
  }
  return candidate;
}

// Opened like the secret of a key that exists.
Result<secure::SecureText> SignedSessions::nobodys_secret(work::View& view) {
  AwsAccessKeyPtr nobody;
  {
    const std::scoped_lock lock(mutex_);
    nobody = nobody_;
  }
  if (!nobody) {
    AwsAccessKeyRow row;
    row.id = std::string("nobody");
    row.secret = new_aws_secret(view.random());
    const rows::Place place{rows::row_key<AwsAccessKeyRow>(view.realm(), row.key()), 1};
    Bytes blob = rows::RowCodec<AwsAccessKeyRow>::seal(*view.keyring(), place, row);
    COFFER_TRY(nobody,
               rows::RowCodec<AwsAccessKeyRow>::load(*view.keyring(), place, std::move(blob)));
    const std::scoped_lock lock(mutex_);
    nobody_ = nobody;
  }
  COFFER_TRY(AwsAccessKeyRow open, view.open_sealed(*nobody));
  return std::move(*open.secret);
}

std::optional<SignedSessions::Hit> SignedSessions::find(const std::string& id,
                                                        const formats::SignatureScope& scope,
                                                        std::uint64_t epoch) {
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(id);
  if (at == kept_.end() || at->second.epoch != epoch) return std::nullopt;
  for (const auto& [known, key] : at->second.keys) {
    if (known == scope) return Hit{at->second.session, at->second.reads, key};
  }
  return std::nullopt;
}

// Another scope of a session that is kept, and still holds, is added to it.
void SignedSessions::keep(const std::string& id, Kept kept) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = kept_.find(id); at != kept_.end()) {
    Kept& old = at->second;
    kept.use_noted = old.use_noted;
    const bool another = std::ranges::none_of(
        old.keys, [&](const auto& known) { return known.first == kept.keys.front().first; });
    if (old.epoch == kept.epoch && another && old.keys.size() < kScopes) {
      kept.keys.insert(kept.keys.end(), old.keys.begin(), old.keys.end());
    }
    old = std::move(kept);
    return;
  }
  if (kept_.size() >= kCapacity) kept_.clear();
  kept_.emplace(id, std::move(kept));
}

Result<> SignedSessions::note_use(work::View& view,
                                  const formats::SignatureClaim& claim,
                                  const std::string& id) {
  if (!claim.session_token.empty()) return {};
  {
    const std::scoped_lock lock(mutex_);
    const auto at = kept_.find(id);
    if (at == kept_.end()) return {};
    std::optional<Timestamp>& noted = at->second.use_noted;
    if (noted && view.now() < *noted + kAwsKeyUseGrain) return {};
    noted = view.now();
  }
  AwsKeyUseRow row;
  row.id = claim.access_key_id;
  row.last = view.now();
  row.service = claim.scope.service;
  row.region = claim.scope.region;
  return view.put(std::move(row));
}

}  // namespace coffer::domain
