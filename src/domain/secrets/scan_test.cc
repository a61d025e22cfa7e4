#include "domain/secrets/scan.h"

#include "domain/secrets/cubbyhole.h"
#include "domain/secrets/kv1.h"
#include "domain/secrets/secrets_world.h"

#include <gmock/gmock.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::vector<std::string>;

bool everywhere(std::string_view /*folder*/) {
  return true;
}

class ScanTest : public SecretsTest {
 protected:
  void fill() {
    for (const char* path : {"a", "b/c", "b/d/e", "b/d/f", "b0", "g/h"}) {
      ASSERT_TRUE(write(path, "{}")) << path;
    }
    work::View view = world_.view();
    ASSERT_TRUE(Kv2(view, other_, state_).write("z", "{}"));
    ASSERT_TRUE(world_.commit(view));
  }

  Names scan(std::string_view folder, const ScanPage& page, const MayEnter& may_enter) {
    return unit([&](Kv2& kv) { return kv.scan(folder, page, may_enter); }).value();
  }
};

TEST_F(ScanTest, GivesWholePathsFromTheFolderOn) {
  fill();
  const ScanPage all{.after = "", .limit = 100};
  EXPECT_THAT(scan("", all, everywhere), ElementsAre("a", "b/c", "b/d/e", "b/d/f", "b0", "g/h"));
  EXPECT_THAT(scan("b/", all, everywhere), ElementsAre("c", "d/e", "d/f"));
  EXPECT_THAT(scan("none/", all, everywhere), IsEmpty());
}

TEST_F(ScanTest, GoesOnBehindAName) {
  fill();
  EXPECT_THAT(scan("", {.after = "", .limit = 2}, everywhere), ElementsAre("a", "b/c"));
  EXPECT_THAT(scan("", {.after = "b/c", .limit = 2}, everywhere), ElementsAre("b/d/e", "b/d/f"));
  EXPECT_THAT(scan("b/", {.after = "d/e", .limit = 9}, everywhere), ElementsAre("d/f"));
}

TEST_F(ScanTest, LeavesOutFoldersThatMayNotBeEnteredWithAllBelow) {
  fill();
  Names asked;
  const auto but = [&](std::string_view closed) {
    return [&asked, closed](std::string_view folder) {
      asked.emplace_back(folder);
      return folder != closed;
    };
  };
  const ScanPage all{.after = "", .limit = 100};
  EXPECT_THAT(scan("", all, but("b/")), ElementsAre("a", "b0", "g/h"));
  EXPECT_THAT(asked, ElementsAre("b/", "g/")) << "nothing is asked below a closed folder";
  EXPECT_THAT(scan("", all, but("b/d/")), ElementsAre("a", "b/c", "b0", "g/h"));
  EXPECT_THAT(scan("", {.after = "b/d/e", .limit = 9}, but("b/d/")), ElementsAre("b0", "g/h"));
}

TEST_F(ScanTest, EndsWhereItWouldLookAtTooMuch) {
  std::vector<Bytes> keys;
  for (std::size_t i = 0; i < 256; ++i) keys.push_back(to_bytes("k"));
  const auto endless =
      scan_keys({}, {.after = "", .limit = kMaxScanned + 1}, everywhere, [&](auto...) {
        return Result<std::vector<Bytes>>(keys);
      });
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, Code::too_large);
}

TEST_F(ScanTest, TheOtherEnginesScanTheirOwn) {
  work::View view = world_.view();
  ASSERT_TRUE(Kv1(view, kv_).write("a/b", "{}"));
  ASSERT_TRUE(Cubbyhole(view, "abc").write("x/y", "{}"));
  ASSERT_TRUE(Cubbyhole(view, "abcd").write("z", "{}"));
  const ScanPage all{.after = "", .limit = 100};
  EXPECT_THAT(Kv1(view, kv_).scan("", all, everywhere).value(), ElementsAre("a/b"));
  EXPECT_THAT(Cubbyhole(view, "abc").scan("", all, everywhere).value(), ElementsAre("x/y"));
  EXPECT_FALSE(Cubbyhole(view, "").scan("", all, everywhere)) << "a batch token has none";
}

}  // namespace
}  // namespace coffer::domain
