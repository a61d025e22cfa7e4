#include "dialects/aws/home.h"

#include "dialects/aws/answers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace coffer::dialects::aws {
namespace {

struct HomeFacts {
  Home home;
  std::string_view path;
  domain::Engine engine;
  std::string_view description;
};

constexpr std::array kHomes{
    HomeFacts{Home::keys, "transit/", domain::Engine::transit, "keys, shared with AWS KMS"},
    HomeFacts{
        Home::secrets, "secret/", domain::Engine::kv_v2, "secrets, shared with Secrets Manager"},
    HomeFacts{Home::parameters,
              "parameter/",
              domain::Engine::kv_v2,
              "parameters, shared with Parameter Store"},
};

const HomeFacts& facts(Home home) {
  return *std::ranges::find(kHomes, home, &HomeFacts::home);
}

}  // namespace

Result<MountPtr> find_home(work::View& view, Home home) {
  const HomeFacts& wanted = facts(home);
  COFFER_TRY(domain::Mounts::Found found,
             domain::Mounts(view).resolve(domain::MountKind::secret, wanted.path));
  if (found.mount == nullptr) return MountPtr();
  if (found.mount->path != wanted.path || found.mount->engine != wanted.engine) {
    return coffer::fail(
        Code::precondition_failed,
        "another engine is mounted at " + std::string(wanted.path) + ", the home of this service");
  }
  return MountPtr(found.keep, found.mount);
}

Result<MountPtr> home_for_write(work::View& view, Home home) {
  COFFER_TRY(MountPtr there, find_home(view, home));
  if (there) return there;
  const HomeFacts& wanted = facts(home);
  domain::Mount mount;
  mount.path = wanted.path;
  mount.engine = wanted.engine;
  mount.description = wanted.description;
  if (wanted.engine == domain::Engine::kv_v2) mount.options["version"] = "2";
  COFFER_CHECK(domain::Mounts(view).add(domain::MountKind::secret, std::move(mount)));
  return find_home(view, home);
}

}  // namespace coffer::dialects::aws
