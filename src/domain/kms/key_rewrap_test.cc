// Data keys moved to the newest version of their master key: completely, over crashes, with a
// statement, and only then without the old versions.
#include "domain/kms/key_rewrap.h"

#include "base/wire.h"
#include "domain/kms/kms_world.h"
#include "proof/batch.h"

#include <atomic>
#include <thread>

namespace coffer::domain {
namespace {

constexpr store::IndexId kWrappedBy{901};

// Something with a data key under a master key; never part of a program.
struct WrappedRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRevisions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<Bytes> uid;
  rows::Clear<std::uint32_t> version;
  rows::Clear<Bytes> blob;
  rows::Clear<bool> hidden;  // from the index
  static constexpr auto kMembers = std::tuple{&WrappedRow::name,
                                              &WrappedRow::uid,
                                              &WrappedRow::version,
                                              &WrappedRow::blob,
                                              &WrappedRow::hidden};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const {
    if (*hidden) return {};
    Bytes entry = *uid;
    Writer(entry).u32(*version);
    return {{kWrappedBy, std::move(entry)}};
  }
};

class TestSource final : public RewrapSource {
 public:
  explicit TestSource(Bytes mount) : mount_(std::move(mount)) {}

  [[nodiscard]] std::string_view name() const override { return "test rows"; }

  Result<std::vector<Bytes>> below(work::View& view,
                                   ByteView key_uid,
                                   std::uint32_t version,
                                   std::size_t limit) override {
    COFFER_TRY(auto keys, view.lookup<WrappedRow>(kWrappedBy, key_uid, limit));
    std::vector<Bytes> out;
    for (Bytes& key : keys) {
      COFFER_TRY(const auto row, view.find<WrappedRow>(key));
      if (row && *row->row.version < version) out.push_back(std::move(key));
    }
    return out;
  }

  void rely_on_none(work::View& view, ByteView key_uid) override {
    view.rely_on_no_entry<WrappedRow>(kWrappedBy, to_bytes(key_uid));
  }

  Result<bool> rewrap(work::View& view, KmsState& kms, const Bytes& named) override {
    COFFER_TRY(const auto found, view.find<WrappedRow>(named));
    if (!found) return false;
    MasterKeys keys(view, mount_, kms);
    COFFER_TRY(const KeyPtr key, keys.by_uid(*found->row.uid));
    COFFER_TRY(const ReadyKey old, keys.opener(key->row, KeyUse::decrypt, *found->row.version));
    COFFER_TRY(const auto plain, old.key->decrypt({}, {}, *found->row.blob));
    COFFER_TRY(const ReadyKey latest, keys.maker(key->row, KeyUse::encrypt, 0));
    WrappedRow row = found->row;
    COFFER_TRY(row.blob, latest.key->encrypt({}, {}, plain.view()));
    row.version = latest.version;
    COFFER_CHECK(view.put(std::move(row)));
    return true;
  }

  Result<Page> look(work::View& view,
                    ByteView key_uid,
                    std::uint32_t version,
                    const Bytes& after) override {
    constexpr std::size_t kPage = 100;
    COFFER_TRY(const auto keys, view.keys<WrappedRow>({}, after, kPage));
    Page page;
    for (const Bytes& key : keys) {
      COFFER_TRY(const auto row, view.find<WrappedRow>(key));
      ++page.rows;
      if (std::ranges::equal(*row->row.uid, key_uid) && *row->row.version < version) ++page.below;
    }
    if (keys.size() == kPage) page.last = keys.back();
    return page;
  }

 private:
  Bytes mount_;
};

class KeyRewrapTest : public KmsTest {
 protected:
  KeyRewrapTest() {
    EXPECT_TRUE(create("k"));
    EXPECT_TRUE(create("other"));
  }

  void put(std::string_view key, std::size_t from, std::size_t count, bool hidden = false) {
    for (std::size_t i = 0; i < count;) {
      work::View view = world_.view();
      MasterKeys keys(view, mount_, *state_);
      const KeyPtr master = world_.value(keys.find(key));
      const ReadyKey ready = world_.value(keys.maker(master->row, KeyUse::encrypt, 0));
      for (std::size_t n = 0; n < 90 && i < count; ++n, ++i) {
        WrappedRow row;
        row.name = std::string(key) + std::to_string(1'000'000 + from + i);
        row.uid = *master->row.uid;
        row.version = ready.version;
        row.blob = world_.value(ready.key->encrypt({}, {}, as_bytes("data key " + *row.name)));
        row.hidden = hidden;
        ASSERT_TRUE(view.put(std::move(row)));
      }
      ASSERT_TRUE(world_.commit(view));
    }
  }

  Result<> ask(std::string_view name) {
    work::View view = world_.view();
    COFFER_CHECK(ask_for_rewrap(view, row(name)));
    return world_.commit(view);
  }

  KeyRewrap worker(std::string holder = "here") {
    return {*world_.committer,
            *world_.rows,
            *state_,
            world_.clock,
            *world_.random,
            std::move(holder),
            {&source_}};
  }

  static void finish(KeyRewrap& worker) {
    for (int rounds = 0; rounds < 1000; ++rounds) {
      const auto more = worker.round();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) return;
    }
  }

  KeyRewrapRow progress(std::string_view name) {
    work::View view = world_.view();
    return world_.value(view.find<KeyRewrapRow>(KeyRewrapRow::key_of(*row(name).uid)))->row;
  }

  Result<> destroy(std::string_view name, std::uint32_t version) {
    work::View view = world_.view();
    COFFER_CHECK(destroy_versions(view, *state_, row(name), version));
    return world_.commit(view);
  }

  std::map<std::uint32_t, std::size_t> versions() {
    work::View view = world_.view();
    std::map<std::uint32_t, std::size_t> out;
    for (const Bytes& key : *view.keys<WrappedRow>({}, {}, 100'000)) {
      ++out[*world_.value(view.find<WrappedRow>(key))->row.version];
    }
    return out;
  }

  TestSource source_{mount_};
};

TEST_F(KeyRewrapTest, LeavesNothingUnderOldVersionsAndSaysSo) {
  put("k", 0, 200);
  ASSERT_TRUE(rotate("k"));
  put("k", 500, 10);
  put("other", 0, 5);
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(ask("k"));
  EXPECT_EQ(destroy("k", 3).error().code, Code::precondition_failed);
  KeyRewrap work = worker();
  finish(work);
  EXPECT_EQ(versions(), (std::map<std::uint32_t, std::size_t>{{1, 5}, {3, 210}}))
      << "another key's stay where they are";
  const KeyRewrapRow done = progress("k");
  EXPECT_TRUE(done.is_stated());
  EXPECT_EQ(*done.total, 210U);
  EXPECT_EQ(*done.done, 210U);
  EXPECT_EQ(*done.scanned, 215U);
  const auto last = *world_.store->last_record(rows::kAuditLog);
  const auto events = *proof::decode_batch(last->record);
  EXPECT_EQ(events.back().type, proof::EventType::system_reseal_stated);
  ASSERT_TRUE(destroy("k", 3));
  EXPECT_EQ(row("k").versions->size(), 1U);
  work::View view = world_.view();
  const auto kept = world_.value(view.find<WrappedRow>("k1000007"));
  EXPECT_EQ(decrypt("k", *kept->row.version, *kept->row.blob), "data key k1000007");
}

TEST_F(KeyRewrapTest, GoesOnAfterACrash) {
  put("k", 0, 3000);
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(ask("k"));
  {
    KeyRewrap first = worker("first");
    ASSERT_TRUE(*first.round());  // counts
    ASSERT_TRUE(*first.round());
    EXPECT_EQ(*progress("k").done, KeyRewrap::kRows * KeyRewrap::kUnits);
  }
  world_.restart();
  state_ = std::make_unique<KmsState>();
  KeyRewrap second = worker("second");
  EXPECT_FALSE(*second.round()) << "the claim of the first still lasts";
  world_.clock.advance(std::chrono::minutes(1));
  finish(second);
  EXPECT_EQ(versions(), (std::map<std::uint32_t, std::size_t>{{2, 3000}}));
  EXPECT_EQ(*progress("k").done, 3000U) << "nothing was done twice";
  EXPECT_TRUE(progress("k").is_stated());
}

TEST_F(KeyRewrapTest, WhatTheIndexHidesIsNotStatedAway) {
  put("k", 0, 3);
  put("k", 10, 1, true);
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(ask("k"));
  KeyRewrap work = worker();
  Result<bool> more = true;
  for (int i = 0; i < 20 && more && *more; ++i) more = work.round();
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::corrupt);
  EXPECT_FALSE(progress("k").is_stated());
  EXPECT_EQ(destroy("k", 2).error().code, Code::precondition_failed);
}

TEST_F(KeyRewrapTest, AStatementIsOfItsVersionsOnly) {
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(ask("k"));
  KeyRewrap work = worker();
  finish(work);
  ASSERT_TRUE(progress("k").is_stated());
  ASSERT_TRUE(rotate("k"));
  EXPECT_EQ(destroy("k", 3).error().code, Code::precondition_failed);
  ASSERT_TRUE(ask("k"));
  EXPECT_FALSE(progress("k").is_stated());
  finish(work);
  EXPECT_TRUE(destroy("k", 3));
}

TEST_F(KeyRewrapTest, AKeyThatIsDisabledKeepsNoOtherWaitingAndIsTold) {
  for (const char* name : {"k", "other"}) {
    put(name, 0, 5);
    ASSERT_TRUE(rotate(name));
    ASSERT_TRUE(ask(name));
  }
  for (const char* name : {"k", "other"}) {
    ASSERT_TRUE(with(name, [](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.set_enabled(key, false);
    }));
    KeyRewrap work = worker();
    Result<bool> more = true;
    for (int i = 0; i < 20 && more && *more; ++i) more = work.round();
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Code::precondition_failed);
    EXPECT_FALSE(progress(name).is_stated());
    EXPECT_TRUE(progress(name == std::string_view("k") ? "other" : "k").is_stated());
    ASSERT_TRUE(with(name, [](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.set_enabled(key, true);
    }));
    finish(work);
    EXPECT_TRUE(progress(name).is_stated());
    for (const char* again : {"k", "other"}) {
      ASSERT_TRUE(rotate(again));
      ASSERT_TRUE(ask(again));
    }
  }
}

// For the thread sanitizer as well: whatever comes between, no data key is left under a version
// that is gone.
TEST_F(KeyRewrapTest, GoesOnWhileTheKeyIsUsedRotatedAndTrimmed) {
  constexpr std::size_t kDataKeys = 300;
  constexpr int kRotations = 6;
  put("k", 0, kDataKeys);
  std::atomic<bool> over = false;
  std::atomic<int> wrong = 0;
  // Whether it was done. Whatever is neither that nor `expected` nor a lost race is wrong.
  const auto try_to = [&](const Result<>& done, Code expected) {
    if (!done && done.error().code != Code::conflict && done.error().code != expected) ++wrong;
    return done.has_value();
  };
  const auto trim = [&]() -> Result<> {
    work::View view = world_.view();
    MasterKeys keys(view, mount_, *state_);
    COFFER_TRY(const KeyPtr key, keys.find("k"));
    COFFER_CHECK(destroy_versions(view, *state_, key->row, key->row.latest()));
    return world_.commit(view);
  };
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      for (int i = 0; i < kRotations; ++i) {
        while (!try_to(rotate("k"), Code::conflict)) {
        }
        while (!try_to(ask("k"), Code::conflict)) {
        }
      }
      over = true;
    });
    threads.emplace_back([&] {
      KeyRewrap work = worker();
      while (!over) {
        const auto round = work.round();
        (void)try_to(round ? Result<>() : std::unexpected(round.error()), Code::conflict);
      }
    });
    threads.emplace_back([&] {
      while (!over) (void)try_to(trim(), Code::precondition_failed);
    });
    threads.emplace_back([&] {
      while (!over) {
        const auto sealed = encrypt("k", "text");
        (void)try_to(sealed ? Result<>() : std::unexpected(sealed.error()), Code::conflict);
      }
    });
  }
  EXPECT_EQ(wrong, 0);
  KeyRewrap work = worker();
  ASSERT_TRUE(ask("k"));
  finish(work);
  ASSERT_TRUE(trim());
  EXPECT_EQ(versions(), (std::map<std::uint32_t, std::size_t>{{kRotations + 1, kDataKeys}}));
  work::View view = world_.view();
  for (const Bytes& key : *view.keys<WrappedRow>({}, {}, kDataKeys)) {
    const auto row = world_.value(view.find<WrappedRow>(key));
    EXPECT_EQ(decrypt("k", *row->row.version, *row->row.blob), "data key " + *row->row.name);
  }
}

TEST_F(KeyRewrapTest, KeysThatWrapNothingAreRefused) {
  ASSERT_TRUE(create("signer", KeyType::ed25519));
  EXPECT_EQ(ask("signer").error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace coffer::domain
