#include "gate/path_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

TEST(PathPattern, Matches) {
  struct Case {
    std::string_view pattern;
    std::string_view path;
    std::vector<std::string> captures;
  };

  const Case cases[] = {
      {"config", "config", {}},
      {"config", "config/", {}},
      {"data/{path...}", "data/a/b", {"a/b"}},
      {"metadata/{path...?}", "metadata/", {""}},
      {"metadata/{path...?}", "metadata", {""}},
      {"role/{name}/secret-id", "role/web/secret-id", {"web"}},
      {"role/{name}", "role/web/", {"web"}},
      {"{path...}", "x/", {"x/"}},
  };
  for (const Case& c : cases) {
    std::vector<std::string> captures;
    EXPECT_TRUE(match_pattern(c.pattern, c.path, captures)) << c.pattern << " " << c.path;
    EXPECT_EQ(captures, c.captures) << c.pattern << " " << c.path;
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
    EXPECT_FALSE(match_pattern(pattern, path, captures)) << pattern << " " << path;
  }
}

}  // namespace
}  // namespace coffer::gate
