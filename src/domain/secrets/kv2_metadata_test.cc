// The check-and-set of a secret's settings.
#include "domain/secrets/secrets_world.h"

namespace coffer::domain {
namespace {

class Kv2Metadata : public SecretsTest {
 protected:
  // The error's message, or "".
  std::string set(const MetadataChange& change) {
    const auto done = unit([&](Kv2& kv) { return kv.write_metadata("a", change); });
    return done ? "" : message(done.error());
  }

  std::string patch(const MetadataChange& change) {
    const auto done = unit([&](Kv2& kv) { return kv.patch_metadata("a", change); });
    return done ? "" : message(done.error());
  }

  std::uint64_t version() { return *metadata("a").value()->row.metadata_version; }
};

constexpr std::string_view kMismatch =
    "metadata check-and-set parameter does not match the current version";
constexpr std::string_view kRequired = "metadata check-and-set parameter required for this call";

TEST_F(Kv2Metadata, CountsChangesOfTheSettingsOnly) {
  ASSERT_TRUE(write("a", "{}"));
  EXPECT_EQ(version(), 0U) << "writing values does not count";
  EXPECT_EQ(set({.max_versions = 3}), "");
  EXPECT_EQ(patch({.max_versions = 4}), "");
  EXPECT_EQ(version(), 2U);
  ASSERT_TRUE(write("a", "{}"));
  EXPECT_EQ(version(), 2U);
}

TEST_F(Kv2Metadata, RefusesWhatExpectsAnotherVersion) {
  EXPECT_EQ(set({.max_versions = 3, .cas = 1}), kMismatch);
  EXPECT_FALSE(metadata("a")) << "nothing was made";
  EXPECT_EQ(set({.max_versions = 3, .cas = 0}), "");
  for (const std::int64_t wrong : {0, 2, -1}) {
    EXPECT_EQ(set({.max_versions = 9, .cas = wrong}), kMismatch) << wrong;
    EXPECT_EQ(patch({.max_versions = 9, .cas = wrong}), kMismatch) << wrong;
  }
  EXPECT_EQ(*metadata("a").value()->row.max_versions, 3U);
  EXPECT_EQ(patch({.max_versions = 4, .cas = 1}), "");
  EXPECT_EQ(version(), 2U);
}

TEST_F(Kv2Metadata, SecretOrMountMayRequireTheCheck) {
  EXPECT_EQ(set({.metadata_cas_required = true}), "");
  EXPECT_EQ(set({.max_versions = 3}), kRequired);
  EXPECT_EQ(patch({.max_versions = 3}), kRequired);
  EXPECT_EQ(set({.metadata_cas_required = false, .cas = 1}), "");
  EXPECT_EQ(set({.max_versions = 3}), "");
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.metadata_cas_required = true}); }));
  EXPECT_EQ(set({.max_versions = 4}), kRequired);
  EXPECT_EQ(set({.max_versions = 4, .cas = 3}), "");
}

TEST_F(Kv2Metadata, NoSettingIsNoChange) {
  EXPECT_EQ(set({}), "");
  EXPECT_FALSE(metadata("a")) << "not even a secret without versions";
  EXPECT_EQ(set({.max_versions = 3}), "");
  EXPECT_EQ(set({.cas = 999}), "");
  EXPECT_EQ(patch({.cas = 999}), "");
  EXPECT_EQ(version(), 1U);
}

}  // namespace
}  // namespace coffer::domain
