#include "keys/seal.h"

#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::keys {
namespace {

constexpr Timestamp kNow{1'700'000'000'000'000'000};

class SealTest : public testing::Test {
 protected:
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(2);
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::unique_ptr<Keyring> keyring = Keyring::create(kNow, *random).value();

  NewSeal made(SealNumbers numbers = {}, std::uint64_t generation = 1) const {
    return make_seal(numbers, *keyring, "cluster", generation, kNow, *random).value();
  }

  void write(std::vector<store::Put> puts) const {
    const auto batch = store->begin().value();
    ASSERT_EQ(batch->apply({.checks = {}, .puts = std::move(puts), .erases = {}}).value(),
              store::Applied::yes);
    ASSERT_TRUE(batch->commit());
  }

  [[nodiscard]] Code refusal(ByteView root) const {
    const auto opened = open_keyring(*store, root, *random);
    return opened ? Code::internal : opened.error().code;
  }
};

TEST_F(SealTest, TakesOnlySensibleNumbers) {
  struct Case {
    SealNumbers numbers;
    bool good;
  };

  const Case cases[] = {
      {{1, 1}, true},
      {{2, 2}, true},
      {{5, 3}, true},
      {{255, 255}, true},
      {{255, 2}, true},
      {{0, 0}, false},
      {{0, 1}, false},
      {{5, 0}, false},
      {{5, 6}, false},
      {{2, 1}, false},
      {{5, 1}, false},
      {{256, 3}, false},
      {{256, 256}, false},
  };
  for (const Case& c : cases) {
    const auto result = check_numbers(c.numbers);
    EXPECT_EQ(result.has_value(), c.good) << c.numbers.shares << " " << c.numbers.threshold;
    if (!c.good) {
      EXPECT_EQ(result.error().code, Code::invalid_argument);
      EXPECT_FALSE(make_seal(c.numbers, *keyring, "c", 1, kNow, *random));
    }
  }
}

TEST_F(SealTest, ReadsBackItsRecord) {
  EXPECT_EQ(read_seal(*store).value(), std::nullopt) << "a new store has no seal";
  const NewSeal seal = made({5, 3});
  write(seal.rows);
  const auto record = read_seal(*store).value();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->shares, 5);
  EXPECT_EQ(record->threshold, 3);
  EXPECT_EQ(record->generation, 1U);
  EXPECT_EQ(record->cluster_id, "cluster");
  EXPECT_EQ(record->created, kNow);
  EXPECT_EQ(record->audit_public_key, keyring->audit_key().public_key().der());
  EXPECT_EQ(record->share_digests, seal.record.share_digests);
}

TEST_F(SealTest, KeepsNoShareAndNoRootInItsRows) {
  const NewSeal seal = made({3, 2});
  for (const store::Put& row : seal.rows) {
    EXPECT_EQ(as_text(row.blob).find(as_text(seal.root.view())), std::string_view::npos);
    for (const secure::SecureBytes& share : seal.shares.shares) {
      EXPECT_EQ(as_text(row.blob).find(as_text(share.view().first(32))), std::string_view::npos);
    }
  }
}

TEST_F(SealTest, OpensTheKeyringWithItsRootOnly) {
  const NewSeal seal = made();
  write(seal.rows);
  const auto opened = open_keyring(*store, seal.root.view(), *random);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->keyring->encode(), keyring->encode());
  EXPECT_EQ(refusal(made().root.view()), Code::invalid_argument);
}

TEST_F(SealTest, OpensARotatedKeyring) {
  const NewSeal seal = made();
  write(seal.rows);
  const auto before = open_keyring(*store, seal.root.view(), *random).value();
  const auto rotated = before.keyring->rotated(kNow).value();
  write({keyring_row(*rotated, seal.root.view(), before.revision + 1, *random)});
  const auto after = open_keyring(*store, seal.root.view(), *random);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->keyring->active_term(), 2U);
  EXPECT_EQ(after->revision, before.revision + 1);
}

TEST_F(SealTest, RefusesEveryFlippedBitOfItsRows) {
  const NewSeal seal = made({3, 2});
  for (std::size_t r = 0; r < seal.rows.size(); ++r) {
    for (std::size_t bit = 0; bit < seal.rows[r].blob.size() * 8; ++bit) {
      std::vector<store::Put> rows = seal.rows;
      rows[r].blob[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      write(rows);
      ASSERT_NE(refusal(seal.root.view()), Code::internal) << "row " << r << " bit " << bit;
    }
  }
}

TEST_F(SealTest, RefusesMovedAndMissingRows) {
  const NewSeal seal = made();
  auto swapped = seal.rows;
  std::swap(swapped[0].blob, swapped[1].blob);
  auto renumbered = seal.rows;
  ++renumbered[1].revision;
  auto promoted = seal.rows;
  ++promoted[0].revision;
  for (const auto& rows : {swapped, renumbered, promoted}) {
    write(rows);
    EXPECT_NE(refusal(seal.root.view()), Code::internal);
  }
  for (std::size_t r = 0; r < 2; ++r) {
    store = store::make_memory_store();
    write({seal.rows[r]});
    EXPECT_EQ(refusal(seal.root.view()), Code::corrupt) << "only row " << r;
  }
}

TEST_F(SealTest, RefusesTheRowsOfAnEarlierGenerationBesideNewOnes) {
  const NewSeal old = made({3, 2}, 1);
  const NewSeal now = made({3, 2}, 2);
  write(now.rows);
  ASSERT_TRUE(open_keyring(*store, now.root.view(), *random));
  EXPECT_EQ(refusal(old.root.view()), Code::invalid_argument) << "old shares are worthless";

  write({old.rows[0]});  // the seal record is replayed
  EXPECT_EQ(refusal(now.root.view()), Code::corrupt);
  write({now.rows[0], old.rows[1]});  // the keyring is replayed
  EXPECT_EQ(refusal(now.root.view()), Code::invalid_argument);
  EXPECT_EQ(refusal(old.root.view()), Code::corrupt);
}

TEST_F(SealTest, RefusesMalformedRecords) {
  const Bytes good = made({3, 2}).rows[0].blob;
  ASSERT_TRUE(decode_seal(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(decode_seal(ByteView(good).first(size)).error().code, Code::corrupt) << size;
  }
  const std::pair<std::size_t, std::uint8_t> edits[] = {{0, 2}, {1, 0}, {2, 0}, {2, 4}, {2, 1}};
  for (const auto& [at, octet] : edits) {
    Bytes bad = good;
    bad[at] = octet;
    EXPECT_EQ(decode_seal(bad).error().code, Code::corrupt) << at;
  }
}

}  // namespace
}  // namespace coffer::keys
