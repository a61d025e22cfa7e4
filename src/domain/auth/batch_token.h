// Batch tokens: self-contained, sealed under the keyring; they have no row, no accessor and no uses
// to count, cannot be renewed or revoked, and die with their parent or their mount.
//
// Text: "hvb." base64url(u8 1 | u32 term | XAES-256-GCM sealed body), where the key is the term's
// key of the table "batch_tokens" (which never has a row), the associated data is "coffer batch
// token v1" with the realm and the term, and the body is the encoded BatchToken. Tokens stay valid
// when the keyring is rotated.
#pragma once

#include "domain/auth/token_row.h"
#include "keys/keyring.h"
#include "secure/bytes.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct BatchToken {
  std::vector<std::string> policies;
  std::map<std::string, std::string> meta;
  std::string display_name;
  std::string path;
  std::string role;
  std::string mount_accessor;
  std::string entity_id;
  ParentRef parent;
  Timestamp created;
  Duration ttl{};  // never 0
  std::vector<std::string> bound_cidrs;
  static constexpr auto kMembers = std::tuple{&BatchToken::policies,
                                              &BatchToken::meta,
                                              &BatchToken::display_name,
                                              &BatchToken::path,
                                              &BatchToken::role,
                                              &BatchToken::mount_accessor,
                                              &BatchToken::entity_id,
                                              &BatchToken::parent,
                                              &BatchToken::created,
                                              &BatchToken::ttl,
                                              &BatchToken::bound_cidrs};
};

// too_large when the text would exceed kMaxTokenText.
Result<secure::SecureText> seal_batch_token(const keys::Keyring& keyring,
                                            store::RealmId realm,
                                            const BatchToken& token);

// permission_denied "permission denied" for whatever this keyring did not seal for this realm.
Result<BatchToken> open_batch_token(const keys::Keyring& keyring,
                                    store::RealmId realm,
                                    std::string_view text);

}  // namespace coffer::domain
