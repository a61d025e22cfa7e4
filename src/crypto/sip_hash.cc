#include "crypto/sip_hash.h"

#include <algorithm>
#include <bit>

namespace coffer::crypto {
namespace {

constexpr std::size_t kWord = 8;

// At most eight octets, the first one lowest.
std::uint64_t little_endian(ByteView octets) {
  std::uint64_t value = 0;
  for (std::size_t i = octets.size(); i-- > 0;) value = value << 8U | octets[i];
  return value;
}

struct State {
  std::uint64_t v0;
  std::uint64_t v1;
  std::uint64_t v2;
  std::uint64_t v3;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }

  void take(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }

  [[nodiscard]] std::uint64_t give(std::uint64_t& changed, std::uint64_t mark) {
    changed ^= mark;
    rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

// The constants are those of the paper and of its reference implementation's long output.
SipDigest sip_hash(const SipKey& key, ByteView data) {
  const std::uint64_t k0 = little_endian(ByteView(key).first(kWord));
  const std::uint64_t k1 = little_endian(ByteView(key).last(kWord));
  State state{.v0 = k0 ^ 0x736f6d6570736575,
              .v1 = k1 ^ 0x646f72616e646f6d ^ 0xee,
              .v2 = k0 ^ 0x6c7967656e657261,
              .v3 = k1 ^ 0x7465646279746573};
  const std::uint64_t length = static_cast<std::uint64_t>(data.size()) << 56U;
  for (; data.size() >= kWord; data = data.subspan(kWord)) {
    state.take(little_endian(data.first(kWord)));
  }
  state.take(length | little_endian(data));
  const std::uint64_t low = state.give(state.v2, 0xee);
  return {low, state.give(state.v1, 0xdd)};
}

}  // namespace coffer::crypto
