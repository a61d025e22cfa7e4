#include "crypto/shamir.h"

#include <array>

namespace coffer::crypto {
namespace {

// Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 §4.2): shift and add, with masks in
// the place of branches, so that time and memory accesses are the same for all operands.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0;
  unsigned shifted = a;
  for (int bit = 0; bit < 8; ++bit) {
    product ^= shifted & (0U - (unsigned{b} >> bit & 1U));
    shifted = (shifted << 1) ^ (0x11bU & (0U - (shifted >> 7)));
  }
  return static_cast<std::uint8_t>(product);
}

// a^254, which is the inverse of every a but 0: the group of units has 255 elements.
std::uint8_t invert(std::uint8_t a) {
  std::uint8_t power = a;
  for (int i = 0; i < 6; ++i) power = multiply(multiply(power, power), a);  // a^127 at the end
  return multiply(power, power);
}

std::uint8_t x_of(ByteView share) {
  return share.back();
}

Result<> validate(const std::vector<ByteView>& shares) {
  if (shares.size() < 2 || shares.size() > kMaxShares) {  // public: the count
    return fail(Code::invalid_argument, "2 to 255 shares are needed");
  }
  const std::size_t size = shares.front().size();
  if (size < 2 || size > kMaxSharedSecret + 1) {  // public: the size
    return fail(Code::invalid_argument, "share of an impossible size");
  }
  std::array<bool, 256> seen{};
  for (const ByteView share : shares) {
    const std::uint8_t x = x_of(share);
    if (share.size() != size) {  // public: the size
      return fail(Code::invalid_argument, "shares of different sizes");
    }
    if (x == 0) return fail(Code::invalid_argument, "share of number zero");   // public: x
    if (seen[x]) return fail(Code::invalid_argument, "the same share twice");  // public: x
    seen[x] = true;                                                            // public: x
  }
  return {};
}

// The weight of share `i` in Lagrange's interpolation at 0. Only the public x take part.
std::uint8_t weight(const std::vector<ByteView>& shares, std::size_t i) {
  std::uint8_t numerator = 1;
  std::uint8_t denominator = 1;
  for (std::size_t j = 0; j < shares.size(); ++j) {
    if (j == i) continue;  // public: counters
    const std::uint8_t x = x_of(shares[j]);
    numerator = multiply(numerator, x);
    denominator = multiply(denominator, static_cast<std::uint8_t>(x ^ x_of(shares[i])));
  }
  return multiply(numerator, invert(denominator));
}

}  // namespace

Result<std::vector<secure::SecureBytes>> shamir_split(ByteView secret,
                                                      std::size_t shares,
                                                      std::size_t threshold,
                                                      Random& random) {
  if (threshold < 2 || threshold > shares || shares > kMaxShares) {  // public: counts
    return fail(Code::invalid_argument, "threshold of 2 up to the shares, of which at most 255");
  }
  if (secret.empty() || secret.size() > kMaxSharedSecret) {  // public: the size
    return fail(Code::invalid_argument, "secret of 1 octet to 64 KiB");
  }
  // One polynomial per octet: the octet itself at 0, and threshold - 1 random coefficients above
  // it. Row d holds the coefficients of x^(d+1) of all polynomials. The highest may be 0: excluding
  // that would make some secrets likelier than others to a holder of threshold - 1 shares.
  const secure::SecureBytes coefficients = random.bytes(secret.size() * (threshold - 1));
  std::vector<secure::SecureBytes> out;
  out.reserve(shares);
  for (std::size_t number = 1; number <= shares; ++number) {
    const auto x = static_cast<std::uint8_t>(number);
    secure::SecureBytes share(secret.size() + 1);
    const MutableBytes values = share.mutable_view();
    for (std::size_t d = threshold - 1; d-- > 0;) {  // Horner's rule, all octets side by side
      const ByteView row = coefficients.view().subspan(d * secret.size(), secret.size());
      for (std::size_t k = 0; k < row.size(); ++k) values[k] = multiply(values[k] ^ row[k], x);
    }
    for (std::size_t k = 0; k < secret.size(); ++k) values[k] ^= secret[k];
    values[secret.size()] = x;  // public: the size
    out.push_back(std::move(share));
  }
  return out;
}

Result<secure::SecureBytes> shamir_combine(const std::vector<ByteView>& shares) {
  COFFER_CHECK(validate(shares));
  secure::SecureBytes out(shares.front().size() - 1);
  const MutableBytes secret = out.mutable_view();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::uint8_t factor = weight(shares, i);
    for (std::size_t k = 0; k < secret.size(); ++k) secret[k] ^= multiply(shares[i][k], factor);
  }
  return out;
}

}  // namespace coffer::crypto
