#include "secure/arena.h"
#include "secure/bytes.h"
#include "secure/locked.h"

#include <gtest/gtest.h>

#include <cstring>

namespace coffer::secure {
namespace {

TEST(SecureBytes, ComparesAndClones) {
  const SecureBytes a(as_bytes("secret"));
  EXPECT_TRUE(a == a.clone());
  EXPECT_FALSE(a == SecureBytes(as_bytes("secreT")));
  EXPECT_FALSE(a == SecureBytes(as_bytes("secre")));
}

TEST(SecureBytes, ResizeWipesTheTail) {
  SecureBytes a(as_bytes("secret"));
  const std::uint8_t* data = a.view().data();
  a.resize(2);
  EXPECT_EQ(data[2], 0);  // still inside the same block
  EXPECT_EQ(as_text(a.view()), "se");
}

TEST(SecureBytes, GrowsWithItsContentsAndAddsZeros) {
  SecureBytes a;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    a.push_back(static_cast<std::uint8_t>(i));
    a.append(as_bytes("more"));
    expected += static_cast<char>(i);
    expected += "more";
  }
  EXPECT_EQ(as_text(a.view()), expected);
  a.resize(2);
  a.resize(5);
  EXPECT_EQ(as_text(a.view()), std::string_view("\0m\0\0\0", 5));
}

TEST(SecureBytes, IsEmptyAfterAMoveAndTakesOverWhole) {
  SecureBytes from(as_bytes("secret"));
  SecureBytes to(as_bytes("other"));
  to = std::move(from);
  EXPECT_EQ(as_text(to.view()), "secret");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): moved from means empty here
  from.append(as_bytes("again"));
  EXPECT_EQ(as_text(from.view()), "again");
}

TEST(SecureText, Encodes) {
  EXPECT_EQ(hex_text(as_bytes("\x01\xaf")).text(), "01af");
  EXPECT_EQ(base64_text(as_bytes("foob")).text(), "Zm9vYg==");
}

TEST(LockedKey, MovesWithoutCopying) {
  LockedKey a(as_bytes("0123456789abcdef0123456789abcdef"));
  const std::uint8_t* page = a.view().data();
  const LockedKey b(std::move(a));
  EXPECT_EQ(b.view().data(), page);
  EXPECT_EQ(as_text(b.view()), "0123456789abcdef0123456789abcdef");
}

TEST(WipingArena, WipesOnReset) {
  WipingArena arena(64);
  auto* first = static_cast<char*>(arena.allocate(16, 1));
  std::memcpy(first, "canary-canary-ca", 16);
  (void)arena.allocate(1000, 8);  // forces a second block
  arena.reset();
  for (int i = 0; i < 16; ++i) EXPECT_EQ(first[i], 0);
  EXPECT_EQ(arena.allocate(16, 1), first);
}

}  // namespace
}  // namespace coffer::secure
