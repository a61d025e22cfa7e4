// Keys used and changed by many threads at once, for the thread sanitizer: whatever happens, a use
// either succeeds under a version that is allowed, or is refused.
#include "domain/kms/kms_world.h"

#include <atomic>
#include <thread>

namespace coffer::domain {
namespace {

class KmsThreads : public KmsTest {
 protected:
  static constexpr int kRounds = 60;
  static constexpr int kMostRounds = 1'000'000;
  static constexpr int kRotations = 10;

  // A unit that is run again when another was first, as the gate does. The others end some time, so
  // that it has its turn.
  template <class F>
  Result<> retried(F&& work) {
    for (int attempt = 0; attempt < kMostRounds; ++attempt) {
      work::View view(*world_.rows, work::kTestRealm, world_.clock.now(), *random_);
      MasterKeys keys(view, mount_, *state_);
      COFFER_TRY(const KeyPtr key, keys.find("k"));
      COFFER_CHECK(work(keys, key));
      if (!view.has_writes()) return {};
      const Result<> done = world_.committer->commit(view, {world_.event()});
      if (done || done.error().code != Code::conflict) return done;
    }
    return fail(Code::conflict, "other units kept winning");
  }

  std::unique_ptr<crypto::Random> random_ = crypto::system_random();
};

TEST_F(KmsThreads, RotateEncryptTrimAndDisableTogether) {
  ASSERT_TRUE(create("k"));
  std::atomic<int> wrong = 0;
  std::atomic<int> used = 0;
  const auto use = [&] {
    // On, if the key was disabled each time: it is enabled in the end.
    for (int i = 0; i < kRounds || (used == 0 && i < kMostRounds); ++i) {
      Bytes sealed;
      std::uint32_t version = 0;
      const Result<> made = retried([&](MasterKeys& keys, KeyPtr key) -> Result<> {
        COFFER_TRY(key, keys.count_uses(std::move(key), 0, 1));
        COFFER_TRY(const ReadyKey ready, keys.maker(key->row, KeyUse::encrypt, 0));
        version = ready.version;
        COFFER_TRY(sealed, ready.key->encrypt({}, {}, as_bytes("text")));
        return {};
      });
      if (!made && made.error().message != "the key is disabled") ++wrong;
      if (!made) continue;
      const Result<> opened = retried([&](MasterKeys& keys, const KeyPtr& key) -> Result<> {
        const auto ready = keys.opener(key->row, KeyUse::decrypt, version);
        if (!ready) return {};  // disabled or trimmed meanwhile
        const auto plain = ready->key->decrypt({}, {}, sealed);
        if (!plain || as_text(plain->view()) != "text") ++wrong;
        ++used;
        return {};
      });
      if (!opened) ++wrong;
    }
  };
  const auto rotate = [&] {
    for (int done = 0; done < kRotations;) {  // refused while the key is disabled
      const Result<> rotated = retried([&](MasterKeys& keys, const KeyPtr& key) {
        return keys.rotate(key->row, generate_material(*key->row.type, 0, *random_));
      });
      if (rotated) ++done;
    }
  };
  const auto trim = [&] {
    for (int i = 0; i < kRounds; ++i) {
      (void)retried([&](MasterKeys& keys, const KeyPtr& key) {
        const std::int64_t latest = key->row.latest();
        return keys.configure(key->row, {.min_decryption = latest, .min_encryption = latest});
      });
      (void)retried([&](MasterKeys& keys, const KeyPtr& key) {
        return keys.trim(key->row, *key->row.min_decryption);
      });
    }
  };
  const auto toggle = [&] {
    for (int i = 0; i < kRounds; ++i) {
      for (const bool enabled : {false, true}) {
        if (!retried([&](MasterKeys& keys, const KeyPtr& key) {
              return keys.set_enabled(key->row, enabled);
            })) {
          ++wrong;
        }
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(use);
    threads.emplace_back(rotate);
    threads.emplace_back(trim);
    threads.emplace_back(toggle);
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(used, 0);
  EXPECT_EQ(row("k").latest(), 1U + kRotations);
  EXPECT_TRUE(encrypt("k", "after"));
}

}  // namespace
}  // namespace coffer::domain
