#include "domain/kms/key_backup.h"

#include "base/encoding.h"
#include "domain/kms/kms_world.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::domain {
namespace {

class KeyBackupTest : public KmsTest {
 protected:
  Result<secure::SecureText> back_up(std::string_view name) {
    return with(name, [&](MasterKeys& keys, const MasterKeyRow& key) -> Result<secure::SecureText> {
      std::vector<KeyMaterial> versions;
      for (const KeyVersion& version : *key.versions) {
        COFFER_TRY(versions.emplace_back(), keys.material(key, version));
      }
      return write_backup(key, versions);
    });
  }

  Result<> restore(std::string_view text, std::string_view name) {
    return unit([&](MasterKeys& keys) -> Result<> {
      COFFER_TRY(KeyBackup backup, read_backup(text));
      backup.key.name = std::string(name);
      COFFER_TRY(KeyPtr present, keys.find(name));
      return keys.restore(std::move(backup.key), backup.versions, std::move(present));
    });
  }

  static KeySpec portable(KeyType type) {
    return {.name = "k", .type = type, .exportable = true, .allow_plaintext_backup = true};
  }
};

TEST_F(KeyBackupTest, BringsAKeyWithItsVersionsToAnotherName) {
  for (const KeyType type : {KeyType::aes256_gcm96, KeyType::rsa2048}) {
    KeySpec spec = portable(type);
    spec.name = std::string(to_text(type));
    ASSERT_TRUE(create(spec));
    const Bytes sealed = *encrypt(spec.name, "kept");
    ASSERT_TRUE(rotate(spec.name));
    const auto text = back_up(spec.name);
    ASSERT_TRUE(text);
    ASSERT_TRUE(restore(text->text(), "copy")) << why(restore(text->text(), "copy"));
    EXPECT_EQ(decrypt("copy", 1, sealed), "kept");
    EXPECT_EQ(row("copy").latest(), 2U);
    EXPECT_NE(*row("copy").uid, *row(spec.name).uid);
  }
}

TEST_F(KeyBackupTest, NeedsBothPermissions) {
  ASSERT_TRUE(create({.name = "a", .allow_plaintext_backup = true}));
  EXPECT_EQ(why(back_up("a")), "exporting is disallowed on the policy");
  ASSERT_TRUE(create({.name = "b", .exportable = true}));
  EXPECT_EQ(why(back_up("b")), "plaintext backup is disallowed on the policy");
}

TEST_F(KeyBackupTest, RefusesEveryDamage) {
  ASSERT_TRUE(create(portable(KeyType::aes256_gcm96)));
  const std::string text(back_up("k")->text());
  Bytes octets = *base64_decode(text);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] ^= 1;
    EXPECT_EQ(read_backup(base64_encode(octets)).error().code, Code::invalid_argument) << i;
    octets[i] ^= 1;
    EXPECT_FALSE(read_backup(base64_encode(ByteView(octets).first(i))));
  }
  EXPECT_FALSE(read_backup(text + "A"));
  EXPECT_FALSE(read_backup(std::string(kMaxBackup + 1, 'A')));
}

// A text whose digest holds but whose parts do not fit: somebody made it.
TEST_F(KeyBackupTest, RefusesPartsThatDoNotFit) {
  const auto text_of = [&](auto&& change) {
    MasterKeyRow key;
    key.name = std::string("k");
    key.exportable = true;
    key.allow_plaintext_backup = true;
    key.versions->push_back({1, {}, {1}, 0, true});
    std::vector<KeyMaterial> versions;
    versions.push_back(test_material(KeyType::aes256_gcm96));
    change(key, versions.back());
    return std::string(write_backup(key, versions)->text());
  };
  EXPECT_TRUE(read_backup(text_of([](MasterKeyRow&, KeyMaterial&) {})));
  using Change = void (*)(MasterKeyRow&, KeyMaterial&);
  const std::vector<Change> changes = {
      [](MasterKeyRow& key, KeyMaterial&) { key.type = static_cast<KeyType>(0); },
      [](MasterKeyRow& key, KeyMaterial&) { key.type = KeyType::aes128_gcm96; },
      [](MasterKeyRow& key, KeyMaterial&) { key.type = KeyType::rsa2048; },
      [](MasterKeyRow& key, KeyMaterial&) { key.versions->front().number = 0; },
      [](MasterKeyRow& key, KeyMaterial&) { key.versions->front().reserved_uses = ~0ULL; },
      [](MasterKeyRow& key, KeyMaterial&) { key.min_decryption = 2U; },
      [](MasterKeyRow& key, KeyMaterial&) { key.min_decryption = 0U; },
      [](MasterKeyRow& key, KeyMaterial&) { key.min_encryption = 2U; },
      [](MasterKeyRow& key, KeyMaterial&) { key.min_available = 2U; },
      [](MasterKeyRow& key, KeyMaterial&) { key.convergent = true; },
      [](MasterKeyRow& key, KeyMaterial&) { key.rotate_period = Duration(-1); },
      [](MasterKeyRow&, KeyMaterial& material) { material.mac = {}; },
      [](MasterKeyRow&, KeyMaterial& material) { material.secret = {}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_FALSE(read_backup(text_of(changes[i]))) << i;
  }
}

// Written by the first version of the format. COFFER_WRITE_GOLDEN=1 writes it anew.
TEST_F(KeyBackupTest, TheOldestBackupStillOpens) {
  const auto path =
      std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/key_backup_v1.txt";
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    KeySpec spec = portable(KeyType::ed25519);
    spec.rotate_period = std::chrono::hours(24);
    ASSERT_TRUE(create(spec));
    ASSERT_TRUE(rotate("k"));
    std::ofstream(path) << back_up("k")->text();
  }
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto backup = read_backup(text);
  ASSERT_TRUE(backup);
  EXPECT_EQ(*backup->key.name, "k");
  EXPECT_EQ(*backup->key.type, KeyType::ed25519);
  EXPECT_EQ(*backup->key.rotate_period, std::chrono::hours(24));
  ASSERT_EQ(backup->versions.size(), 2U);
  EXPECT_EQ(hex_encode(backup->versions[1].public_key).size(), 88U);
}

}  // namespace
}  // namespace coffer::domain
