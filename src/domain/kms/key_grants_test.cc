#include "domain/kms/key_grants.h"

#include "domain/kms/kms_world.h"
#include "domain/kms/tend.h"

#include <gmock/gmock.h>

namespace coffer::domain {
namespace {

constexpr std::string_view kAlice = "arn:aws:iam::000000000000:user/alice";
constexpr std::string_view kBob = "arn:aws:iam::000000000000:user/bob";

constexpr std::uint32_t bits(auto... operation) {
  return (static_cast<std::uint32_t>(operation) | ...);
}

KeyGrantRow grant(std::uint32_t operations, std::string_view grantee = kAlice) {
  KeyGrantRow row;
  row.grantee = std::string(grantee);
  row.operations = operations;
  return row;
}

class KeyGrantsTest : public KmsTest {
 protected:
  KeyGrantsTest() { EXPECT_TRUE(create("k")); }

  template <class F>
  auto grants(F&& work) {
    work::View view = world_.view();
    KeyGrants grants(view, mount_);
    auto result = work(grants);
    if (result && view.has_writes()) EXPECT_TRUE(world_.commit(view));
    return result;
  }

  Result<KeyGrantRow> make(KeyGrantRow wanted) {
    const MasterKeyRow key = row("k");
    return grants([&](KeyGrants& all) { return all.create(key, std::move(wanted)); });
  }
};

TEST_F(KeyGrantsTest, AreFoundByTheirGranteeUntilTheyEnd) {
  const auto made = make(grant(bits(GrantOperation::decrypt)));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->id->size(), kGrantId);
  ASSERT_TRUE(make(grant(bits(GrantOperation::encrypt), kBob)));
  const MasterKeyRow key = row("k");
  EXPECT_EQ(*key.grants, 2U);
  const auto of = [&](std::string_view who) {
    const MasterKeyRow now = row("k");
    return grants([&](KeyGrants& all) { return all.of_grantee(now, who); })->size();
  };
  EXPECT_EQ(of(kAlice), 1U);
  EXPECT_EQ(of(kAlice.substr(0, kAlice.size() - 1)), 0U);
  EXPECT_EQ(grants([&](KeyGrants& all) { return all.list(key, {}, 10); })->size(), 2U);
  ASSERT_TRUE(grants([&](KeyGrants& all) { return all.remove(key, *made); }));
  EXPECT_EQ(of(kAlice), 0U);
  EXPECT_EQ(of(kBob), 1U);
  EXPECT_EQ(*row("k").grants, 1U);
}

TEST_F(KeyGrantsTest, TheSameAgainIsTheSameOnlyWithAName) {
  KeyGrantRow named = grant(bits(GrantOperation::decrypt));
  named.name = std::string("once");
  const Bytes id = *make(named)->id;
  EXPECT_EQ(*make(named)->id, id);
  KeyGrantRow other = named;
  other.operations = bits(GrantOperation::encrypt);
  EXPECT_NE(*make(other)->id, id);
  const auto nameless = grant(bits(GrantOperation::decrypt));
  EXPECT_NE(*make(nameless)->id, *make(nameless)->id);
}

TEST_F(KeyGrantsTest, AllowWhatTheySayAndNoMore) {
  KeyGrantRow row = grant(bits(GrantOperation::decrypt, GrantOperation::describe_key));
  const EncryptionContext context{{"app", "x"}, {"env", "y"}};
  const EncryptionContext one{{"app", "x"}};
  const EncryptionContext none;
  const auto decrypts = [&](const EncryptionContext& with) {
    return allows(row, {.operation = GrantOperation::decrypt, .context = &with});
  };
  EXPECT_TRUE(decrypts(none));
  EXPECT_FALSE(allows(row, {.operation = GrantOperation::encrypt, .context = &none}));
  row.context_subset = one;
  EXPECT_TRUE(decrypts(context));
  EXPECT_TRUE(decrypts(one));
  EXPECT_FALSE(decrypts(none));
  EXPECT_FALSE(decrypts({{"app", "X"}}));
  row.context_subset = none;
  row.context_equals = one;
  EXPECT_TRUE(decrypts(one));
  EXPECT_FALSE(decrypts(context));
  EXPECT_FALSE(decrypts(none));
  EXPECT_TRUE(allows(row, {.operation = GrantOperation::describe_key}));  // it has no context
}

TEST_F(KeyGrantsTest, AGrantMakesNoWiderOne) {
  KeyGrantRow parent = grant(bits(GrantOperation::decrypt, GrantOperation::create_grant));
  const auto may_make = [&](const KeyGrantRow& made) {
    return allows(parent, {.operation = GrantOperation::create_grant, .made = &made});
  };
  EXPECT_TRUE(may_make(grant(bits(GrantOperation::decrypt))));
  EXPECT_FALSE(may_make(grant(bits(GrantOperation::encrypt))));
  parent.context_subset = EncryptionContext{{"a", "1"}};
  EXPECT_FALSE(may_make(grant(bits(GrantOperation::decrypt))));
  KeyGrantRow narrower = grant(bits(GrantOperation::decrypt));
  narrower.context_subset = EncryptionContext{{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(may_make(narrower));
  narrower.context_subset = EncryptionContext{};
  narrower.context_equals = EncryptionContext{{"a", "1"}};
  EXPECT_TRUE(may_make(narrower));
  narrower.context_equals = EncryptionContext{{"a", "2"}};
  EXPECT_FALSE(may_make(narrower));
  parent.context_subset = EncryptionContext{};
  parent.context_equals = EncryptionContext{{"a", "1"}};
  EXPECT_FALSE(may_make(narrower));
}

TEST_F(KeyGrantsTest, RetirersFindTheirsAndADeletedKeyLeavesNone) {
  KeyGrantRow row = grant(bits(GrantOperation::decrypt));
  row.retiring = std::string(kBob);
  ASSERT_TRUE(make(row));
  const auto count = [&] {
    return grants([&](KeyGrants& all) { return all.places_of_retirer(kBob); })->size();
  };
  EXPECT_EQ(count(), 1U);
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.remove(key); }));
  for (int i = 0; i < 5; ++i) {
    work::View view = world_.view();
    const auto done = tend_one_key(view, *state_, {});
    ASSERT_TRUE(done);
    if (!*done) break;
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_EQ(count(), 0U);
}

// Whoever is asked for is looked up whole: a grant that nobody would find is not made.
TEST_F(KeyGrantsTest, AGranteeHasNoMoreThanTakeEffect) {
  for (std::size_t i = 0; i < kMaxGrantsOfGrantee; ++i) {
    ASSERT_TRUE(make(grant(bits(GrantOperation::encrypt))));
  }
  const auto more = make(grant(bits(GrantOperation::decrypt)));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::exhausted);
  EXPECT_TRUE(make(grant(bits(GrantOperation::decrypt), kBob)));
}

TEST_F(KeyGrantsTest, OperationsKeepTheirNamesAndBits) {
  constexpr std::string_view kNames[] = {"Decrypt",
                                         "Encrypt",
                                         "GenerateDataKey",
                                         "GenerateDataKeyWithoutPlaintext",
                                         "ReEncryptFrom",
                                         "ReEncryptTo",
                                         "Sign",
                                         "Verify",
                                         "GetPublicKey",
                                         "CreateGrant",
                                         "RetireGrant",
                                         "DescribeKey",
                                         "GenerateDataKeyPair",
                                         "GenerateDataKeyPairWithoutPlaintext",
                                         "GenerateMac",
                                         "VerifyMac",
                                         "DeriveSharedSecret"};
  std::uint32_t bit = 1;
  for (const std::string_view name : kNames) {
    EXPECT_EQ(parse_grant_operation(name), static_cast<GrantOperation>(bit)) << name;
    EXPECT_THAT(grant_operation_names(bit), testing::ElementsAre(name));
    bit <<= 1U;
  }
  EXPECT_FALSE(parse_grant_operation("decrypt"));
}

}  // namespace
}  // namespace coffer::domain
