// Seal: who may open the root key. Shamir shares, kept nowhere; digests of them, kept in the store.
//
// The seal record is the one row that is read before anything is unsealed: it lies in clear and
// says how many shares there are, how many are needed, and the SHA-256 of each share, so that a
// wrong share is refused when it is handed in (a share's 32 uniform octets cannot be guessed from
// its digest). It ends in a MAC under the root key, which open_keyring() checks: until then what it
// says is not to be relied on. The keyring record beside it is sealed under the root key. Both are
// bootstrap rows of table 1, and both carry the generation: the two of different ones do not open.
//
// Thread-safe. Errors: invalid_argument (bad share or numbers), precondition_failed (already
// initialised, wrong nonce), exhausted (too many failures: one attempt a second after ten failures
// until one succeeds), uninitialized, corrupt.
// Limits: 1 <= threshold <= shares <= 255; threshold 1 only with one share. Format:
// docs/formats/keyring.md.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "keys/keyring.h"
#include "store/store.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace coffer::keys {

inline constexpr store::TableId kSealTable{1};

struct SealRecord {
  std::uint8_t shares = 0;
  std::uint8_t threshold = 0;
  std::uint64_t generation = 1;  // counts rekeys
  std::vector<crypto::Digest> share_digests;
  std::string cluster_id;
  Timestamp created;
  Bytes audit_public_key;  // SubjectPublicKeyInfo DER, for reference only
};

struct ShareSet {
  std::vector<secure::SecureBytes> shares;
};

// What init and rekey produce: shares to hand out, and the rows to commit with the first unit.
struct NewSeal {
  SealRecord record;
  ShareSet shares;
  secure::LockedKey root;
  std::vector<store::Put> rows;
};

struct Progress {
  std::size_t given = 0;
  std::size_t needed = 0;
  std::string nonce;  // empty: no share given yet
};

// What one source has tried in vain, or made others do again.
struct Attempts {
  std::string source;  // an address; "many" stands for all beyond the first kMaxSources
  std::uint64_t wrong = 0;
  std::uint64_t resets = 0;
  std::uint64_t refused_resets = 0;
  friend bool operator==(const Attempts&, const Attempts&) = default;
};

// Collects shares until the root key is there. One for unseal, one for rekey, one for
// generate-root. Shares of an earlier seal are forgotten when the record has changed meanwhile.
//
// Anybody may hand in shares for the unseal, so nothing that strangers send keeps operators from
// it: a right share is taken at once, however many wrong ones came before, and only a source that
// gave one of the shares may have them forgotten. A source's wrong shares beyond ten are answered
// with `exhausted` unless a second has passed since its last; a success ends that. `source` is
// where the share comes from; empty where only one party can be meant.
class ShareCollector {
 public:
  ShareCollector(const Clock& clock, crypto::Random& random) : clock_(clock), random_(random) {}

  // The root key once enough distinct good shares are in (the collector is then empty again);
  // nullopt while more are needed.
  Result<std::optional<secure::SecureBytes>> add(const SealRecord& record,
                                                 ByteView share,
                                                 std::string_view source = {});
  // Forgets what was given. Unless that is nothing, `nonce` must be the current one
  // (precondition_failed), and `source` must have given one of the shares (permission_denied).
  Result<> reset(std::string_view nonce, std::string_view source = {});
  void clear();
  [[nodiscard]] Progress progress(const SealRecord& record) const;
  [[nodiscard]] std::uint64_t failures() const;
  // What was tried and not yet reported(), by source.
  [[nodiscard]] std::vector<Attempts> attempts() const;
  void reported(const std::vector<Attempts>& attempts);

 private:
  static constexpr std::size_t kMaxSources = 64;

  struct Given {
    secure::SecureBytes share;
    std::string source;
  };

  struct Tally {
    Attempts attempts;
    std::uint64_t streak = 0;  // wrong shares since the last success
    Duration last{};           // when the last of them came
  };

  Tally& tally(std::string_view source);
  std::unexpected<Error> refuse(std::string_view source);

  const Clock& clock_;
  crypto::Random& random_;
  mutable std::mutex mutex_;
  std::vector<Given> given_;
  std::string nonce_;
  std::uint64_t failures_ = 0;
  std::map<std::string, Tally, std::less<>> tallies_;
};

// Accepts the hexadecimal and the base64 spelling of a share, as Vault does.
Result<secure::SecureBytes> parse_share(std::string_view text);

// New shares around a new (init) or the given (rekey) root key.
struct SealNumbers {
  std::size_t shares = 5;
  std::size_t threshold = 3;
};

Result<> check_numbers(SealNumbers numbers);
Result<NewSeal> make_seal(SealNumbers numbers,
                          const Keyring& keyring,
                          std::string cluster_id,
                          std::uint64_t generation,
                          Timestamp now,
                          crypto::Random& random);

// The row that replaces the keyring record, sealed under `root` (rotation keeps the root key).
store::Put keyring_row(const Keyring& keyring,
                       ByteView root,
                       std::uint64_t revision,
                       crypto::Random& random);

// As it lies in the store: well-formed, and not more.
Result<std::optional<SealRecord>> read_seal(const store::Store& store);
// The strict inverse of how make_seal() writes a seal row's blob; its MAC is not looked at.
Result<SealRecord> decode_seal(ByteView blob);

// The keyring, and the revision of its row. A root key that does not open it is invalid_argument; a
// seal record that was edited, or is not of the keyring's generation, is corrupt.
struct OpenedKeyring {
  std::unique_ptr<Keyring> keyring;
  std::uint64_t revision = 0;
};

Result<OpenedKeyring> open_keyring(const store::Store& store,
                                   ByteView root,
                                   crypto::Random& random);

}  // namespace coffer::keys
