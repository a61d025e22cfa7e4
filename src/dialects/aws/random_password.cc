#include "dialects/aws/random_password.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::string_view kSpace = " ";

// A number below `bound` (at most 65536), each as likely as another.
std::size_t below(std::size_t bound, crypto::Random& random) {
  const std::size_t limit = 65536 - 65536 % bound;
  while (true) {
    const auto octets = random.array<2>();
    const std::size_t number = octets[0] * std::size_t{256} + octets[1];
    if (number < limit) return number % bound;
  }
}

}  // namespace

Result<secure::SecureText> random_password(const PasswordWish& wish, crypto::Random& random) {
  std::vector<std::string> kinds;
  const auto add = [&](bool wanted, std::string_view letters) {
    if (!wanted) return;
    std::string left;
    for (const char c : letters) {
      if (!wish.excluded.contains(c)) left.push_back(c);
    }
    if (!left.empty()) kinds.push_back(std::move(left));
  };
  add(wish.lowercase, kLower);
  add(wish.uppercase, kUpper);
  add(wish.numbers, kDigits);
  add(wish.punctuation, kPunctuation);
  add(wish.space, kSpace);
  std::string all;
  for (const std::string& kind : kinds) all += kind;
  if (all.empty()) {
    return fail(Code::invalid_argument,
                "The password can't be generated because every character type is excluded.");
  }
  if (wish.each_type && wish.length < kinds.size()) {
    return fail(Code::invalid_argument,
                "Password length " + std::to_string(wish.length) +
                    " too short based on the required types.");
  }
  secure::SecureText password;
  password.reserve(wish.length);
  if (wish.each_type) {
    for (const std::string& kind : kinds) password.push_back(kind[below(kind.size(), random)]);
  }
  while (password.size() < wish.length) password.push_back(all[below(all.size(), random)]);
  const MutableBytes octets = password.bytes().mutable_view();
  for (std::size_t i = octets.size(); i > 1; --i) {
    std::swap(octets[i - 1], octets[below(i, random)]);
  }
  return password;
}

}  // namespace coffer::dialects::aws
