#include "gate/path_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view path;
  std::vector<std::string> captures;
};

TEST(PathPattern, Matches) {
  const Case cases[] = {
      {"config", "config", {}},
      {"data/{path...}", "data/a/b", {"a/b"}},
      {"metadata/{path...?}", "metadata/", {""}},
      {"metadata/{path...?}", "metadata", {""}},
      {"role/{name}/secret-id", "role/web/secret-id", {"web"}},
      {"{path...}", "x/", {"x/"}},
  };
  for (const Case& c : cases) {
    std::vector<std::string> captures;
    for (const LastSlash slash : {LastSlash::refused, LastSlash::ignored}) {
      EXPECT_TRUE(match_pattern(c.pattern, c.path, slash, captures)) << c.pattern << " " << c.path;
      EXPECT_EQ(captures, c.captures) << c.pattern << " " << c.path;
    }
  }
}

// Policies tell "role/web" from "role/web/": only a listing may ignore the difference.
TEST(PathPattern, IgnoresALastSlashWhereItIsToldTo) {
  const Case cases[] = {
      {"config", "config/", {}},
      {"role/{name}", "role/web/", {"web"}},
      {"role/{name}/secret-id", "role/web/secret-id/", {"web"}},
  };
  for (const Case& c : cases) {
    std::vector<std::string> captures;
    EXPECT_FALSE(match_pattern(c.pattern, c.path, LastSlash::refused, captures)) << c.path;
    EXPECT_TRUE(match_pattern(c.pattern, c.path, LastSlash::ignored, captures)) << c.path;
    EXPECT_EQ(captures, c.captures) << c.path;
  }
}

TEST(PathPattern, Refuses) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"config", "configs"},
      {"config", "config/x"},
      {"data/{path...}", "data/"},
      {"data/{path...}", "data"},
      {"role/{name}", "role/"},
      {"role/{name}", "role/a/b"},
      {"role/{name}/x", "role/a"},
      {"role/{name}/x", "role/a/y"},
      {"a/b", "a"},
      {"{path...}", ""},
  };
  for (const auto& [pattern, path] : cases) {
    std::vector<std::string> captures;
    for (const LastSlash slash : {LastSlash::refused, LastSlash::ignored}) {
      EXPECT_FALSE(match_pattern(pattern, path, slash, captures)) << pattern << " " << path;
    }
  }
}

}  // namespace
}  // namespace coffer::gate
