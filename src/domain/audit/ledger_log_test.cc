#include "domain/audit/ledger_log.h"

#include "domain/audit/sample_store.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

proof::RowLedger ledger_of(int rows, std::uint64_t revision = 1) {
  proof::RowLedger ledger;
  for (int i = 0; i < rows; ++i) ledger.put({30, 1, to_bytes(std::to_string(i))}, revision, {});
  return ledger;
}

constexpr int kThreeParts = 40'000;  // rows

class LedgerLog : public testing::Test {
 protected:
  [[nodiscard]] proof::SignedHead head_at(std::uint64_t sequence) const {
    proof::Head head{.log_id = keyring->log_id(), .sequence = sequence, .link = {}, .time = {}};
    return work::TestWorld::value(proof::sign_head(std::move(head), keyring->audit_key()));
  }

  [[nodiscard]] std::size_t records() const {
    return store->read_log(rows::kLedgerLog, 0, 100).value().size();
  }

  Result<crypto::Digest> append(const proof::RowLedger& ledger, const proof::SignedHead& head) {
    return append_ledger(*store, ledger, head, [] { return Result<>(); });
  }

  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  std::unique_ptr<keys::Keyring> keyring =
      work::TestWorld::value(keys::Keyring::create({1}, *random));
};

TEST_F(LedgerLog, GoesOnWithWhatWasBrokenOffHoweverOftenItIs) {
  const proof::SignedHead head = head_at(7);
  const proof::RowLedger ledger = ledger_of(kThreeParts);
  for (std::size_t part = 1; part <= 2; ++part) {
    // One record more each time, and then the disk is full.
    std::size_t left = 1;
    const auto broken = append_ledger(*store, ledger, head, [&left]() -> Result<> {
      return left-- > 0 ? Result<>() : fail(Code::unavailable, "no space left on device");
    });
    EXPECT_FALSE(broken);
    EXPECT_EQ(records(), part);
    EXPECT_FALSE(read_ledger(*store, head, {}));
  }
  const auto digest = append(ledger, head);
  ASSERT_TRUE(digest);
  EXPECT_EQ(records(), 3U);
  EXPECT_EQ(append(ledger, head).value(), *digest);
  EXPECT_EQ(records(), 3U) << "it is there already";
  EXPECT_EQ(read_ledger(*store, head, *digest).value().take().size(),
            static_cast<std::size_t>(kThreeParts));
}

TEST_F(LedgerLog, BeginsAnewBehindPartsOfAnotherContentOrHead) {
  const proof::SignedHead head = head_at(7);
  ASSERT_TRUE(append(ledger_of(10, 1), head));
  const auto other = append(ledger_of(10, 2), head);
  ASSERT_TRUE(other);
  EXPECT_EQ(records(), 2U);
  EXPECT_TRUE(read_ledger(*store, head, *other)) << "the newest at this head";
  const proof::SignedHead later = head_at(9);
  const auto last = append(ledger_of(10, 2), later);
  ASSERT_TRUE(last);
  EXPECT_EQ(records(), 3U);
  EXPECT_NE(*last, *other) << "the head is part of it";
  EXPECT_EQ(read_ledger(*store, head_at(8), *last).error().code, Code::corrupt);
  EXPECT_EQ(read_ledger(*store, later, *other).error().code, Code::corrupt);
  EXPECT_TRUE(drop_ledgers_before(*store, later).value());
  EXPECT_FALSE(drop_ledgers_before(*store, later).value());
  EXPECT_EQ(records(), 1U);
  EXPECT_TRUE(read_ledger(*store, later, *last));
  EXPECT_FALSE(drop_ledgers_before(*store, head)) << "it is gone";
}

}  // namespace
}  // namespace coffer::domain
