// Ceremonies: what several operators do together with their key shares on an unsealed server: make
// a root token, or replace the root key and its shares.
//
// Each ceremony has one attempt at a time, known by its nonce. Attempts live in memory only: a
// restart forgets them, and a replaced seal is in effect only when its unit of work commits, which
// the caller says with finish(). Until then the same shares may be given again.
//
// Shares that complete a set give authority only when the root key they make is the server's own:
// their digests lie in the store, which is not trusted.
//
// Thread-safe. submit() and verify() change state and belong into an effect, not into a handler
// that may run twice. Errors: precondition_failed (no attempt, one too many, a wrong nonce),
// invalid_argument (not a share), exhausted (too many wrong shares).
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "keys/seal.h"
#include "secure/bytes.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace coffer::gate {

struct CeremonyStatus {
  bool started = false;
  std::string nonce;  // empty when not started
  std::size_t progress = 0;
  std::size_t required = 0;
};

// The present seal, and the key that a complete set of shares must make.
struct SealInForce {
  const keys::SealRecord& record;
  ByteView root;
};

class RootCeremony {
 public:
  RootCeremony(const Clock& clock, crypto::Random& random);

  [[nodiscard]] CeremonyStatus status(const keys::SealRecord& record) const;
  // Begins an attempt. Returns its one-time password of `size` characters of base62, which masks
  // the token on its way back and is never shown again.
  Result<secure::SecureText> start(std::size_t size);
  // The same with a password of the caller's, who knows it already.
  Result<> start_with(secure::SecureText password);
  void cancel();
  // True when this share completes the set.
  Result<bool> submit(const SealInForce& seal, ByteView share, std::string_view nonce);
  // `token` XOR the one-time password, in base64 without padding. The lengths must be equal.
  Result<secure::SecureText> mask(std::string_view token, std::string_view nonce) const;
  // The masked token is durable: the attempt is over.
  void finish(std::string_view nonce);

 private:
  Result<> check(std::string_view nonce) const;
  void clear();

  crypto::Random& random_;
  mutable std::mutex mutex_;
  keys::ShareCollector collector_;
  std::string nonce_;
  secure::SecureText password_;
};

using NewSealPtr = std::shared_ptr<const keys::NewSeal>;

class RekeyCeremony {
 public:
  struct Wish {
    keys::SealNumbers numbers;
    bool verification = false;  // the new shares must come back before they count
  };

  struct Status : CeremonyStatus {
    Wish wish;
    std::string verification_nonce;  // empty until the new shares are handed out
  };

  // What a share brought: nothing yet, or the seal to commit (or, with verification, to hand out).
  struct Made {
    NewSealPtr seal;                 // null: more shares are needed
    std::string verification_nonce;  // empty: commit the seal now
  };

  using Make = std::function<Result<keys::NewSeal>(keys::SealNumbers)>;

  RekeyCeremony(const Clock& clock, crypto::Random& random);

  [[nodiscard]] Status status(const keys::SealRecord& record) const;
  Result<> start(const Wish& wish);
  void cancel();
  // `make` is called when this share completes the set.
  Result<Made> submit(const SealInForce& seal,
                      ByteView share,
                      std::string_view nonce,
                      const Make& make);

  // How many of the new shares came back; not started unless they are awaited.
  [[nodiscard]] Status verification() const;
  // The seal to commit when this one of the new shares completes their set, else null.
  Result<NewSealPtr> verify(ByteView share, std::string_view nonce);
  // Forgets the new shares given back so far. The verification goes on under a new nonce.
  Result<> restart_verification();
  // The seal is durable: the attempt is over.
  void finish(std::string_view nonce);

 private:
  Result<> check(std::string_view nonce) const;
  void clear();

  crypto::Random& random_;
  mutable std::mutex mutex_;
  keys::ShareCollector collector_;
  keys::ShareCollector verifier_;
  std::string nonce_;
  Wish wish_;
  NewSealPtr pending_;  // awaits verification
  std::string verification_nonce_;
};

}  // namespace coffer::gate
