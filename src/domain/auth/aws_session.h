// Temporary credentials of AWS's APIs (STS): an access key "ASIA…", its secret, and a session token
// that is self-contained, so that sessions cost no row.
//
// Token: base64url(u8 1 | u32 term | XAES-256-GCM sealed body), where the key is the term's key of
// the table "aws_sessions" (which never has a row), the associated data is "coffer aws session v1"
// with the realm and the term, and the body is the encoded AwsSession. Tokens stay valid when the
// keyring is rotated.
//
// A session ends with its time, and with every parent: the user or role whose policies count, and
// whatever the credentials came from that asked for it (access key, user, roles on the way). Each
// parent must still be there under the same id, and access keys active; that is checked at each use
// (signed_sessions.h). So to end sessions, delete or deactivate one of their parents.
//
// Limits: a token of kMaxSessionTokenText, kMaxAwsParents parents.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "formats/sigv4.h"
#include "keys/keyring.h"
#include "secure/bytes.h"

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxAwsParents = 8;

enum class AwsSessionKind : std::uint8_t {  // sealed in tokens
  role = 1,                                 // AssumeRole, AssumeRoleWithWebIdentity
  user = 2,                                 // GetSessionToken: what the user may
  federated = 3,  // GetFederationToken: what the user may and the session's policies allow
};

// What a session depends on.
struct AwsParent {
  enum class Kind : std::uint8_t { user = 1, role = 2, access_key = 3 };  // sealed in tokens
  Kind kind{};
  std::string name;  // of the user or role; the id of an access key
  std::string id;    // AIDA…, AROA…; of an access key: empty
  static constexpr auto kMembers = std::tuple{&AwsParent::kind, &AwsParent::name, &AwsParent::id};
};

struct AwsSession {
  std::string access_key_id;  // ASIA…; filled in by issue_aws_session()
  secure::SecureText secret;  // likewise
  AwsSessionKind kind{};
  std::string principal;     // name of the user or role whose policies count: the first parent
  std::string principal_id;  // AIDA…, AROA…
  std::string name;          // of the session: RoleSessionName, the federated user's name
  Timestamp issued;
  Timestamp expires;
  std::string policy;                        // the session policy's text; empty: none
  std::vector<std::string> policy_arns;      // managed policies that limit the session
  std::map<std::string, std::string> tags;   // of the session
  std::vector<std::string> transitive_tags;  // keys that go on to roles that it assumes
  std::string source_identity;               // empty: none
  std::string provider;                      // of a web identity: the issuer; empty: none
  std::vector<AwsParent> parents;  // what the credentials came from; the principal need not be here
  static constexpr auto kMembers = std::tuple{&AwsSession::access_key_id,
                                              &AwsSession::secret,
                                              &AwsSession::kind,
                                              &AwsSession::principal,
                                              &AwsSession::principal_id,
                                              &AwsSession::name,
                                              &AwsSession::issued,
                                              &AwsSession::expires,
                                              &AwsSession::policy,
                                              &AwsSession::policy_arns,
                                              &AwsSession::tags,
                                              &AwsSession::transitive_tags,
                                              &AwsSession::source_identity,
                                              &AwsSession::provider,
                                              &AwsSession::parents};
};

struct IssuedAwsSession {
  std::string access_key_id;
  secure::SecureText secret;
  secure::SecureText token;
  Timestamp expires;
  unsigned packed_percent = 0;  // of the limit that policies and tags take (PackedPolicySize)
};

// Gives `session` a new access key and seals it. too_large "PackedPolicyTooLarge" when the token
// would exceed its limit or has too many parents.
Result<IssuedAwsSession> issue_aws_session(const keys::Keyring& keyring,
                                           store::RealmId realm,
                                           crypto::Random& random,
                                           AwsSession session);

// unauthenticated for whatever this keyring did not seal for this realm. Says nothing about whether
// the session still holds.
Result<AwsSession> open_aws_session(const keys::Keyring& keyring,
                                    store::RealmId realm,
                                    std::string_view token);

}  // namespace coffer::domain
