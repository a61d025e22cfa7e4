#include "domain/kms/key_backup.h"

#include "base/encoding.h"
#include "crypto/key_wrap.h"
#include "domain/kms/key_import.h"
#include "domain/kms/kms_world.h"
#include "domain/kms/tend.h"

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

TEST(KeyImport, OpensWhatTheWrappingKeyWrapped) {
  const KeyMaterial wrapping = test_material(KeyType::rsa4096);
  const auto anyone = crypto::PublicKey::from_der(wrapping.public_key);
  const Bytes ephemeral(32, 7);
  const Bytes material(21, 9);
  for (const crypto::HashKind hash : {crypto::HashKind::sha1, crypto::HashKind::sha256}) {
    Bytes blob = *anyone->encrypt_oaep(ephemeral, hash);
    append(blob, *crypto::wrap_padded_key(ephemeral, material));
    EXPECT_EQ(to_bytes(unwrap_import(wrapping.secret.view(), blob, hash)->view()), material);
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), blob, crypto::HashKind::sha512));
    blob.back() ^= 1;
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), blob, hash));
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), ByteView(blob).first(512), hash));
  }
  Bytes short_key = *anyone->encrypt_oaep(Bytes(16, 7), crypto::HashKind::sha256);
  append(short_key, *crypto::wrap_padded_key(Bytes(16, 7), material));
  EXPECT_FALSE(unwrap_import(wrapping.secret.view(), short_key, crypto::HashKind::sha256));
  EXPECT_EQ(parse_import_hash("sha384"), crypto::HashKind::sha384);
  EXPECT_FALSE(parse_import_hash("MD5"));
}

class TendTest : public KmsTest {
 protected:
  // What was done; nothing: no key was due.
  std::optional<DoneChore> tend() {
    work::View view = world_.view();
    const auto done = tend_one_key(view, *state_);
    EXPECT_TRUE(done);
    if (!*done) return std::nullopt;
    EXPECT_TRUE(world_.commit(view));
    return *done;
  }
};

TEST_F(TendTest, RotatesWhatIsDue) {
  ASSERT_TRUE(create({.name = "k", .rotate_period = std::chrono::hours(2)}));
  ASSERT_TRUE(create("never"));
  EXPECT_FALSE(tend());
  world_.clock.advance(std::chrono::hours(2));
  const auto done = tend();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->what, Chore::rotated);
  EXPECT_EQ(done->version, 2U);
  EXPECT_EQ(row("k").latest(), 2U);
  EXPECT_FALSE(tend());
}

TEST_F(TendTest, DeletesAfterTheWaitAndNotBefore) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(with("k", [](MasterKeys& keys, const MasterKeyRow& key) {
    return keys.schedule_deletion(key, kMinDeletionWait);
  }));
  world_.clock.advance(kMinDeletionWait - std::chrono::seconds(1));
  EXPECT_FALSE(tend());
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(tend()->what, Chore::deleted);
  EXPECT_EQ(*unit([](MasterKeys& keys) { return keys.find("k"); }), nullptr);
  EXPECT_FALSE(tend());
}

TEST_F(TendTest, WritesDatesOfLastUseOnceAnHour) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(encrypt("k", "x"));
  const auto write = [&] {
    work::View view = world_.view();
    const std::size_t count = *write_last_uses(view, *state_, 10);
    if (count > 0) EXPECT_TRUE(world_.commit(view));
    return count;
  };
  EXPECT_EQ(write(), 1U);
  ASSERT_TRUE(encrypt("k", "x"));
  EXPECT_EQ(write(), 0U);
  world_.clock.advance(kLastUseGrain);
  ASSERT_TRUE(encrypt("k", "x"));
  const Timestamp last = state_->uses.last(KeyVersionRow::key_of(mount_, *row("k").uid)).value();
  EXPECT_EQ(write(), 1U);
  world_.restart();
  state_ = std::make_unique<KmsState>();
  EXPECT_EQ(
      *with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.last_used(key); }),
      last);
}

}  // namespace
}  // namespace coffer::domain
