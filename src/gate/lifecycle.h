// Lifecycle: initialise, unseal, seal, rekey, rotate. Owns everything that exists only while
// unsealed.
//
// Unsealed is handed out as a shared pointer: a request keeps the one it began with, seal() takes
// it from new requests at once, and the keys are wiped when the last request under way lets go.
// seal() also closes the committer: what is committed in the same group as the seal is there, what
// comes later is refused (sealed) and changes nothing. The next unseal waits until that group is
// finished, so that the audit log has one committer at a time.
// Blocking: initialize() and unseal() take as long as their store does and belong on a worker
// thread; the stage functions belong to a handler and read two small rows. Thread-safe.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/auth/failed_logins.h"
#include "domain/auth/sessions.h"
#include "domain/auth/signed_sessions.h"
#include "domain/identity/policies.h"
#include "domain/identity/resource_policies.h"
#include "domain/kms/master_keys.h"
#include "domain/pki/pki_state.h"
#include "domain/secrets/secrets_state.h"
#include "gate/shared_slot.h"
#include "keys/seal.h"
#include "rows/rows.h"
#include "store/store.h"
#include "work/committer.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::gate {

struct Unsealed {
  std::unique_ptr<rows::Rows> rows;
  // Replaced by a rekey, on the committer's thread, while others read it.
  SharedSlot<const secure::LockedKey> root;
  domain::PolicyCache policies;
  domain::ResourcePolicies resource_policies;
  domain::KmsState kms;
  domain::SecretsState secrets{kms};
  domain::Sessions sessions;
  domain::SignedSessions signed_sessions;
  std::string aws_account;  // of the root realm: twelve digits
  domain::FailedLogins failed_logins;
  domain::PkiState pki;
  // The epoch of the guard (rows::Rows) in which there were no rate quotas: most requests ask no
  // further.
  std::atomic<std::uint64_t> without_quotas = ~std::uint64_t{0};
  std::string cluster_id;
  std::unique_ptr<work::Committer> committer;  // last: stops before what it borrows goes
};

using UnsealedPtr = std::shared_ptr<Unsealed>;

struct SealStatus {
  bool initialized = false;
  bool sealed = true;
  std::size_t shares = 0;
  std::size_t threshold = 0;
  std::size_t progress = 0;
  std::string nonce;
  std::string cluster_id;
};

struct Initialized {
  keys::ShareSet shares;
  secure::SecureText root_token;
  std::string audit_public_key_pem;
};

class Lifecycle {
 public:
  struct Options {
    std::size_t cache_octets = 96U << 20U;
    std::string fixed_root_token;              // development servers only
    std::string aws_account = "000000000000";  // number of the root realm's account
    // The state of changed rows that an operator decided to open with: work::rows_name().
    std::string accepted_rows{};
    // Called at unseal when a key could not be locked in memory; may be empty.
    std::function<void()> keys_not_locked = {};
  };

  Lifecycle(Options options, store::Store& store, const Clock& clock, crypto::Random& random)
      : options_(std::move(options)),
        store_(store),
        clock_(clock),
        random_(random),
        collector_(clock, random) {}

  [[nodiscard]] UnsealedPtr current() const { return current_.load(); }

  Result<SealStatus> status() const;

  // Wrong shares handed in since the process began.
  [[nodiscard]] std::uint64_t unseal_failures() const { return collector_.failures(); }

  // Leaves the server sealed. Errors: precondition_failed "Vault is already initialized".
  Result<Initialized> initialize(keys::SealNumbers numbers);
  // One share. `source` goes to the audit log. True when this share unsealed the server. Corrupt
  // when rows that decide about access are not those of the last commit, unless they are accepted.
  Result<bool> unseal(ByteView share, std::string_view source);
  // Forgets the shares given so far: see keys::ShareCollector::reset().
  Result<> reset_unseal(std::string_view nonce, std::string_view source);
  // From the next request on nothing is served, and no more is committed; keys are wiped when the
  // last request under way ends. Runs what on_seal() was given and waits for nobody: may be called
  // on the committer's thread.
  void seal();

  // For what must not outlive the unsealed state, such as shares given to a ceremony. `forget` must
  // not wait for a commit. Call before the first request; it lives as long as this object.
  void on_seal(std::function<void()> forget) { on_seal_.push_back(std::move(forget)); }

  // The seal record as it is in the store; uninitialized when there is none.
  Result<keys::SealRecord> record() const;

  // Staged into `view`: a keyring with one more term. Takes effect when the view's unit commits.
  // Two units that replace keyring or seal never both commit: the later one is a conflict.
  Result<> stage_rotation(work::View& view, const UnsealedPtr& unsealed);
  // Staged into `view`: a keyring without the terms up to this one. precondition_failed until it is
  // stated that nothing is sealed under them (work/reseal.h). Batch tokens under them end.
  Result<> stage_term_destruction(work::View& view,
                                  const UnsealedPtr& unsealed,
                                  std::uint32_t term);
  // A new root key and its shares; in effect only once stage_rekey()'s unit commits.
  Result<keys::NewSeal> prepare_rekey(const Unsealed& unsealed, keys::SealNumbers numbers);
  // Staged into `view`: `seal` around the present keyring. precondition_failed when another rekey
  // was committed since `seal` was prepared.
  Result<> stage_rekey(work::View& view, const UnsealedPtr& unsealed, const keys::NewSeal& seal);

  [[nodiscard]] const Clock& clock() const { return clock_; }

  [[nodiscard]] store::Store& store() { return store_; }

  [[nodiscard]] crypto::Random& random() const { return random_; }

 private:
  Result<> enter(ByteView root, std::string_view source);
  Result<UnsealedPtr> assemble(const std::shared_ptr<const keys::Keyring>& keyring, ByteView root);
  Result<> start(Unsealed& unsealed, const std::shared_ptr<const keys::Keyring>& keyring);
  Result<keys::OpenedKeyring> stored_keyring(const Unsealed& unsealed) const;
  void await_last_committer();
  void retire(std::unique_ptr<Unsealed> gone);

  Options options_;
  store::Store& store_;
  const Clock& clock_;
  crypto::Random& random_;
  keys::ShareCollector collector_;
  std::mutex transition_;  // one initialise or unseal at a time
  std::mutex retired_mutex_;
  std::vector<std::unique_ptr<Unsealed>> retired_;  // see retire()
  std::vector<std::function<void()>> on_seal_;
  std::mutex sealing_;                 // held while seal() replaces the two below
  std::shared_future<void> last_end_;  // of the committer that was closed last; invalid at first
  SharedSlot<Unsealed> current_;
};

}  // namespace coffer::gate
