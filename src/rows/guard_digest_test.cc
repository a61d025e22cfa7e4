// The digest says which rows there are, whatever the order in which they came and went.
#include "rows/guard_digest.h"

#include "rows/table.h"

#include <gtest/gtest.h>

namespace coffer::rows {
namespace {

struct Placed {
  store::Key key;
  RowState state;
};

Placed token(std::string_view name, std::uint64_t revision, std::uint8_t seal = 1) {
  return {{tables::kTokens.id, store::RealmId(1), to_bytes(name)}, {revision, {seal}}};
}

class GuardDigestTest : public testing::Test {
 protected:
  [[nodiscard]] crypto::Digest of(const std::vector<Placed>& rows) const {
    GuardDigest digest(*keyring);
    for (const Placed& row : rows) digest.add(row.key, row.state);
    return digest.value();
  }

  std::unique_ptr<crypto::Random> random = crypto::seeded_random(7);
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::create({}, *random).value();
};

TEST_F(GuardDigestTest, DependsOnTheRowsAndNotOnTheirOrder) {
  const Placed a = token("a", 1);
  const Placed b = token("b", 2);
  const Placed c = token("c", 3);
  EXPECT_EQ(of({a, b, c}), of({c, a, b}));
  EXPECT_NE(of({a, b}), of({a, b, c}));
  EXPECT_NE(of({a}), of({a, a})) << "a multiset";
  EXPECT_NE(of({}), of({a}));
}

TEST_F(GuardDigestTest, DependsOnEveryField) {
  const Placed row = token("a", 1);
  std::vector<Placed> others(5, row);
  others[0].key.table = tables::kPolicies.id;
  others[1].key.realm = store::RealmId(0);
  others[2].key.key = to_bytes("b");
  others[3].state.revision = 2;
  others[4].state.seal[15] ^= 1;
  for (std::size_t i = 0; i < others.size(); ++i) EXPECT_NE(of({others[i]}), of({row})) << i;
}

// Enough rows that carries and borrows run through every octet.
TEST_F(GuardDigestTest, ForgetsWhatIsRemoved) {
  GuardDigest digest(*keyring);
  const crypto::Digest empty = digest.value();
  for (std::uint64_t i = 0; i < 600; ++i) digest.add(token("t", i).key, token("t", i).state);
  const crypto::Digest full = digest.value();
  digest.add(token("x", 1).key, token("x", 1).state);
  EXPECT_NE(digest.value(), full);
  digest.remove(token("x", 1).key, token("x", 1).state);
  EXPECT_EQ(digest.value(), full);
  for (std::uint64_t i = 600; i-- > 0;) digest.remove(token("t", i).key, token("t", i).state);
  EXPECT_EQ(digest.value(), empty);
  digest.remove(token("y", 1).key, token("y", 1).state);
  EXPECT_NE(digest.value(), empty) << "below nothing";
  digest.add(token("y", 1).key, token("y", 1).state);
  EXPECT_EQ(digest.value(), empty);
}

TEST_F(GuardDigestTest, IsTheSameAfterARotationAndAnotherServersIsNot) {
  const crypto::Digest before = of({token("a", 1)});
  keyring = keyring->rotated({}).value();
  EXPECT_EQ(of({token("a", 1)}), before);
  keyring = keys::Keyring::create({}, *random).value();
  EXPECT_NE(of({token("a", 1)}), before);
}

}  // namespace
}  // namespace coffer::rows
