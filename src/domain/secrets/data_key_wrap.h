// A secret's data key under a master key, and moving it to a newer version of that key.
//
//   blob = ciphertext of the version (opened_key.h), associated data = "coffer secret data key v1"
//   |
//          mount of the secret | uid of the secret
//
// Opening one asks the master key each time whether it may be used now: a key that is disabled, or
// pending deletion, or trimmed past the version, refuses at once, whatever is cached. The index
// kSecretWraps finds the secrets that depend on versions of a key; a row names the version, and
// the blob opens under no other.
//
// Errors: precondition_failed (the key is gone, or in a state that refuses), invalid_argument (it
// cannot wrap, or the version is too old), corrupt, and those from below.
#pragma once

#include "domain/kms/master_keys.h"
#include "domain/secrets/kv_rows.h"
#include "work/view.h"

#include <cstdint>
#include <vector>

namespace coffer::domain {

// A master key and the mount that it lies in.
struct WrapUnder {
  Bytes mount;
  KeyPtr key;  // not null
};

// Counts as an encryption of the key; refuses a type that is not symmetric.
Result<DataKeyWrap> wrap_data_key(work::View& view,
                                  KmsState& kms,
                                  const WrapUnder& under,
                                  const SecretRow& owner,
                                  ByteView data_key);
// The master key as it is now.
Result<WrapUnder> wrapping_key(work::View& view, KmsState& kms, const DataKeyWrap& wrap);
// Success: the data key may be opened now. For readers that have it at hand already.
Result<> check_unwrap(work::View& view, KmsState& kms, const DataKeyWrap& wrap);
Result<secure::SecureBytes> unwrap_data_key(work::View& view,
                                            KmsState& kms,
                                            const SecretRow& owner,
                                            const DataKeyWrap& wrap);

// Of the index kSecretWraps. Without a version: the prefix of all of them.
Bytes wrap_entry(ByteView key_uid);
Bytes wrap_entry(ByteView key_uid, std::uint32_t version);

// Places (row keys, see view.find<SecretRow>) of secrets whose data keys lie under versions of the
// master key below `version`, oldest versions first, at most `limit`. Empty: nothing depends on
// them any more (committed rows only).
Result<std::vector<Bytes>> wrapped_below(work::View& view,
                                         ByteView key_uid,
                                         std::uint32_t version,
                                         std::size_t limit);
// Stages the secret with its data key under the latest version. False: it is under it already, or
// there is no such secret.
Result<bool> rewrap_data_key(work::View& view, KmsState& kms, const Bytes& place);

}  // namespace coffer::domain
