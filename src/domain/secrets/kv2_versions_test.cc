// Deleting, undeleting, destroying, pruning, expiry, metadata.
#include "domain/secrets/kv2.h"
#include "domain/secrets/secrets_world.h"

namespace coffer::domain {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Kv2Versions : public SecretsTest {
 protected:
  using Numbers = std::vector<std::int64_t>;

  void write_versions(int count) {
    for (int i = 1; i <= count; ++i) {
      ASSERT_TRUE(write("a", "{\"v\":" + std::to_string(i) + "}"));
    }
  }

  Result<> remove(const Numbers& n) {
    return unit([&](Kv2& kv) { return kv.remove("a", n); });
  }

  Result<> undelete(const Numbers& n) {
    return unit([&](Kv2& kv) { return kv.undelete("a", n); });
  }

  Result<> destroy(const Numbers& n) {
    return unit([&](Kv2& kv) { return kv.destroy("a", n); });
  }

  std::size_t stored_revisions() {
    return world_.store->scan_keys(rows::tables::kRevisions.id, work::kTestRealm, {}, {}, 1000)
        ->size();
  }
};

TEST_F(Kv2Versions, DeletedVersionsComeBack) {
  write_versions(3);
  ASSERT_TRUE(remove({1, 3, 9, -1, 0}));
  EXPECT_EQ(read("a"), "gone");
  EXPECT_EQ(read("a", 1), "gone");
  EXPECT_EQ(read("a", 2), R"({"v":2})");
  ASSERT_TRUE(undelete({3, 9}));
  EXPECT_EQ(read("a"), R"({"v":3})");
  EXPECT_EQ(read("a", 1), "gone");
}

TEST_F(Kv2Versions, DeletingTwiceKeepsTheFirstTime) {
  write_versions(1);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.remove_latest("a"); }));
  const Timestamp first = metadata("a").value()->row.versions->at(0).deletion;
  world_.clock.advance(hours(1));
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.remove_latest("a"); }));
  EXPECT_EQ(metadata("a").value()->row.versions->at(0).deletion, first);
}

TEST_F(Kv2Versions, DeletingNothingIsNoError) {
  EXPECT_TRUE(unit([](Kv2& kv) { return kv.remove_latest("a"); }));
  EXPECT_TRUE(remove({1}));
  EXPECT_TRUE(undelete({1}));
  EXPECT_TRUE(destroy({1}));
  EXPECT_TRUE(unit([](Kv2& kv) { return kv.erase("a"); }));
}

TEST_F(Kv2Versions, NumbersMustBeGivenAndFew) {
  for (const auto& call : {&Kv2::remove, &Kv2::undelete, &Kv2::destroy}) {
    work::View view = world_.view();
    Kv2 kv(view, kv_, keys_);
    EXPECT_EQ((kv.*call)("a", {}).error(),
              (Error{Code::invalid_argument, "No version number provided"}));
    EXPECT_EQ((kv.*call)("a", Numbers(kMaxNamedVersions + 1, 1)).error().code, Code::too_large);
  }
}

TEST_F(Kv2Versions, DestroyedVersionsStayDestroyed) {
  write_versions(2);
  EXPECT_EQ(stored_revisions(), 2U);
  ASSERT_TRUE(destroy({1}));
  EXPECT_EQ(stored_revisions(), 1U);
  EXPECT_EQ(read("a", 1), "gone");
  ASSERT_TRUE(undelete({1}));
  EXPECT_EQ(read("a", 1), "gone");
  const auto row = metadata("a").value();
  EXPECT_TRUE(row->row.versions->at(0).destroyed);
  EXPECT_EQ(row->row.versions->at(0).deletion, Timestamp{});
  ASSERT_TRUE(destroy({1, 2}));
  EXPECT_EQ(stored_revisions(), 0U);
  EXPECT_TRUE(metadata("a").value()->row.current_value->empty()) << "no copy is left";
  EXPECT_EQ(read("a"), "gone");
}

TEST_F(Kv2Versions, SmallCurrentValuesLieInTheSecretsRow) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  EXPECT_FALSE(metadata("a").value()->row.current_value->empty());
  const std::string large = "{\"v\":\"" + std::string(kMaxCurrentValue, 'x') + "\"}";
  ASSERT_TRUE(write("a", large));
  EXPECT_TRUE(metadata("a").value()->row.current_value->empty());
  EXPECT_EQ(read("a"), large);
  EXPECT_EQ(read("a", 1), R"({"v":1})");
}

// As SecretRow was before its version 2.
struct SecretRowV1 {
  static constexpr rows::TableSpec kTable = rows::tables::kSecrets;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> path;
  rows::Clear<Bytes> uid;
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::uint64_t> current;
  rows::Clear<std::vector<VersionState>> versions;
  rows::Clear<std::uint32_t> max_versions;
  rows::Clear<bool> cas_required;
  rows::Clear<Duration> delete_version_after;
  rows::Clear<CustomMetadata> custom_metadata;
  rows::Sealed<secure::SecureBytes> data_key;
  static constexpr auto kMembers = std::tuple{&SecretRowV1::mount,
                                              &SecretRowV1::path,
                                              &SecretRowV1::uid,
                                              &SecretRowV1::created,
                                              &SecretRowV1::updated,
                                              &SecretRowV1::current,
                                              &SecretRowV1::versions,
                                              &SecretRowV1::max_versions,
                                              &SecretRowV1::cas_required,
                                              &SecretRowV1::delete_version_after,
                                              &SecretRowV1::custom_metadata,
                                              &SecretRowV1::data_key};

  [[nodiscard]] Bytes key() const { return secret_key(*mount, *path); }
};

TEST_F(Kv2Versions, RowsOfVersion1AreRead) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  {
    work::View view = world_.view();
    const auto found = view.find<SecretRow>(secret_key(kv_.id, "a")).value();
    const SecretRow now = view.open(*found).value();
    SecretRowV1 then;
    then.mount = *now.mount;
    then.path = *now.path;
    then.uid = *now.uid;
    then.created = *now.created;
    then.updated = *now.updated;
    then.current = *now.current;
    then.versions = *now.versions;
    then.data_key = now.data_key->clone();
    ASSERT_TRUE(view.put(std::move(then)));
    ASSERT_TRUE(world_.commit(view));
  }
  world_.restart();
  EXPECT_EQ(read("a"), R"({"v":1})");
  ASSERT_TRUE(write("a", R"({"v":2})"));
  EXPECT_EQ(read("a"), R"({"v":2})");
  EXPECT_EQ(read("a", 1), R"({"v":1})");
}

TEST_F(Kv2Versions, TenVersionsAreKept) {
  write_versions(12);
  EXPECT_EQ(read("a", 2), "not_found");
  EXPECT_EQ(read("a", 3), R"({"v":3})");
  EXPECT_EQ(stored_revisions(), 10U);
  EXPECT_EQ(metadata("a").value()->row.versions->front().number, 3U);
}

TEST_F(Kv2Versions, OwnLimitGoesBeforeTheMounts) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.max_versions = 2}); }));
  write_versions(3);
  EXPECT_EQ(stored_revisions(), 2U);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 4}); }));
  write_versions(3);
  EXPECT_EQ(stored_revisions(), 4U);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 1}); }));
  EXPECT_EQ(stored_revisions(), 4U);  // the next write prunes
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 1U);
}

TEST_F(Kv2Versions, PruningIsBoundedAndGoesOn) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 1000}); }));
  write_versions(80);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 5}); }));
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 81U - kMaxPruned);
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 5U);
}

TEST_F(Kv2Versions, VersionsExpireByTheirSecret) {
  ASSERT_TRUE(
      unit([](Kv2& kv) { return kv.write_metadata("a", {.delete_version_after = minutes(10)}); }));
  const auto written = write("a", "{}");
  EXPECT_EQ(written->version.deletion, written->version.created + minutes(10));
  world_.clock.advance(minutes(9));
  EXPECT_EQ(read("a"), "{}");
  world_.clock.advance(minutes(1));
  EXPECT_EQ(read("a"), "gone");
  ASSERT_TRUE(undelete({1}));
  EXPECT_EQ(read("a"), "{}");
}

struct ExpiryCase {
  Duration mount;
  Duration own;
  Duration expected;  // 0: never
};

TEST_F(Kv2Versions, ShorterDurationWinsUnlessSwitchedOff) {
  const ExpiryCase cases[] = {
      {seconds(0), seconds(0), seconds(0)},
      {hours(1), seconds(0), hours(1)},
      {seconds(0), hours(2), hours(2)},
      {hours(1), hours(2), hours(1)},
      {hours(3), hours(2), hours(2)},
      {seconds(-1), hours(2), seconds(0)},
  };
  for (const ExpiryCase& c : cases) {
    ASSERT_TRUE(unit([&](Kv2& kv) { return kv.write_config({.delete_version_after = c.mount}); }));
    ASSERT_TRUE(
        unit([&](Kv2& kv) { return kv.write_metadata("a", {.delete_version_after = c.own}); }));
    const auto written = write("a", "{}");
    ASSERT_TRUE(written);
    const Timestamp expected =
        c.expected == Duration{} ? Timestamp{} : written->version.created + c.expected;
    EXPECT_EQ(written->version.deletion, expected) << c.mount.count() << " " << c.own.count();
  }
}

TEST_F(Kv2Versions, MetadataAloneMakesASecretWithoutVersions) {
  ASSERT_TRUE(unit([](Kv2& kv) {
    return kv.write_metadata("a", {.custom_metadata = {{"owner", "team"}, {"x", "y"}}});
  }));
  EXPECT_EQ(read("a"), "not_found");
  EXPECT_EQ(*metadata("a").value()->row.current, 0U);
  EXPECT_EQ(unit([](Kv2& kv) { return kv.list("", "", 9); }).value(),
            std::vector<std::string>{"a"});
  const auto written = write("a", "{}", 0);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->custom_metadata, (CustomMetadata{{"owner", "team"}, {"x", "y"}}));
}

TEST_F(Kv2Versions, PatchedMetadataKeepsWhatIsNotNamed) {
  EXPECT_EQ(unit([](Kv2& kv) { return kv.patch_metadata("a", {}); }).error().code, Code::not_found);
  ASSERT_TRUE(unit([](Kv2& kv) {
    return kv.write_metadata("a", {.max_versions = 3, .custom_metadata = {{"k", "1"}, {"l", "2"}}});
  }));
  ASSERT_TRUE(unit([](Kv2& kv) {
    return kv.patch_metadata("a", {.custom_metadata = {{"k", std::nullopt}, {"m", "3"}}});
  }));
  const auto row = metadata("a").value();
  EXPECT_EQ(*row->row.custom_metadata, (CustomMetadata{{"l", "2"}, {"m", "3"}}));
  EXPECT_EQ(*row->row.max_versions, 3U);
  ASSERT_TRUE(
      unit([](Kv2& kv) { return kv.write_metadata("a", {.clear_custom_metadata = true}); }));
  EXPECT_TRUE(metadata("a").value()->row.custom_metadata->empty());
}

TEST_F(Kv2Versions, RefusesSettingsBeyondTheirLimits) {
  std::map<std::string, std::optional<std::string>> many;
  for (int i = 0; i < 65; ++i) many["k" + std::to_string(i)] = "v";
  const MetadataChange cases[] = {
      {.max_versions = kMaxVersions + 1},
      {.delete_version_after = seconds(-1)},
      {.delete_version_after = hours(24 * 365 * 101)},
      {.custom_metadata = many},
      {.custom_metadata = {{"", "v"}}},
      {.custom_metadata = {{std::string(129, 'k'), "v"}}},
      {.custom_metadata = {{"k", std::string(513, 'v')}}},
      {.custom_metadata = {{"k", "a\nb"}}},
  };
  for (const MetadataChange& change : cases) {
    EXPECT_EQ(unit([&](Kv2& kv) { return kv.write_metadata("a", change); }).error().code,
              Code::invalid_argument);
  }
  EXPECT_EQ(unit([](Kv2& kv) { return kv.write_config({.max_versions = 1001}); }).error().code,
            Code::invalid_argument);
}

TEST_F(Kv2Versions, ErasedSecretStartsAnew) {
  write_versions(3);
  const Bytes uid = *metadata("a").value()->row.uid;
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.erase("a"); }));
  EXPECT_EQ(read("a"), "not_found");
  EXPECT_EQ(read("a", 1), "not_found");
  EXPECT_EQ(stored_revisions(), 0U);
  const auto written = write("a", "{}", 0);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->version.number, 1U);
  EXPECT_NE(*metadata("a").value()->row.uid, uid);
}

}  // namespace
}  // namespace coffer::domain
