// SecretValues: the values of versioned secrets: sealed, opened, archived, pruned. What the KV
// engine (kv2.h) and managed secrets (managed_secrets.h) have in common.
//
// A change is made on an open SecretRow, which the caller puts when everything is done: all of it
// is one unit. One data key a secret seals every version of it; it lies in the row, or under a
// master key, which then is asked each time whether it may be used. Pruning takes the oldest
// versions that no stage points at.
//
// Limits and errors: kv2.h. Lives as long as one attempt of a request; borrows all it is given.
#pragma once

#include "domain/secrets/data_key_wrap.h"
#include "domain/secrets/kv_rows.h"
#include "domain/secrets/secrets_state.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxPruned = 50;        // versions removed by one write
inline constexpr std::size_t kMaxErasedValues = 50;  // with their secret

// A version that is to be.
struct FreshValue {
  std::string_view value;  // without meaning for ValueKind::none
  ValueKind kind = ValueKind::object;
  std::string id = {};  // empty: worked out
  bool current = true;  // becomes the current one; the first version does in any case
};

class SecretValues {
 public:
  // `author` is kept with each version written (its first 256 octets).
  SecretValues(work::View& view, ByteView mount, SecretsState& state, std::string_view author = {})
      : view_(view), mount_(mount), state_(state), author_(author) {}

  // Also a secret that is pending deletion. Null: there is none.
  Result<rows::RowPtr<SecretRow>> find(std::string_view path);
  // A secret without versions, under a data key of its own; not staged.
  SecretRow make(std::string_view path);
  // The value as it was given, whatever its kind. The version has one and is not gone.
  Result<secure::SecureText> open(const rows::Loaded<SecretRow>& secret,
                                  const VersionState& version);
  Result<VersionState> append(SecretRow& secret,
                              const KvConfigRow& config,
                              const FreshValue& fresh,
                              std::size_t prune_limit = kMaxPruned - 1);
  // Gives a version of ValueKind::none its value.
  Result<> fill(SecretRow& secret, std::uint64_t version, const FreshValue& fresh);
  // The stage AWSCURRENT moves to an existing version, AWSPREVIOUS to the one that had it. The
  // secret has an extra.
  Result<> make_current(SecretRow& secret, std::uint64_t version);
  // Stages the removal of a version's value.
  void drop_value(SecretRow& secret, VersionState& version);
  // The secret with the newest of its values, at most `values`: see Kv2::erase().
  Result<> erase(const SecretRow& secret, std::size_t values = kMaxErasedValues);
  // The data key moves under a master key, or (nullptr) into the row.
  Result<> wrap_under(SecretRow& secret, const WrapUnder* under);

  Result<KvConfigRow> config();

 private:
  // Values that a write moves to rows of their own, and the slots that it frees.
  struct Archive {
    std::vector<RevisionRow> rows;
    std::vector<std::uint64_t> free_slots;
  };

  Result<DataKeys::Opener> opener_of(const rows::Loaded<SecretRow>& secret);
  Result<secure::SecureBytes> data_key_of(const SecretRow& secret);
  Result<Bytes> seal(const SecretRow& secret, std::uint64_t version, std::string_view data);
  RevisionRow row_of(const SecretRow& secret, const VersionState& version, Bytes ciphertext) const;
  static void archive_current(const SecretRow& secret, Archive& archive);
  Result<> put_archive(SecretRow& secret, Archive archive);

  work::View& view_;
  ByteView mount_;
  SecretsState& state_;
  std::string_view author_;
};

}  // namespace coffer::domain
