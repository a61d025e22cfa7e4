// The inner encryption of secret values: XAES-256-GCM under a data key that belongs to one secret.
//
// The data key itself is a sealed member of the secret's row, so that whoever erases that row makes
// every copy of its values unreadable, and a rotation of the keyring rewrites small rows only. The
// associated data names what the value is a value of; format: docs/formats/secrets.md. Pure
// functions; safe for concurrent use. Errors: too_large (value over kMaxSecretValue), corrupt.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "secure/bytes.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kDataKeySize = 32;
// Octets of one value as it is given. What is left of a blob holds the row around it.
inline constexpr std::size_t kMaxSecretValue = store::kMaxBlob - 4096;

Result<Bytes> seal_value(ByteView data_key,
                         ByteView associated,
                         std::string_view value,
                         crypto::Random& random);
Result<secure::SecureText> open_value(ByteView data_key,
                                      ByteView associated,
                                      ByteView sealed,
                                      crypto::Random& random);

// The same in two steps, for keys that open many values. `random` outlives the opener.
Result<std::shared_ptr<const crypto::Aead>> value_opener(ByteView data_key, crypto::Random& random);
Result<secure::SecureText> open_value(const crypto::Aead& opener,
                                      ByteView associated,
                                      ByteView sealed);

// Associated data of one revision of a versioned secret.
Bytes revision_binding(ByteView secret_uid, std::uint64_t version);
// Associated data of the one value of an unversioned secret.
Bytes plain_binding(ByteView mount_id, std::string_view path);

}  // namespace coffer::domain
