// IAM: users, roles, access keys and managed policies of a realm, as the IAM query API, the native
// API and the development server change them.
//
// Everything takes effect with the commit: a deleted user, an inactive key and a detached policy
// are refused from then on, temporary credentials included (auth/aws_session.h). Errors carry IAM's
// names: NoSuchEntity, EntityAlreadyExists, DeleteConflict, LimitExceeded, MalformedPolicyDocument,
// InvalidInput, ValidationError; corrupt and unavailable come from below.
//
// Limits: kMaxAwsPrincipals users and as many roles, two access keys a user, otherwise those of
// aws_rows.h. Works on one View; not thread-safe.
#pragma once

#include "domain/identity/aws_names.h"
#include "domain/identity/aws_policies.h"
#include "domain/identity/aws_rows.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxAwsPrincipals = 5000;
inline constexpr std::size_t kMaxAwsKeysOfUser = 2;
inline constexpr std::size_t kMaxAwsPolicies = 20;  // attached, and again embedded
inline constexpr std::size_t kMaxAwsEmbeddedOctets = 40 * 1024;

enum class AwsOwner : std::uint8_t { user, role };

// "user", "role"
std::string_view to_text(AwsOwner kind);

struct NewAwsUser {
  std::string name;
  std::string path = "/";
  std::map<std::string, std::string> tags;
};

struct NewAwsRole {
  std::string name;
  std::string path = "/";
  std::string trust;
  std::string description;
  Duration max_session = std::chrono::hours(1);  // one to twelve hours
  std::map<std::string, std::string> tags;
};

struct NewAwsAccessKey {
  std::string id;
  secure::SecureText secret;
};

// What is chosen by who makes it, and random otherwise; for development servers and seeds.
struct ChosenAwsAccessKey {
  std::string id;
  secure::SecureText secret;
};

struct AwsKeyUse {
  std::string user;
  std::optional<AwsKeyUseRow> last;  // nullopt: never
};

class AwsIdentities {
 public:
  AwsIdentities(work::View& view, PolicyCache& cache, std::string_view account)
      : view_(view), cache_(cache), account_(account) {}

  // NoSuchEntity when there is none.
  Result<AwsUserPtr> user(std::string_view name);
  Result<AwsRolePtr> role(std::string_view name);
  // In order of their names in lower case, those below the path.
  Result<std::vector<AwsUserPtr>> users(std::string_view path_prefix = "/");
  Result<std::vector<AwsRolePtr>> roles(std::string_view path_prefix = "/");

  Result<AwsUserRow> create_user(const NewAwsUser& wanted);
  Result<AwsRoleRow> create_role(const NewAwsRole& wanted);
  // DeleteConflict while it has policies, or a user access keys; `with_all`: those go too.
  Result<> remove_user(std::string_view name, bool with_all = false);
  Result<> remove_role(std::string_view name, bool with_all = false);

  Result<> set_trust(std::string_view role, std::string_view text);

  struct RoleChange {
    std::optional<std::string> description;
    std::optional<Duration> max_session;
  };

  Result<> change_role(std::string_view role, const RoleChange& change);

  // Of the user's own.
  Result<NewAwsAccessKey> create_key(std::string_view user,
                                     std::optional<ChosenAwsAccessKey> chosen = std::nullopt);
  Result<std::vector<AwsAccessKeyPtr>> keys_of(std::string_view user);
  Result<> set_key_active(std::string_view user, std::string_view id, bool active);
  Result<> remove_key(std::string_view user, std::string_view id);
  Result<AwsKeyUse> key_use(std::string_view id);

  // Policies of users and roles.
  Result<AwsGrants> grants(AwsOwner kind, std::string_view name);
  Result<> attach(AwsOwner kind, std::string_view name, std::string_view arn);
  Result<> detach(AwsOwner kind, std::string_view name, std::string_view arn);
  Result<> embed(AwsOwner kind,
                 std::string_view name,
                 std::string_view policy,
                 std::string_view text);
  Result<> remove_embedded(AwsOwner kind, std::string_view name, std::string_view policy);
  Result<> tag(AwsOwner kind,
               std::string_view name,
               const std::map<std::string, std::string>& tags);
  Result<> untag(AwsOwner kind, std::string_view name, const std::vector<std::string>& keys);

  [[nodiscard]] std::string arn_of(const AwsUserRow& user) const;
  [[nodiscard]] std::string arn_of(const AwsRoleRow& role) const;

 private:
  using Change = std::function<Result<>(AwsGrants&)>;
  Result<> change_grants(AwsOwner kind, std::string_view name, const Change& change);
  Result<AwsAccessKeyPtr> key_of(const AwsUserRow& user, std::string_view id);
  Result<std::string> fresh_key_id();

  work::View& view_;
  PolicyCache& cache_;
  std::string account_;
};

}  // namespace coffer::domain
