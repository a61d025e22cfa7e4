#include "domain/kms/key_rows.h"

#include "base/wire.h"
#include "domain/kms/kms_world.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::domain {
namespace {

const Bytes kMount = to_bytes("mountid!");

MasterKeyRow sample_key() {
  MasterKeyRow key;
  key.mount = kMount;
  key.name = std::string("k");
  key.uid = Bytes(16, 1);
  key.type = KeyType::ecdsa_p256;
  key.state = KeyState::pending_deletion;
  key.uses = std::uint8_t{12};
  key.created = Timestamp{1};
  key.versions =
      std::vector<KeyVersion>{{2, Bytes(16, 2), {2}, 3, true}, {3, Bytes(16, 3), {4}, 0, false}};
  key.min_decryption = 2U;
  key.min_encryption = 3U;
  key.min_available = 2U;
  key.exportable = true;
  key.rotate_period = Duration(std::chrono::hours(24));
  *key.deletion = Timestamp{5};
  key.backup = KeyCopy{{6}, 2};
  key.condemned = std::vector<Bytes>{Bytes(16, 4)};
  return key;
}

KeyVersionRow sample_version() {
  KeyVersionRow version;
  version.mount = kMount;
  version.uid = Bytes(16, 2);
  version.owner = Bytes(16, 1);
  version.number = 2U;
  version.public_key = to_bytes("spki");
  version.secret = secure::SecureBytes(as_bytes("secret"));
  version.mac = secure::SecureBytes(as_bytes("mac"));
  return version;
}

KeyUseRow sample_use() {
  KeyUseRow use;
  use.mount = kMount;
  use.uid = Bytes(16, 1);
  use.last_used = Timestamp{7};
  return use;
}

KeyAliasRow sample_alias() {
  KeyAliasRow alias;
  alias.mount = kMount;
  alias.alias = std::string("alias/k");
  alias.uid = Bytes(16, 1);
  return alias;
}

MasterKeyRow sample_key_v2() {
  MasterKeyRow key = sample_key();
  key.purpose = KeyPurpose::sign_verify;
  key.region = std::string("eu-west-1");
  key.multi_region = true;
  key.manager = std::string("ssm");
  key.description = std::string("d");
  key.tags = std::vector<KeyTag>{{"team", "x"}};
  key.policy = std::string("{}");
  key.policy_revision = std::uint64_t{3};
  *key.next_rotation = Timestamp{8};
  key.on_demand_rotations = 9U;
  key.facts = std::vector<MaterialFact>{
      {2, RotationKind::automatic, Bytes(32, 7), "material", Timestamp{10}, true}};
  *key.next = KeyVersion{4, Bytes(16, 5), {11}, 0, true};
  key.grants = 12U;
  return key;
}

KeyUseRow sample_use_v2() {
  KeyUseRow use = sample_use();
  use.operation = KeyOperation::generate_data_key;
  return use;
}

KeyAliasRow sample_alias_v2() {
  KeyAliasRow alias = sample_alias();
  alias.region = std::string("eu-west-1");
  alias.created = Timestamp{1};
  alias.updated = Timestamp{2};
  return alias;
}

KeyGrantRow sample_grant() {
  KeyGrantRow grant;
  grant.mount = kMount;
  grant.owner = Bytes(16, 1);
  grant.id = Bytes(32, 6);
  grant.name = std::string("once");
  grant.grantee = std::string("arn:aws:iam::000000000000:user/a");
  grant.retiring = std::string("arn:aws:iam::000000000000:user/b");
  grant.operations = 0x1ffffU;
  grant.context_equals = std::map<std::string, std::string>{{"a", "1"}};
  grant.context_subset = std::map<std::string, std::string>{{"b", "2"}};
  grant.issuer = std::string("arn:aws:iam::000000000000:root");
  grant.created = Timestamp{13};
  return grant;
}

template <rows::Row R>
rows::Place place_of(const R& row) {
  return {rows::row_key<R>(work::kTestRealm, row.key()), 9};
}

template <rows::Row R>
Bytes sealed(const keys::Keyring& keyring, const R& row) {
  return rows::RowCodec<R>::seal(keyring, place_of(row), row);
}

// The row that a blob holds, which must be the sample's in every clear member.
template <rows::Row R>
rows::RowPtr<R> same(const keys::Keyring& keyring, const R& sample, Reader& file) {
  const auto loaded =
      rows::RowCodec<R>::load(keyring, place_of(sample), to_bytes(file.bytes().value()));
  EXPECT_TRUE(loaded);
  const auto clear = [](const R& row) {
    Bytes out;
    Writer writer(out);
    rows::detail::encode_members(row, false, writer);
    return out;
  };
  EXPECT_EQ(clear((*loaded)->row), clear(sample));
  return *loaded;
}

// Written by the first version of each row: the encoded keyring, then the blobs, each as wire
// bytes. COFFER_WRITE_GOLDEN=1 writes them anew.
TEST(KeyRows, TheOldestRowsStillOpen) {
  const work::TestWorld world;
  const auto path =
      std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/key_rows_v1.bin";
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    Bytes file;
    Writer writer(file);
    writer.bytes(world.keyring->encode().view());
    writer.bytes(sealed(*world.keyring, sample_key()));
    writer.bytes(sealed(*world.keyring, sample_version()));
    writer.bytes(sealed(*world.keyring, sample_use()));
    writer.bytes(sealed(*world.keyring, sample_alias()));
    std::ofstream(path, std::ios::binary) << as_text(file);
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Reader file(as_bytes(text));
  const auto keyring = keys::Keyring::decode(file.bytes().value(), *world.random).value();
  same(*keyring, sample_key(), file);
  const auto version = same(*keyring, sample_version(), file);
  const auto open =
      rows::RowCodec<KeyVersionRow>::open(*keyring, place_of(sample_version()), *version);
  EXPECT_EQ(as_text(open->secret->view()), "secret");
  EXPECT_EQ(as_text(open->mac->view()), "mac");
  same(*keyring, sample_use(), file);
  same(*keyring, sample_alias(), file);
  EXPECT_TRUE(file.finish());
}

// The same of their second version, and of the first of grants.
TEST(KeyRows, TheRowsOfVersionTwoStillOpen) {
  const work::TestWorld world;
  const auto path =
      std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/key_rows_v2.bin";
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    Bytes file;
    Writer writer(file);
    writer.bytes(world.keyring->encode().view());
    writer.bytes(sealed(*world.keyring, sample_key_v2()));
    writer.bytes(sealed(*world.keyring, sample_use_v2()));
    writer.bytes(sealed(*world.keyring, sample_alias_v2()));
    writer.bytes(sealed(*world.keyring, sample_grant()));
    std::ofstream(path, std::ios::binary) << as_text(file);
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Reader file(as_bytes(text));
  const auto keyring = keys::Keyring::decode(file.bytes().value(), *world.random).value();
  same(*keyring, sample_key_v2(), file);
  same(*keyring, sample_use_v2(), file);
  same(*keyring, sample_alias_v2(), file);
  same(*keyring, sample_grant(), file);
  EXPECT_TRUE(file.finish());
}

TEST(KeyRows, DestroyedKeysLeaveTheirNamesFree) {
  MasterKeyRow key = sample_key();
  const Bytes named = key.key();
  EXPECT_EQ(named, master_key_place(kMount, "k"));
  key.state = KeyState::destroyed;
  EXPECT_NE(key.key(), named);
  EXPECT_GT(key.key(), master_key_place(kMount, "\x7f"));
}

TEST(KeyRows, AreDueWhenThereIsSomethingToDo) {
  MasterKeyRow key = sample_key();
  EXPECT_EQ(key.due(), Timestamp{1});  // condemned versions wait
  key.condemned->clear();
  EXPECT_EQ(key.due(), Timestamp{5});
  key.state = KeyState::enabled;
  EXPECT_EQ(key.due(), Timestamp{4} + std::chrono::hours(24));
  key.versions->resize(kMaxKeyVersions, key.versions->back());
  EXPECT_FALSE(key.due());
  key.versions->resize(1);
  key.imported = true;
  key.allow_rotation = false;
  EXPECT_FALSE(key.due());
  key.allow_rotation = true;
  key.rotate_period = Duration{};
  EXPECT_FALSE(key.due());
}

TEST(KeyRows, TypesKeepTheirNamesAndNumbers) {
  constexpr std::array kNames{"aes128-gcm96",
                              "aes256-gcm96",
                              "chacha20-poly1305",
                              "hmac",
                              "ecdsa-p256",
                              "ecdsa-p384",
                              "ecdsa-p521",
                              "ecdsa-secp256k1",
                              "ed25519",
                              "rsa-2048",
                              "rsa-3072",
                              "rsa-4096"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto type = static_cast<KeyType>(i + 1);
    EXPECT_EQ(to_text(type), kNames[i]);
    EXPECT_EQ(parse_key_type(kNames[i]), type);
  }
  EXPECT_EQ(to_text(KeyType{0}), "?");
  EXPECT_FALSE(parse_key_type("?"));
}

}  // namespace
}  // namespace coffer::domain
