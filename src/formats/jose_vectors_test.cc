// Signed tokens against project Wycheproof's json_web_signature_test.json: what it calls invalid is
// refused, whoever signed it, and what is valid is taken where its algorithm is one of jose.h. The
// folder is $COFFER_SHARED/vectors/wycheproof, or the same under ../shared of the source tree;
// skipped where it is absent.
#include "formats/jose.h"
#include "formats/json.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace coffer::formats {
namespace {

namespace fs = std::filesystem;

fs::path file() {
  const char* shared = std::getenv("COFFER_SHARED");
  const fs::path root = shared != nullptr
                            ? fs::path(shared)
                            : fs::path(__FILE__).parent_path() / ".." / ".." / ".." / "shared";
  return root / "vectors" / "wycheproof" / "json_web_signature_test.json";
}

bool accepts(const std::string& token, const JsonView& key) {
  const auto keys = parse_jwk_set(R"({"keys":[)" + std::string(key.raw()) + "]}");
  const auto jws = parse_jws(token);
  return keys && jws && verify_jws(*jws, *keys);
}

TEST(JoseVectors, WycheproofSignatures) {
  if (!fs::is_regular_file(file())) GTEST_SKIP() << "skipped: no vectors beside the checkout";
  std::ifstream in(file(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto vectors = JsonView::parse(text);
  ASSERT_TRUE(vectors) << vectors.error().message;
  std::map<std::string, int> taken;
  int refused = 0;
  for (const JsonView& group : vectors->find("testGroups")->elements()) {
    const auto open = group.find("public");
    const JsonView key = open ? *open : *group.find("private");
    for (const JsonView& test : group.find("tests")->elements()) {
      const std::string token = *test.find("jws")->string();
      const bool valid = *test.find("result")->string() == "valid";
      const bool accepted = accepts(token, key);
      EXPECT_TRUE(valid || !accepted) << test.raw();
      if (accepted) {
        ++taken[*group.find("comment")->string()];
      } else {
        refused += valid ? 0 : 1;
      }
    }
  }
  EXPECT_EQ(refused, 355);
  // The valid ones that are left are of HS256, PS384, PS512 and ES512.
  EXPECT_EQ(taken,
            (std::map<std::string, int>{{"SpecialCaseEs256", 1},
                                        {"es256", 1},
                                        {"ps256", 6},
                                        {"rfc7520", 1},
                                        {"rfc7520WithKeyOps", 1},
                                        {"rs256", 6},
                                        {"rs384", 4},
                                        {"rs512", 4}}));
}

}  // namespace
}  // namespace coffer::formats
