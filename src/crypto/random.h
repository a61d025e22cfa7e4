// Random: the source of unpredictable octets, handed to whoever needs some.
#pragma once

#include "base/bytes.h"
#include "secure/bytes.h"

#include <array>
#include <memory>

namespace coffer::crypto {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  // Fills `out`. Safe for concurrent use. A failing system source ends the process (exception).
  virtual void fill(MutableBytes out) = 0;

  [[nodiscard]] secure::SecureBytes bytes(std::size_t size) {
    secure::SecureBytes out(size);
    fill(out.mutable_view());
    return out;
  }

  template <std::size_t N>
  [[nodiscard]] std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    fill(out);
    return out;
  }
};

// OpenSSL's DRBG, read 4 KiB at a time into a wiped pool per thread: small requests cost
// nanoseconds, requests of 1 KiB and more go past the pool. Used octets are wiped at once; forks
// are detected.
std::unique_ptr<Random> system_random();

// Deterministic octets from a seed, for tests only: SHA-256 in counter mode.
std::unique_ptr<Random> seeded_random(std::uint64_t seed);

}  // namespace coffer::crypto
