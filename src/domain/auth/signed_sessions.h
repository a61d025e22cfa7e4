// SignedSessions: who signed a request (AWS Signature V4), kept for as long as it would be found
// out again.
//
// The counterpart of Sessions for signed requests, under the same rule: a session is made of
// guarded rows (the access key or the session token's parents, the user or role, its policies) and
// holds until a commit changes a guarded row or the clock ends its credentials. It keeps the
// signing keys of the scopes that were used lately, so that a request costs one HMAC and, with a
// session token, one hash; secrets are not kept.
//
// An access key that does not exist is answered as a signature that does not fit: with the same
// words, and at the same cost, since it is held against a key that nobody has and a kept session
// spares nothing to who does not know its key. What is wrong beyond that (an inactive key, an
// expired session, a date out of the window) is told only to who signed with the right secret.
//
// Errors are of Code::unauthenticated and carry AWS's name in the spelling of its JSON services:
// InvalidSignatureException, UnrecognizedClientException, ExpiredTokenException; corrupt and
// unavailable come from below.
//
// Bounded: kCapacity sessions of kScopes scopes. Thread-safe; one per unsealed server.
#pragma once

#include "domain/auth/aws_session.h"
#include "domain/auth/sessions.h"
#include "domain/identity/aws_rows.h"
#include "formats/sigv4.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coffer::domain {

class SignedSessions {
 public:
  static constexpr std::size_t kCapacity = 4096;
  static constexpr std::size_t kScopes = 8;

  // `account`: the number of the realm's account. Notes the use of a long-lived access key in the
  // view's gate part, at most once in kAwsKeyUseGrain.
  Result<SessionPtr> begin(work::View& view,
                           PolicyCache& policies,
                           const formats::SignatureClaim& claim,
                           std::string_view account);

 private:
  using KeyPtr = std::shared_ptr<const crypto::HmacKey>;

  struct Kept {
    SessionPtr session;
    std::uint64_t epoch = 0;  // of the guard, before the first row was read
    std::shared_ptr<const std::vector<store::Check>> reads;
    std::vector<std::pair<formats::SignatureScope, KeyPtr>> keys;
    std::optional<Timestamp> use_noted;
  };

  struct Hit {
    SessionPtr session;
    std::shared_ptr<const std::vector<store::Check>> reads;
    KeyPtr key;
  };

  struct Candidate;

  [[nodiscard]] std::optional<Hit> find(const std::string& id,
                                        const formats::SignatureScope& scope,
                                        std::uint64_t epoch);
  void keep(const std::string& id, Kept kept);
  Result<SessionPtr> begin_anew(work::View& view,
                                PolicyCache& policies,
                                const formats::SignatureClaim& claim,
                                std::string_view account,
                                const std::string& id);
  Result<Candidate> candidate_for(work::View& view, const formats::SignatureClaim& claim);
  Result<secure::SecureText> nobodys_secret(work::View& view);
  Result<> note_use(work::View& view, const formats::SignatureClaim& claim, const std::string& id);

  std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
  AwsAccessKeyPtr nobody_;  // a row that is in no store
};

// What formats/sigv4.h says of a request, in AWS's words: IncompleteSignatureException
// (invalid_argument) or InvalidSignatureException (unauthenticated).
Error signature_error(Error error);

}  // namespace coffer::domain
