// Sessions: what authentication found out about tokens lately, for as long as it would find the
// same.
//
// A session is a principal with the compiled policies that it names. Everything it was made of lies
// in guarded rows (the token and its ancestors, mounts, entity, aliases, policies), and every
// commit that changes a guarded row ends all sessions, before it is durable. The clock ends a
// session when the token or an ancestor expires; the source address is checked each time. Tokens
// with limited uses and batch tokens are authenticated anew for each request. So a session never
// says anything else than authenticate() and Policies::load() would, and a unit that writes is
// validated against the rows that the session was made of.
//
// Bounded: kCapacity sessions, found by a keyed digest of their token (under a key of this object's
// own: not the digest that the store knows, which costs more); when it is full it starts anew.
// Thread-safe; one per unsealed server.
#pragma once

#include "crypto/sip_hash.h"
#include "domain/auth/principal.h"
#include "domain/identity/policies.h"
#include "work/view.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coffer::domain {

struct Session {
  Principal principal;
  std::vector<policy::PolicyPtr> policies;  // null: named and missing, which denies
  // Nothing is allowed that these do not allow too; none at all: there is no such limit.
  std::vector<policy::PolicyPtr> session_policies;
};

using SessionPtr = std::shared_ptr<const Session>;

class Sessions {
 public:
  static constexpr std::size_t kCapacity = 4096;

  // Errors: those of authenticate() and Policies::load().
  Result<SessionPtr> begin(work::View& view,
                           PolicyCache& policies,
                           std::string_view token,
                           std::string_view source_ip);

 private:
  struct Kept {
    SessionPtr session;
    std::uint64_t epoch = 0;  // of the guard, before the first row was read
    std::shared_ptr<const std::vector<store::Check>> reads;
  };

  struct Spread {
    std::size_t operator()(const crypto::SipDigest& digest) const {
      return static_cast<std::size_t>(digest[0]);
    }
  };

  // None: the token can have no session.
  std::optional<crypto::SipDigest> id_of(work::View& view, std::string_view token);
  [[nodiscard]] std::optional<Kept> find(const crypto::SipDigest& id);
  void keep(const crypto::SipDigest& id, Kept kept);

  std::once_flag keyed_;
  crypto::SipKey key_{};  // random
  std::mutex mutex_;
  std::unordered_map<crypto::SipDigest, Kept, Spread> kept_;
};

}  // namespace coffer::domain
