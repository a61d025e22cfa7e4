#include "dialects/aws/random_password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace coffer::dialects::aws {
namespace {

std::string made(const PasswordWish& wish, std::uint64_t seed) {
  const auto random = crypto::seeded_random(seed);
  const auto password = random_password(wish, *random);
  return password ? std::string(password->text()) : password.error().message;
}

template <class F>
bool some(const std::string& text, F&& is) {
  return std::ranges::any_of(text, [&](char c) { return is(static_cast<unsigned char>(c)) != 0; });
}

TEST(RandomPassword, HasOneOfEachType) {
  PasswordWish wish;
  wish.length = 5;
  wish.space = true;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::string text = made(wish, seed);
    EXPECT_EQ(text.size(), 5U);
    EXPECT_TRUE(some(text, ::isupper) && some(text, ::islower) && some(text, ::isdigit) &&
                some(text, ::ispunct) && text.contains(' '))
        << text;
  }
}

TEST(RandomPassword, LeavesOutWhatIsExcluded) {
  PasswordWish wish;
  wish.length = 4096;
  wish.excluded = "abcXYZ019!\"";
  const std::string text = made(wish, 1);
  EXPECT_EQ(text.size(), 4096U);
  EXPECT_EQ(text.find_first_of(wish.excluded), std::string::npos);
  wish.punctuation = false;
  wish.numbers = false;
  wish.uppercase = false;
  const std::string letters = made(wish, 2);
  EXPECT_TRUE(std::ranges::all_of(letters, [](char c) { return c >= 'd' && c <= 'z'; }));
}

TEST(RandomPassword, RefusesWhatCannotBe) {
  PasswordWish wish;
  wish.length = 3;
  EXPECT_EQ(made(wish, 1), "Password length 3 too short based on the required types.");
  wish.each_type = false;
  EXPECT_EQ(made(wish, 1).size(), 3U);
  wish.lowercase = wish.uppercase = wish.numbers = wish.punctuation = false;
  EXPECT_TRUE(made(wish, 1).contains("excluded"));
}

TEST(RandomPassword, EveryLetterComesAboutAsOften) {
  PasswordWish wish;
  wish.length = 4000;
  wish.each_type = false;
  wish.lowercase = wish.uppercase = wish.punctuation = false;
  const std::string digits = made(wish, 3);
  for (char c = '0'; c <= '9'; ++c) {
    const auto count = std::ranges::count(digits, c);
    EXPECT_GT(count, 300) << c;
    EXPECT_LT(count, 500) << c;
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
