#include "gate/names_in_path.h"

#include "gate/path_pattern.h"

#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view sent;
  std::string_view canonical;  // empty: refused
};

Routing routing_of(const Case& c) {
  Routing routing;
  routing.mount = "auth/x/";
  routing.rest = c.sent;
  routing.path = routing.mount + routing.rest;
  EXPECT_TRUE(match_pattern(c.pattern, c.sent, LastSlash::ignored, routing.captures)) << c.sent;
  return routing;
}

TEST(NamesInPath, HaveOneSpelling) {
  const Case cases[] = {
      {"role/{role}", "role/web", "role/web"},
      {"role/{role}", "role/WEB", "role/web"},
      {"role/{role}/secret-id", "role/Web/secret-id/", "role/web/secret-id/"},
      {"role/{role}/secret-id", "role/Web/secret-id", "role/web/secret-id"},
      {"users/{user}", "users/Bob", "users/bob"},
      {"users/{user}/password", "users/ bob/password", ""},
      {"users/{user}", "users/bob ", ""},
      {"group/name/{identity}", "group/name/ADMINs", "group/name/admins"},
      {"group/name/{identity}", "group/name/admins ", ""},
      {"x/{accessor}/unlock/{user}", "x/A/unlock/Bob", "x/A/unlock/bob"},
      {"acl/{policy...}", "acl/Team/ADMIN", "acl/team/admin"},
      {"mounts/{mount...}", "mounts/kv/", "mounts/kv"},
      {"mounts/{mount...}", "mounts/KV", "mounts/KV"},
      // Exact names, and texts that are no names of their kind.
      {"data/{path...}", "data/A/b/", "data/A/b/"},
      {"entity/{name}", "entity/Bob", "entity/Bob"},
      {"role/{role}", "role/-Web", "role/-Web"},
  };
  for (const Case& c : cases) {
    Routing routing = routing_of(c);
    const Result<> done = canonicalise_names(c.pattern, routing);
    EXPECT_EQ(done.has_value(), !c.canonical.empty()) << c.sent;
    if (!done) continue;
    EXPECT_EQ(routing.rest, c.canonical) << c.sent;
    EXPECT_EQ(routing.path, "auth/x/" + std::string(c.canonical)) << c.sent;
    Routing again = routing_of({c.pattern, c.canonical, {}});
    EXPECT_EQ(routing.captures, again.captures) << c.sent;
  }
}

}  // namespace
}  // namespace coffer::gate
