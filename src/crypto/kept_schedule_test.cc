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

TEST(KeptXaesSchedule, KeepsWhatComesTwiceInARow) {
  const XaesKey key(kKey);
  KeptXaesSchedule schedule;
  const auto opens = [&](std::uint8_t nonce_octet) {
    const Bytes nonce(24, nonce_octet);
    const Bytes whole =
        *seal_with_nonce(AeadKind::xaes256_gcm, kKey, nonce, as_bytes("a"), as_bytes("text"));
    Bytes plain(4);
    const auto held =
        schedule.decrypt(key, nonce, as_bytes("a"), ByteView(whole).subspan(24), plain);
    EXPECT_TRUE(!held || (*held && as_text(plain) == "text"));
    return held.has_value();
  };
  EXPECT_FALSE(opens(1));
  EXPECT_TRUE(opens(1));
  EXPECT_FALSE(opens(2));
  EXPECT_TRUE(opens(1)) << "one other message does not drive it out";
  EXPECT_FALSE(opens(2));
  EXPECT_TRUE(opens(2));
  EXPECT_FALSE(opens(1));
  EXPECT_TRUE(opens(2));
}

TEST(KeptXaesSchedule, RefusesWhatDoesNotAuthenticate) {
  const XaesKey key(kKey);
  KeptXaesSchedule schedule;
  const Bytes nonce(24, 1);
  const Bytes whole = *seal_with_nonce(AeadKind::xaes256_gcm, kKey, nonce, {}, as_bytes("text"));
  Bytes broken(whole.begin() + 24, whole.end());
  Bytes plain(4);
  EXPECT_EQ(schedule.decrypt(key, nonce, {}, broken, plain), std::nullopt);
  EXPECT_EQ(schedule.decrypt(key, nonce, {}, broken, plain), std::optional(true));
  broken[0] ^= 1;
  EXPECT_EQ(schedule.decrypt(key, nonce, {}, broken, plain), std::optional(false));
  // The half of the nonce that makes no key is the message's own all the same.
  broken[0] ^= 1;
  Bytes other = nonce;
  other[23] ^= 1;
  EXPECT_EQ(schedule.decrypt(key, other, {}, broken, plain), std::optional(false));
}

}  // namespace
}  // namespace coffer::crypto
