#include "domain/kms/kms_world.h"

#include <gmock/gmock.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Duration kDay = std::chrono::hours(24);

class MasterKeysTest : public KmsTest {};

TEST_F(MasterKeysTest, EncryptsUnderTheLatestVersionAndOpensOlderOnes) {
  ASSERT_TRUE(create("k"));
  const Bytes first = *encrypt("k", "one");
  ASSERT_TRUE(rotate("k"));
  const Bytes second = *encrypt("k", "two");
  EXPECT_EQ(decrypt("k", 1, first), "one");
  EXPECT_EQ(decrypt("k", 2, second), "two");
  EXPECT_EQ(decrypt("k", 2, first), "cipher: message authentication failed");
  EXPECT_EQ(decrypt("k", 3, first), "no such key version");
  EXPECT_EQ(decrypt("k", 1, *encrypt("k", "old", 1)), "old");
}

TEST_F(MasterKeysTest, SurvivesARestartWithoutWhatWasInMemory) {
  ASSERT_TRUE(create("k"));
  const Bytes sealed = *encrypt("k", "kept");
  world_.restart();
  state_ = std::make_unique<KmsState>();
  EXPECT_EQ(decrypt("k", 1, sealed), "kept");
}

TEST_F(MasterKeysTest, ListsNamesInOrderWithoutTheWrappingKey) {
  ASSERT_TRUE(create("b"));
  ASSERT_TRUE(create("a"));
  const KeyMaterial rsa = test_material(KeyType::rsa4096);
  ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.create_wrapping_key(rsa); }));
  EXPECT_THAT(*unit([](MasterKeys& keys) { return keys.list("", 10); }), ElementsAre("a", "b"));
  EXPECT_THAT(*unit([](MasterKeys& keys) { return keys.list("a", 10); }), ElementsAre("b"));
  EXPECT_EQ(*unit([](MasterKeys& keys) { return keys.find("/wrapping"); }), nullptr);
}

TEST_F(MasterKeysTest, RefusesNamesAndModesThatDoNotFit) {
  for (const std::string_view name : {"", "a/b", "-a", "a.", "ä", "a b"}) {
    EXPECT_FALSE(create(name)) << name;
  }
  EXPECT_FALSE(create(std::string(kMaxKeyName + 1, 'a')));
  EXPECT_TRUE(create(std::string(kMaxKeyName, 'a')));
  EXPECT_TRUE(create("a.b-c_9"));
  EXPECT_EQ(create("a.b-c_9").error().code, Code::already_exists);
  EXPECT_THAT(why(create({.name = "c", .convergent = true})), HasSubstr("requires derivation"));
  EXPECT_THAT(why(create({.name = "c", .rotate_period = std::chrono::minutes(59)})),
              HasSubstr("at least an hour"));
}

// CVE-2026-55776: `derived` on a key that cannot be derived from crashed a server.
TEST_F(MasterKeysTest, OnlyTypesThatDeriveAreDerived) {
  for (const KeyType type : kEveryKeyType) {
    const std::string name = "d-" + std::string(to_text(type));
    EXPECT_EQ(create({.name = name, .type = type, .derived = true}).has_value(), derives(type))
        << name;
    EXPECT_EQ(create({.name = name + "-c", .type = type, .derived = true, .convergent = true})
                  .has_value(),
              aead_of(type).has_value())
        << name;
  }
}

// What is not enabled refuses every use, on every path, also when the key is open in memory.
TEST_F(MasterKeysTest, EveryOtherStateRefusesEveryUseAtOnce) {
  const std::map<KeyState, std::string> states = {
      {KeyState::disabled, "the key is disabled"},
      {KeyState::pending_deletion, "the key is pending deletion"},
      {KeyState::pending_import, "the key is pending import"},
      {KeyState::destroyed, "the key is destroyed"},
      {static_cast<KeyState>(99), "the key is destroyed"}};
  for (const KeyType type : {KeyType::aes256_gcm96, KeyType::ecdsa_p256, KeyType::hmac}) {
    const std::string name(to_text(type));
    ASSERT_TRUE(create(name, type));
    MasterKeyRow key = row(name);
    for (const auto& [state, message] : states) {
      key.state = state;
      for (const KeyUse use :
           {KeyUse::encrypt, KeyUse::decrypt, KeyUse::sign, KeyUse::verify, KeyUse::mac}) {
        const auto try_uses = [&](MasterKeys& keys) -> Result<> {
          EXPECT_EQ(why(keys.maker(key, use, 0)), message);
          EXPECT_EQ(why(keys.opener(key, use, 1)), message);
          return {};
        };
        EXPECT_TRUE(unit(try_uses));
      }
      const KeyMaterial more = test_material(type);
      EXPECT_EQ(why(unit([&](MasterKeys& keys) { return keys.rotate(key, more); })), message);
    }
  }
}

TEST_F(MasterKeysTest, DisablingAKeyThatIsOpenRefusesTheNextUse) {
  ASSERT_TRUE(create("k"));
  const Bytes sealed = *encrypt("k", "x");
  const Bytes uid = row("k").versions->front().uid;
  ASSERT_TRUE(state_->opened.find(uid));
  const auto set = [&](bool enabled) {
    return with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.set_enabled(key, enabled);
    });
  };
  ASSERT_TRUE(set(false));
  EXPECT_FALSE(state_->opened.find(uid));  // wiped from memory too
  EXPECT_EQ(decrypt("k", 1, sealed), "the key is disabled");
  EXPECT_EQ(why(encrypt("k", "y")), "the key is disabled");
  EXPECT_FALSE(state_->opened.find(uid));
  ASSERT_TRUE(set(true));
  EXPECT_EQ(decrypt("k", 1, sealed), "x");
}

TEST_F(MasterKeysTest, RestrictionsRefuseOtherUses) {
  KeySpec spec{.name = "k"};
  spec.uses = static_cast<std::uint8_t>(KeyUse::encrypt);
  ASSERT_TRUE(create(spec));
  const Bytes sealed = *encrypt("k", "x");
  EXPECT_EQ(decrypt("k", 1, sealed), "the key is restricted to other uses");
}

TEST_F(MasterKeysTest, TheKeyOfAServiceIsRotatedByTheServerAndChangedByNobody) {
  ASSERT_TRUE(create({.name = "k", .manager = "ssm"}));
  const auto refuses = [&](auto&& change) {
    const Result<> done = with("k", change);
    return !done && done.error().code == Code::precondition_failed;
  };
  using Key = const MasterKeyRow&;
  EXPECT_TRUE(refuses([](MasterKeys& keys, Key key) { return keys.set_enabled(key, false); }));
  EXPECT_TRUE(refuses([](MasterKeys& keys, Key key) { return keys.remove(key); }));
  EXPECT_TRUE(refuses([](MasterKeys& keys, Key key) { return keys.trim(key, 1); }));
  EXPECT_TRUE(refuses(
      [](MasterKeys& keys, Key key) { return keys.schedule_deletion(key, kMinDeletionWait); }));
  EXPECT_TRUE(refuses([](MasterKeys& keys, Key key) { return keys.set_rotation(key, {}); }));
  EXPECT_TRUE(refuses(
      [](MasterKeys& keys, Key key) { return keys.configure(key, {.deletion_allowed = true}); }));
  EXPECT_TRUE(refuses(
      [](MasterKeys& keys, Key key) { return keys.describe(key, {.policy = std::string("{}")}); }));
  EXPECT_TRUE(refuses(
      [](MasterKeys& keys, Key key) { return keys.rotate(key, test_material(*key.type)); }));
  EXPECT_TRUE(with("k", [](MasterKeys& keys, Key key) {
    return keys.rotate(key, test_material(*key.type), RotationKind::automatic);
  }));
}

TEST_F(MasterKeysTest, DeletionWaitsAndCanBeCancelled) {
  ASSERT_TRUE(create("k"));
  const Bytes sealed = *encrypt("k", "x");
  const auto schedule = [&](Duration wait) {
    return with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.schedule_deletion(key, wait);
    });
  };
  EXPECT_FALSE(schedule(kMinDeletionWait - std::chrono::seconds(1)));
  EXPECT_FALSE(schedule(kMaxDeletionWait + std::chrono::seconds(1)));
  const Bytes uid = row("k").versions->front().uid;
  ASSERT_TRUE(state_->opened.find(uid));
  ASSERT_TRUE(schedule(7 * kDay));
  EXPECT_FALSE(state_->opened.find(uid));  // wiped from memory too
  EXPECT_FALSE(schedule(7 * kDay));
  EXPECT_EQ(decrypt("k", 1, sealed), "the key is pending deletion");
  EXPECT_EQ(row("k").due(), *row("k").deletion);
  const auto cancel = [&] {
    return with(
        "k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.cancel_deletion(key); });
  };
  ASSERT_TRUE(cancel());
  EXPECT_FALSE(cancel());
  EXPECT_EQ(*row("k").state, KeyState::disabled);
}

TEST_F(MasterKeysTest, AKeyThatIsGoneIsGoneAndItsNameIsFree) {
  ASSERT_TRUE(create("k"));
  const Bytes sealed = *encrypt("k", "x");
  const Bytes uid = row("k").versions->front().uid;
  ASSERT_TRUE(state_->opened.find(uid));
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.remove(key); }));
  EXPECT_EQ(decrypt("k", 1, sealed), "no such key");
  EXPECT_FALSE(state_->opened.find(uid));  // wiped from memory too
  ASSERT_TRUE(create("k"));
  EXPECT_EQ(decrypt("k", 1, sealed), "cipher: message authentication failed");
}

TEST_F(MasterKeysTest, TrimmedVersionsAreGone) {
  ASSERT_TRUE(create("k"));
  const Bytes first = *encrypt("k", "one");
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(rotate("k"));
  const auto trim = [&](std::int64_t min) {
    return with("k",
                [&](MasterKeys& keys, const MasterKeyRow& key) { return keys.trim(key, min); });
  };
  const auto configure = [&](KeyChange change) {
    return with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.configure(key, change);
    });
  };
  EXPECT_THAT(why(trim(2)), HasSubstr("minimum encryption version is not set"));
  ASSERT_TRUE(configure({.min_decryption = 2, .min_encryption = 3}));
  EXPECT_THAT(decrypt("k", 1, first), HasSubstr("too old"));
  EXPECT_THAT(why(trim(4)), HasSubstr("greater than minmum encryption"));
  EXPECT_THAT(why(trim(3)), HasSubstr("greater than minimum decryption"));
  EXPECT_THAT(why(trim(0)), HasSubstr("should be positive"));
  EXPECT_THAT(why(trim(-1)), HasSubstr("cannot be decremented"));
  const Bytes uid = row("k").versions->front().uid;
  ASSERT_TRUE(trim(2));
  EXPECT_EQ(row("k").versions->front().number, 2U);
  work::View view = world_.view();
  EXPECT_EQ(*view.find<KeyVersionRow>(KeyVersionRow::key_of(mount_, uid)), nullptr);
  EXPECT_THAT(why(configure({.min_decryption = 1})), HasSubstr("less then min available"));
  EXPECT_THAT(why(trim(1)), HasSubstr("cannot be decremented"));
}

TEST_F(MasterKeysTest, MinimaStayInTheirOrder) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(rotate("k"));
  const auto configure = [&](KeyChange change) {
    return why(with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.configure(key, change);
    }));
  };
  EXPECT_THAT(configure({.min_decryption = -1}), HasSubstr("cannot be negative"));
  EXPECT_THAT(configure({.min_decryption = 3}), HasSubstr("latest key version is 2"));
  EXPECT_THAT(configure({.min_encryption = 3}), HasSubstr("latest key version is 2"));
  EXPECT_THAT(configure({.min_decryption = 2, .min_encryption = 1}),
              HasSubstr("must be greater than or equal"));
  EXPECT_EQ(configure({.exportable = true, .allow_plaintext_backup = true}), "");
  EXPECT_EQ(configure({.exportable = false, .allow_plaintext_backup = false}), "");
  EXPECT_TRUE(*row("k").exportable);  // cannot be taken back
  EXPECT_TRUE(*row("k").allow_plaintext_backup);
  EXPECT_EQ(configure({.min_encryption = 2}), "");
  EXPECT_THAT(why(encrypt("k", "x", 1)), HasSubstr("less than the minimum encryption"));
  EXPECT_THAT(why(encrypt("k", "x", 3)), HasSubstr("higher than the latest"));
  EXPECT_THAT(why(encrypt("k", "x", -1)), HasSubstr("negative"));
}

TEST_F(MasterKeysTest, ManyVersionsAreErasedBitByBit) {
  ASSERT_TRUE(create("k"));
  for (int i = 1; i < 70; ++i) ASSERT_TRUE(rotate("k"));
  const std::vector<KeyVersion> versions = *row("k").versions;
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.remove(key); }));
  EXPECT_EQ(*unit([](MasterKeys& keys) { return keys.find("k"); }), nullptr);
  EXPECT_TRUE(unit([](MasterKeys& keys) { return keys.list("", 10); })->empty());
  const auto left = [&] {
    work::View view = world_.view();
    return std::ranges::count_if(versions, [&](const KeyVersion& version) {
      return *view.find<KeyVersionRow>(KeyVersionRow::key_of(mount_, version.uid)) != nullptr;
    });
  };
  EXPECT_EQ(left(), 40);
  for (const long expected : {10, 0}) {
    work::View view = world_.view();
    const auto due = *view.lookup<MasterKeyRow>(kKeyDue, {}, 10);
    ASSERT_EQ(due.size(), 1U);
    const KeyPtr rest = *view.find<MasterKeyRow>(due.front());
    ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.erase_condemned(rest->row); }));
    EXPECT_EQ(left(), expected);
  }
  EXPECT_TRUE(world_.view().lookup<MasterKeyRow>(kKeyDue, {}, 10)->empty());
}

TEST_F(MasterKeysTest, CountsUsesInBlocksAndRotatesAtTheLimit) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(encrypt("k", "x"));
  EXPECT_EQ(row("k").versions->front().reserved_uses, kUseBlock);
  ASSERT_TRUE(encrypt("k", "x"));
  EXPECT_EQ(row("k").versions->front().reserved_uses, kUseBlock);  // no write for each use
  const auto use_up = [&] {
    work::View view = world_.view();
    MasterKeyRow key = row("k");
    key.versions->back().reserved_uses = kMaxUses;
    ASSERT_TRUE(view.put(std::move(key)));
    ASSERT_TRUE(world_.commit(view));
    state_ = std::make_unique<KmsState>();  // what was reserved is lost
  };
  use_up();
  EXPECT_THAT(why(encrypt("k", "x", 1)), HasSubstr("limit of uses"));
  const auto sealed = encrypt("k", "x");
  ASSERT_TRUE(sealed);
  EXPECT_EQ(row("k").latest(), 2U);
  EXPECT_EQ(row("k").versions->back().reserved_uses, kUseBlock);
  EXPECT_EQ(decrypt("k", 2, *sealed), "x");
}

TEST_F(MasterKeysTest, ImportedKeysAreNotRotatedUnlessTheyAllowIt) {
  ASSERT_TRUE(create({.name = "k", .imported = true, .allow_rotation = false}));
  EXPECT_THAT(why(rotate("k")), HasSubstr("does not allow rotation"));
  EXPECT_FALSE(row("k").due());
  ASSERT_TRUE(create({.name = "r", .imported = true, .allow_rotation = true}));
  ASSERT_TRUE(rotate("r"));
  EXPECT_FALSE(*row("r").imported);
}

TEST_F(MasterKeysTest, AKeyThatWaitsForItsMaterialGetsIt) {
  KeySpec spec{.name = "k", .imported = true};
  ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.create(spec, nullptr); }));
  EXPECT_EQ(why(encrypt("k", "x")), "the key is pending import");
  const KeyMaterial material = test_material(KeyType::aes256_gcm96);
  ASSERT_TRUE(with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
    return keys.import_version(key, material, 0);
  }));
  EXPECT_EQ(decrypt("k", 1, *encrypt("k", "x")), "x");
}

TEST_F(MasterKeysTest, APublicKeyIsCompletedByItsOwnOtherHalfOnly) {
  const KeyMaterial whole = test_material(KeyType::ecdsa_p256);
  KeyMaterial half = whole.clone();
  half.secret = {};
  KeySpec spec{.name = "k", .type = KeyType::ecdsa_p256, .imported = true};
  ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.create(spec, &half); }));
  const auto sign = [&] {
    return with("k", [](MasterKeys& keys, const MasterKeyRow& key) -> Result<Bytes> {
      COFFER_TRY(const ReadyKey ready, keys.maker(key, KeyUse::sign, 0));
      return ready.key->sign({}, as_bytes("message"), {});
    });
  };
  const auto import = [&](const KeyMaterial& material, std::int64_t version) {
    return with("k", [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.import_version(key, material, version);
    });
  };
  EXPECT_THAT(why(sign()), HasSubstr("does not contain a private part"));
  EXPECT_FALSE(import(test_material(KeyType::ecdsa_p256), 1));
  ASSERT_TRUE(import(whole, 1));
  EXPECT_EQ(row("k").latest(), 1U);
  EXPECT_TRUE(sign());  // the half that was open in memory is not used any more
  EXPECT_FALSE(import(whole, 1));
  ASSERT_TRUE(import(test_material(KeyType::ecdsa_p256), 0));
  EXPECT_EQ(row("k").latest(), 2U);
}

TEST_F(MasterKeysTest, RemembersTheLastUseWithoutAWriteForEach) {
  ASSERT_TRUE(create("k"));
  const auto last = [&] {
    return *with("k",
                 [](MasterKeys& keys, const MasterKeyRow& key) { return keys.last_used(key); });
  };
  EXPECT_EQ(last(), Timestamp{});
  ASSERT_TRUE(encrypt("k", "x"));
  const Timestamp now = world_.clock.now();
  ASSERT_TRUE(encrypt("k", "x"));
  EXPECT_EQ(last(), now);
}

}  // namespace
}  // namespace coffer::domain
