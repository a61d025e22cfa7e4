// Sealed tokens: what the server hands out about a key and wants back as it was. Grant tokens, and
// the import tokens that carry a wrapping key.
//
//   u8 1 | u32 term | XAES-256-GCM sealed body
//
// under the term's key of the table "key_tokens", which never has a row; the associated data is
// "coffer key token v1|", the purpose, '|', the realm and the term. Every token differs from all
// others. Tokens stay good when the keyring is rotated.
#pragma once

#include "keys/keyring.h"
#include "secure/bytes.h"

#include <string_view>

namespace coffer::domain {

Result<Bytes> seal_key_token(const keys::Keyring& keyring,
                             store::RealmId realm,
                             std::string_view purpose,
                             ByteView body);

// invalid_argument for whatever this keyring did not seal for this realm and purpose.
Result<secure::SecureBytes> open_key_token(const keys::Keyring& keyring,
                                           store::RealmId realm,
                                           std::string_view purpose,
                                           ByteView token);

}  // namespace coffer::domain
