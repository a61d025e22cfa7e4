// Keyring: the keys that the root key protects, in terms; everything below a row is sealed under
// them.
//
//   root key (Shamir shares)
//     └ keyring record (XAES-256-GCM under HKDF(root, "coffer keyring v1"))
//         ├ term 1..n: 32 octets each; the newest seals, all open
//         │   └ table key = HKDF(term key, "coffer row v1 table <number>")
//         ├ lookup key: HMAC for tokens and other looked-up credentials; stays through rotations
//         └ audit key: ECDSA P-256 private key, and the log's id
//
// A Keyring exists only while unsealed; destroying it wipes every key. Term keys lie in locked
// pages. rotated() returns a new keyring with one more term: keyrings are immutable, so readers
// need no lock. without() returns one that has lost its oldest terms: what they sealed is gone for
// good. Thread-safe. Limit: kMaxTerms rotations, then rotated() is exhausted. Format:
// docs/formats/keyring.md; decode() answers corrupt for all that breaks it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "secure/bytes.h"
#include "secure/locked.h"
#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace coffer::keys {

inline constexpr std::size_t kMaxTerms = 1000;

struct TermInfo {
  std::uint32_t number = 0;
  Timestamp created;
};

class Keyring {
 public:
  static Result<std::unique_ptr<Keyring>> create(Timestamp now, crypto::Random& random);
  static Result<std::unique_ptr<Keyring>> decode(ByteView plain, crypto::Random& random);
  [[nodiscard]] secure::SecureBytes encode() const;
  // A keyring that has one more term, which becomes the active one.
  Result<std::unique_ptr<Keyring>> rotated(Timestamp now) const;

  // A keyring without the terms up to this one. invalid_argument for one that it does not have;
  // precondition_failed for the active one.
  Result<std::unique_ptr<Keyring>> without(std::uint32_t term) const;

  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;
  ~Keyring();

  [[nodiscard]] std::uint32_t active_term() const;
  [[nodiscard]] std::vector<TermInfo> terms() const;
  // Borrowed; lives as long as the keyring. An unknown term is corrupt.
  Result<const crypto::Aead*> table_aead(std::uint32_t term, store::TableId table) const;
  // Rows that were sealed with this keyring, for people: it is forgotten with the keyring.
  void count_sealing() const;
  [[nodiscard]] std::uint64_t sealings() const;
  // A key for a purpose of its own, under the active term.
  [[nodiscard]] secure::SecureBytes derive(std::string_view label) const;
  // The same under an older term: what was sealed before a rotation. An unknown term is corrupt.
  Result<secure::SecureBytes> derive(std::string_view label, std::uint32_t term) const;
  // HMAC-SHA-256 of a looked-up credential (token, SecretID): its key in the store.
  [[nodiscard]] crypto::Digest lookup_digest(std::string_view purpose, ByteView credential) const;
  [[nodiscard]] const crypto::PrivateKey& audit_key() const;
  [[nodiscard]] const Bytes& log_id() const;
  // Whether every long-lived key could be locked in memory.
  [[nodiscard]] bool locked() const;

 private:
  struct State;
  explicit Keyring(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace coffer::keys
