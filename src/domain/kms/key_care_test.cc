#include "domain/kms/key_id.h"
#include "domain/kms/kms_world.h"
#include "domain/kms/sealed_token.h"
#include "domain/kms/tend.h"

#include <gmock/gmock.h>

namespace coffer::domain {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

class KeyCareTest : public KmsTest {
 protected:
  std::optional<DoneChore> tend() {
    work::View view = world_.view();
    const auto done = tend_one_key(view, *state_, {});
    EXPECT_TRUE(done);
    if (!*done) return std::nullopt;
    EXPECT_TRUE(world_.commit(view));
    return *done;
  }

  void make_external() {
    KeySpec spec{.name = "e", .imported = true, .allow_rotation = false};
    ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.create(spec, nullptr); }));
  }

  Result<> import(std::uint8_t octet, std::optional<Timestamp> expires = {}) {
    KeyMaterial material;
    material.secret = secure::SecureBytes(ByteView(Bytes(32, octet)));
    material.mac = secure::SecureBytes(ByteView(Bytes(32, 1)));
    return with("e", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.import_external(key, material, {id_of(key, octet), "", expires});
    });
  }

  Bytes id_of(const MasterKeyRow& key, std::uint8_t octet) {
    return imported_material_id(*world_.keyring, key, Bytes(32, octet));
  }

  Result<> rotate_on_demand(std::string_view name) {
    const KeyMaterial material = test_material(KeyType::aes256_gcm96);
    return with(name, [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.rotate_on_demand(key, *key.imported ? nullptr : &material);
    });
  }

  Result<> forget(std::uint32_t number) {
    return with("e", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.forget_material(key, number);
    });
  }
};

TEST_F(KeyCareTest, IdsAreThoseOfTheUidAndBack) {
  const Bytes uid = new_key_uid(*world_.random);
  const std::string id = key_id_of(uid, false);
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '4');
  EXPECT_EQ(parse_key_id(id)->uid, uid);
  const std::string multi = key_id_of(uid, true);
  EXPECT_TRUE(multi.starts_with("mrk-"));
  EXPECT_EQ(parse_key_id(multi)->uid, uid);
  EXPECT_TRUE(parse_key_id(multi)->multi_region);
  for (const std::string_view bad :
       {"", "k", "mrk-", "mrk-fake-key-id", "134f2428cec14b25a1ae9048164dba47"}) {
    EXPECT_FALSE(parse_key_id(bad)) << bad;
  }
  // Keys that were made before uids had a version keep theirs, octet for octet.
  EXPECT_EQ(parse_key_id(key_id_of(Bytes(16, 0xff), false))->uid, Bytes(16, 0xff));
}

TEST_F(KeyCareTest, AskingByUidFindsTheKeyAndNoOther) {
  ASSERT_TRUE(create("k"));
  const Bytes uid = *row("k").uid;
  const auto named = [&] {
    const auto key = *unit([&](MasterKeys& keys) { return keys.by_uid(uid); });
    return key ? *key->row.name : "";
  };
  EXPECT_EQ(named(), "k");
  EXPECT_EQ(named(), "k");  // now from memory
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.remove(key); }));
  ASSERT_TRUE(create("k"));
  EXPECT_EQ(named(), "");
}

TEST_F(KeyCareTest, PurposeSaysTheUses) {
  KeySpec spec{.name = "k", .type = KeyType::ecdsa_p256};
  spec.purpose = KeyPurpose::key_agreement;
  ASSERT_TRUE(create(spec));
  const auto may = [&](KeyUse use) { return check_usable(row("k"), use).has_value(); };
  EXPECT_TRUE(may(KeyUse::agree));
  EXPECT_FALSE(may(KeyUse::sign));
  EXPECT_FALSE(may(KeyUse::mac));
  ASSERT_TRUE(create("t", KeyType::ecdsa_p256));
  EXPECT_FALSE(check_usable(row("t"), KeyUse::agree));
}

TEST_F(KeyCareTest, RotatesOnItsDayAndOnDemandBesides) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(with("k", [](MasterKeys& keys, const MasterKeyRow& key) {
    return keys.set_rotation(key, 90 * kDay);
  }));
  const Timestamp first = row("k").rotates().value();
  EXPECT_GT(first, world_.clock.now() + 89 * kDay);
  world_.clock.advance(30 * kDay);
  ASSERT_TRUE(rotate_on_demand("k"));
  EXPECT_EQ(row("k").rotates(), first);  // the plan stays
  EXPECT_FALSE(tend());
  world_.clock.advance(60 * kDay);
  EXPECT_EQ(tend()->what, Chore::rotated);
  EXPECT_EQ(row("k").latest(), 3U);
  EXPECT_EQ(row("k").rotates(), first + 90 * kDay);
  EXPECT_EQ(row("k").fact(3)->kind, RotationKind::automatic);
  EXPECT_EQ(row("k").fact(2), nullptr);
  EXPECT_NE(material_id(row("k"), row("k").versions->at(0)),
            material_id(row("k"), row("k").versions->at(1)));
}

TEST_F(KeyCareTest, OnDemandHasItsLimit) {
  ASSERT_TRUE(create("k"));
  for (std::uint32_t i = 0; i < kMaxOnDemandRotations; ++i) ASSERT_TRUE(rotate_on_demand("k"));
  EXPECT_EQ(rotate_on_demand("k").error().code, Code::exhausted);
  EXPECT_TRUE(rotate("k"));  // of transit: it has no such limit
}

TEST_F(KeyCareTest, MaterialThatWasTakenBackMustComeAgain) {
  make_external();
  EXPECT_EQ(why(encrypt("e", "x")), "the key is pending import");
  ASSERT_TRUE(import(5));
  const Bytes sealed = *encrypt("e", "x");
  ASSERT_TRUE(forget(1));
  EXPECT_EQ(decrypt("e", 1, sealed), "the key is pending import");
  ASSERT_TRUE(import(5));
  EXPECT_EQ(decrypt("e", 1, sealed), "x");
  EXPECT_EQ(row("e").latest(), 1U);
}

TEST_F(KeyCareTest, OtherMaterialWaitsForARotation) {
  make_external();
  ASSERT_TRUE(import(5));
  EXPECT_EQ(rotate_on_demand("e").error().code, Code::precondition_failed);
  const Bytes before = *encrypt("e", "x");
  ASSERT_TRUE(import(6));
  EXPECT_EQ(row("e").latest(), 1U);
  EXPECT_EQ(import(7).error().code, Code::precondition_failed);
  ASSERT_TRUE(rotate_on_demand("e"));
  EXPECT_EQ(row("e").latest(), 2U);
  EXPECT_EQ(decrypt("e", 1, before), "x");
  EXPECT_EQ(decrypt("e", 2, *encrypt("e", "y")), "y");
  ASSERT_TRUE(forget(1));  // any of them that is missing stops the key
  EXPECT_EQ(why(encrypt("e", "z")), "the key is pending import");
}

TEST_F(KeyCareTest, ExpiredMaterialIsNotThereWhetherAJobLookedOrNot) {
  make_external();
  ASSERT_TRUE(import(5, world_.clock.now() + kDay));
  const Bytes sealed = *encrypt("e", "x");
  world_.clock.advance(kDay);
  EXPECT_EQ(decrypt("e", 1, sealed), "the key is pending import");
  EXPECT_EQ(row("e").state_at(world_.clock.now()), KeyState::pending_import);
  EXPECT_EQ(tend()->what, Chore::expired);
  EXPECT_EQ(*row("e").state, KeyState::pending_import);
  EXPECT_TRUE(row("e").fact(1)->gone);
  EXPECT_FALSE(tend());
  ASSERT_TRUE(import(5, world_.clock.now() + kDay));
  EXPECT_EQ(decrypt("e", 1, sealed), "x");
}

TEST_F(KeyCareTest, MaterialThatWaitsAndExpiresStopsNothing) {
  make_external();
  ASSERT_TRUE(import(5));
  ASSERT_TRUE(import(6, world_.clock.now() + kDay));
  world_.clock.advance(kDay);
  EXPECT_EQ(decrypt("e", 1, *encrypt("e", "x")), "x");
  EXPECT_EQ(rotate_on_demand("e").error().code, Code::precondition_failed);
  EXPECT_EQ(tend()->what, Chore::expired);
  EXPECT_EQ(decrypt("e", 1, *encrypt("e", "x")), "x");
  EXPECT_EQ(rotate_on_demand("e").error().code, Code::precondition_failed);
  ASSERT_TRUE(import(6));
  ASSERT_TRUE(rotate_on_demand("e"));
  EXPECT_EQ(row("e").latest(), 2U);
}

TEST_F(KeyCareTest, TheSameMaterialHasTheSameIdInOneKeyOnly) {
  make_external();
  ASSERT_TRUE(create("other"));
  EXPECT_EQ(id_of(row("e"), 5), id_of(row("e"), 5));
  EXPECT_NE(id_of(row("e"), 5), id_of(row("e"), 6));
  EXPECT_NE(id_of(row("e"), 5), id_of(row("other"), 5));
}

TEST_F(KeyCareTest, TokensOpenForTheirPurposeAlone) {
  const auto& keyring = *world_.keyring;
  const Bytes token = *seal_key_token(keyring, rows::kRootRealm, "grant", as_bytes("body"));
  EXPECT_NE(token, *seal_key_token(keyring, rows::kRootRealm, "grant", as_bytes("body")));
  EXPECT_EQ(as_text(open_key_token(keyring, rows::kRootRealm, "grant", token)->view()), "body");
  EXPECT_FALSE(open_key_token(keyring, rows::kRootRealm, "import", token));
  EXPECT_FALSE(open_key_token(keyring, store::RealmId(2), "grant", token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    Bytes bad = token;
    bad[i] ^= 1U;
    EXPECT_FALSE(open_key_token(keyring, rows::kRootRealm, "grant", bad)) << i;
  }
  EXPECT_FALSE(open_key_token(keyring, rows::kRootRealm, "grant", {}));
}

}  // namespace
}  // namespace coffer::domain
