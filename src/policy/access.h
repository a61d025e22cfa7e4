// Access: one thing that somebody wants to do, in the words of every policy language at once.
//
// The gate makes Accesses from canonical request bytes; the evaluator (evaluator.h) decides them.
// The same path bytes route the request. Plain values; an Access borrows the body of its request.
#pragma once

#include "base/clock.h"
#include "formats/json.h"
#include "policy/iam_access.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::policy {

// Vault's capabilities. Values are bits and are stored in compiled policies only in memory.
enum class Capability : std::uint16_t {
  none = 0,
  deny = 1,
  create = 2,
  read = 4,
  update = 8,
  del = 16,
  list = 32,
  sudo = 64,
  patch = 128,
  scan = 256,  // listing with everything below: OpenBao's
};

std::string_view to_text(Capability capability);
std::optional<Capability> parse_capability(std::string_view name);

// The parameters of a request, read only when a rule has something to say about them: their values
// may be secrets, so that nothing is copied. Borrows the request's body.
struct Parameters {
  formats::JsonView value;
  // Empty: `value` is an object and its members are the parameters. Else it is the value of this
  // one parameter; a name of static duration.
  std::string_view single = {};

  [[nodiscard]] std::vector<std::pair<std::string, formats::JsonView>> all() const;
};

struct Access {
  // Our own action, e.g. "secret.read". Path-pattern documents name operations by its last word.
  std::string action;
  // Vault spelling of the resource: full API path without /v1/, canonical, e.g. "secret/data/a/b".
  std::string path;
  Capability capability = Capability::none;
  // True for endpoints that need sudo on top of the capability.
  bool needs_sudo = false;
  // The secret's own path inside its mount as segments, when the access is to a secret:
  // path-pattern documents match on it (dotted). Empty: the root of the mount, which is listed.
  // Absent: the access is to something else, which documents neither allow nor deny.
  std::optional<std::vector<std::string>> secret_segments;
  // Nothing with a lifetime comes of it, so that no TTL can be asked for: conditions about the TTL
  // do not apply. Without this a TTL that is not known denies.
  bool issues_nothing = false;
  // It tells the caller about its own token, or ends it. The policies that are there decide it,
  // also where one that is named is missing, which denies everything else.
  bool about_own_token = false;
  // For allowed/denied/required_parameters. Absent when the request has no body.
  std::optional<Parameters> parameters;
  // IAM's spelling. Absent: IAM policies neither allow nor deny, and a session that is limited by
  // policies of its own may not do it.
  std::optional<IamAccess> iam;
};

// What is known about the request and its principal. A condition whose fact is missing denies.
struct Facts {
  Timestamp now;
  std::optional<std::string> source_ip;
  std::optional<Duration> requested_ttl;
  std::optional<Duration> wrap_ttl;  // of the response wrapping asked for
  std::string entity_id;             // empty: none
  std::string entity_name;
  std::map<std::string, std::string> entity_metadata;

  // mount accessor -> (alias name, alias metadata), for identity templates
  struct Alias {
    std::string id;
    std::string name;
    std::map<std::string, std::string> metadata;
  };

  std::map<std::string, Alias> aliases;

  // The principal in IAM's words. Absent: the token of another dialect, whom no Principal element
  // names. It belongs to the account of the realm.
  std::optional<IamPrincipal> iam;
  std::optional<bool> secure_transport;
  std::optional<std::string> region;  // that was asked, from the scope of the signature

  // group id -> what it is called, for identity templates: every group that the entity is in,
  // directly or through other groups
  struct Group {
    std::string name;
    std::map<std::string, std::string> metadata;
  };

  std::map<std::string, Group> groups;
};

}  // namespace coffer::policy
