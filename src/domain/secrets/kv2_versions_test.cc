// Deleting, undeleting, destroying, pruning, expiry, metadata.
#include "domain/secrets/kv2.h"
#include "domain/secrets/secrets_world.h"
#include "domain/secrets/version_table.h"

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

  std::vector<Bytes> revision_keys() {
    return world_.store->scan_keys(rows::tables::kRevisions.id, work::kTestRealm, {}, {}, 1000)
        .value();
  }

  std::size_t stored_revisions() { return revision_keys().size(); }

  // The row of a version of the secret "a".
  rows::RowPtr<RevisionRow> revision_at(std::uint64_t version) {
    work::View view = world_.view();
    const auto secret = view.find<SecretRow>(secret_key(kv_.id, "a")).value();
    const std::uint64_t slot = slot_of(secret->row, *find_version(*secret->row.versions, version));
    return view.find<RevisionRow>(revision_key(kv_.id, *secret->row.uid, slot)).value();
  }

  const std::string kLarge = "{\"v\":\"" + std::string(kMaxCurrentValue, 'x') + "\"}";
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
    Kv2 kv(view, kv_, state_);
    EXPECT_EQ((kv.*call)("a", {}).error(),
              (Error{Code::invalid_argument, "No version number provided"}));
    EXPECT_EQ((kv.*call)("a", Numbers(kMaxNamedVersions + 1, 1)).error().code, Code::too_large);
  }
}

TEST_F(Kv2Versions, DestroyedVersionsStayDestroyed) {
  write_versions(2);
  EXPECT_EQ(stored_revisions(), 1U);
  ASSERT_TRUE(destroy({1}));
  EXPECT_EQ(stored_revisions(), 0U);
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

TEST_F(Kv2Versions, SmallCurrentValuesLieInTheSecretsRowAlone) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  EXPECT_FALSE(metadata("a").value()->row.current_value->empty());
  EXPECT_EQ(stored_revisions(), 0U);
  ASSERT_TRUE(write("a", kLarge));
  EXPECT_TRUE(metadata("a").value()->row.current_value->empty());
  EXPECT_EQ(stored_revisions(), 2U);
  ASSERT_TRUE(write("a", R"({"v":3})"));
  EXPECT_EQ(stored_revisions(), 2U);
  EXPECT_EQ(read("a"), R"({"v":3})");
  EXPECT_EQ(read("a", 2), kLarge);
  EXPECT_EQ(read("a", 1), R"({"v":1})");
}

TEST_F(Kv2Versions, AuthorsGoWithTheirVersions) {
  for (const std::string_view author : {"ann", "bob"}) {
    work::View view = world_.view();
    ASSERT_TRUE(Kv2(view, kv_, state_, author).write("a", "{}"));
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_EQ(*metadata("a").value()->row.current_author, "bob");
  EXPECT_EQ(*revision_at(1)->row.author, "ann");
}

TEST_F(Kv2Versions, SecretAtItsLimitUsesItsSlotsAgain) {
  write_versions(10);
  const auto keys = revision_keys();
  EXPECT_EQ(keys.size(), 9U);
  write_versions(20);
  EXPECT_EQ(revision_keys(), keys) << "the same places";
  for (int i = 31; i <= 40; ++i) {
    ASSERT_TRUE(write("a", i % 4 == 0 ? kLarge : "{\"v\":" + std::to_string(i) + "}"));
    if (i % 5 == 0) world_.restart();
  }
  EXPECT_EQ(stored_revisions(), 10U) << "the current one is large";
  for (unsigned i = 31; i <= 40; ++i) {
    EXPECT_EQ(read("a", i), i % 4 == 0 ? kLarge : "{\"v\":" + std::to_string(i) + "}") << i;
  }
  EXPECT_EQ(read("a", 30), "not_found");
}

// At the end of the table, whatever their secrets are called.
TEST_F(Kv2Versions, NewRowsComeInTheOrderOfTheirKeys) {
  std::vector<Bytes> former;
  for (const std::string_view path : {"m", "c", "z", "a"}) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(write(path, i == 2 ? kLarge : "{}"));
    std::vector<Bytes> keys = revision_keys();
    ASSERT_EQ(keys.size(), former.size() + 3);
    EXPECT_TRUE(std::ranges::equal(former, keys | std::views::take(former.size()))) << path;
    former = std::move(keys);
  }
}

TEST_F(Kv2Versions, OnlyVersionOfASecretHasNoOtherRow) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 1}); }));
  write_versions(3);
  EXPECT_EQ(stored_revisions(), 0U);
  EXPECT_EQ(read("a"), R"({"v":3})");
  EXPECT_EQ(read("a", 2), "not_found");
}

// A full unit leaves room to prune one version of each secret; the others wait.
TEST_F(Kv2Versions, VersionsThatCouldNotBePrunedAreKeptWhole) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kMaxBulkItems; ++i) paths.push_back("p" + std::to_string(i));
  const auto write_all = [&] {
    std::vector<BulkItem> items;
    for (const std::string& path : paths) items.push_back({path, kLarge, std::nullopt});
    const auto written = unit([&](Kv2& kv) { return kv.write_many(items); });
    ASSERT_TRUE(written) << written.error().message;
    for (const BulkResult& result : *written) EXPECT_TRUE(result);
  };
  for (int round = 0; round < 4; ++round) write_all();
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.max_versions = 1}); }));
  write_all();
  for (const std::string& path : paths) {
    EXPECT_EQ(read(path, 1), "not_found");
    for (unsigned version = 2; version <= 5; ++version) EXPECT_EQ(read(path, version), kLarge);
  }
  ASSERT_TRUE(write("p0", "{}"));
  EXPECT_EQ(read("p0", 5), "not_found");
  EXPECT_EQ(read("p0"), "{}");
}

TEST_F(Kv2Versions, DestroyedVersionsFreeNoSlotTwice) {
  write_versions(4);
  ASSERT_TRUE(destroy({2}));
  ASSERT_TRUE(destroy({4}));
  EXPECT_EQ(stored_revisions(), 2U);
  for (int i = 5; i <= 16; ++i) ASSERT_TRUE(write("a", "{\"v\":" + std::to_string(i) + "}"));
  EXPECT_EQ(stored_revisions(), 9U);
  for (unsigned i = 7; i <= 16; ++i) {
    EXPECT_EQ(read("a", i), "{\"v\":" + std::to_string(i) + "}");
  }
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

// As RevisionRow was before its version 2.
struct RevisionRowV1 {
  static constexpr rows::TableSpec kTable = rows::tables::kRevisions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<std::uint64_t> version;
  rows::Clear<Timestamp> created;
  rows::Clear<std::string> author;
  rows::Clear<Bytes> ciphertext;
  static constexpr auto kMembers = std::tuple{&RevisionRowV1::mount,
                                              &RevisionRowV1::uid,
                                              &RevisionRowV1::version,
                                              &RevisionRowV1::created,
                                              &RevisionRowV1::author,
                                              &RevisionRowV1::ciphertext};

  [[nodiscard]] Bytes key() const { return revision_key(*mount, *uid, *version); }
};

TEST_F(Kv2Versions, RowsOfVersion1AreRead) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  {
    work::View view = world_.view();
    const auto found = view.find<SecretRow>(secret_key(kv_.id, "a")).value();
    const SecretRow now = view.open(*found).value();
    RevisionRowV1 value;
    value.mount = *now.mount;
    value.uid = *now.uid;
    *value.version = 1;
    value.created = *now.created;
    *value.author = "ann";
    value.ciphertext = *now.current_value;
    ASSERT_TRUE(view.put(std::move(value)));
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
  for (int i = 2; i <= 12; ++i) ASSERT_TRUE(write("a", "{\"v\":" + std::to_string(i) + "}"));
  EXPECT_EQ(read("a"), R"({"v":12})");
  EXPECT_EQ(read("a", 3), R"({"v":3})");
  EXPECT_EQ(stored_revisions(), 9U) << "the old row's place was used again";
}

// Version 2 kept the current value in both rows and had no slots.
TEST_F(Kv2Versions, RowsOfVersion2KeepTheirAuthors) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  {
    work::View view = world_.view();
    SecretRow secret = view.open(*view.find<SecretRow>(secret_key(kv_.id, "a")).value()).value();
    RevisionRow value;
    value.mount = *secret.mount;
    value.uid = *secret.uid;
    *value.version = 1;
    *value.author = "ann";
    value.ciphertext = *secret.current_value;
    ASSERT_TRUE(view.put(std::move(value)));
    secret.slots->clear();
    ASSERT_TRUE(view.put(std::move(secret)));
    ASSERT_TRUE(world_.commit(view));
  }
  ASSERT_TRUE(write("a", R"({"v":2})"));
  EXPECT_EQ(*revision_at(1)->row.author, "ann");
  EXPECT_EQ(read("a", 1), R"({"v":1})");
  ASSERT_TRUE(destroy({1}));
  EXPECT_EQ(stored_revisions(), 0U);
}

TEST_F(Kv2Versions, TenVersionsAreKept) {
  write_versions(12);
  EXPECT_EQ(read("a", 2), "not_found");
  EXPECT_EQ(read("a", 3), R"({"v":3})");
  EXPECT_EQ(stored_revisions(), 9U);
  EXPECT_EQ(metadata("a").value()->row.versions->front().number, 3U);
}

TEST_F(Kv2Versions, OwnLimitGoesBeforeTheMounts) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_config({.max_versions = 2}); }));
  write_versions(3);
  EXPECT_EQ(stored_revisions(), 1U);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 4}); }));
  write_versions(3);
  EXPECT_EQ(stored_revisions(), 3U);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 1}); }));
  EXPECT_EQ(stored_revisions(), 3U);  // the next write prunes
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 0U);
}

TEST_F(Kv2Versions, PruningIsBoundedAndGoesOn) {
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 1000}); }));
  write_versions(80);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.write_metadata("a", {.max_versions = 5}); }));
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 80U - kMaxPruned);
  write_versions(1);
  EXPECT_EQ(stored_revisions(), 4U);
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
