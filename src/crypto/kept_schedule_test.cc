#include "crypto/kept_schedule.h"

#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace coffer::crypto {
namespace {

const Bytes kKey(32, 7);
const Bytes kNonce(12, 8);

Bytes sealed(std::size_t size) {
  const Bytes whole = *seal_with_nonce(AeadKind::aes256_gcm, kKey, kNonce, {}, Bytes(size, 'p'));
  return {whole.begin() + 12, whole.end()};
}

// Asks until another thread, which works without a pause, is met at work.
bool is_met(const auto& ask) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (ask()) return true;
  }
  return false;
}

TEST(KeptSchedule, SaysWhenAnotherThreadWorksWithItAndDoesNothing) {
  KeptSchedule schedule(AuthCipher::aes256_gcm, kKey);
  const Bytes large(std::size_t{4} << 20);
  const std::jthread other([&](const std::stop_token& stop) {
    Bytes out(large.size() + kTagSize);
    while (!stop.stop_requested()) (void)schedule.encrypt(kNonce, {}, large, out);
  });
  const Bytes message = sealed(20);
  Bytes plain(20);
  EXPECT_TRUE(is_met([&] {
    plain.assign(20, 0);
    return !schedule.decrypt(kNonce, {}, message, plain);
  }));
  EXPECT_EQ(plain, Bytes(20));
  Bytes out(20 + kTagSize);
  EXPECT_TRUE(is_met([&] {
    out.assign(out.size(), 0);
    return !schedule.encrypt(kNonce, {}, plain, out);
  }));
  EXPECT_EQ(out, Bytes(20 + kTagSize));
}

}  // namespace
}  // namespace coffer::crypto
