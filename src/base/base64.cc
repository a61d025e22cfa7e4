// base64 of encoding.h, sixteen characters at a time.
//
// What is coded may be a secret: nothing here branches on it or looks anything up at it, which
// scripts/check_constant_time.py holds this file to. Each character is computed in a lane of a
// vector, by comparisons that give masks. The vectors are the compiler's, so that any processor
// does; sixteen octets are what each of them has in one register. Errors tell what was refused
// after all of the text was read.
#include "base/encoding.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace coffer {
namespace {

static_assert(std::endian::native == std::endian::little, "lanes are joined in this order");

using Chars = signed char __attribute__((vector_size(16)));
using Lanes16 = std::uint16_t __attribute__((vector_size(16)));
using Lanes32 = std::uint32_t __attribute__((vector_size(16)));
using Lanes64 = std::uint64_t __attribute__((vector_size(16)));

constexpr bool padded(Base64 kind) {
  return kind == Base64::standard || kind == Base64::url;  // public: kind
}

// The two characters in which the alphabets differ.
struct LastTwo {
  signed char of62;
  signed char of63;
};

constexpr LastTwo last_two(Base64 kind) {
  const bool url = kind == Base64::url || kind == Base64::url_raw;  // public: kind
  return url ? LastTwo{'-', '_'} : LastTwo{'+', '/'};               // public: kind
}

// Sixteen values below 64 to their characters. What to add to a value changes at four of them.
Chars characters_of(Chars values, LastTwo last) {
  Chars shift = Chars{} + 'A';
  shift += (values > 25) & static_cast<signed char>('a' - 26 - 'A');
  shift += (values > 51) & static_cast<signed char>('0' - 52 - ('a' - 26));
  shift += (values > 61) & static_cast<signed char>(last.of62 - 62 - ('0' - 52));
  shift += (values > 62) & static_cast<signed char>(last.of63 - 63 - (last.of62 - 62));
  return values + shift;
}

// The reverse; a lane of `foreign` gets all its bits where the character has no value. Octets over
// 0x7f are negative here, so below every range.
Chars values_of(Chars characters, LastTwo last, Chars& foreign) {
  Chars shift = (characters > '@') & (characters < '[') & static_cast<signed char>(-'A');
  shift |= (characters > '`') & (characters < '{') & static_cast<signed char>(26 - 'a');
  shift |= (characters > '/') & (characters < ':') & static_cast<signed char>(52 - '0');
  shift |= (characters == last.of62) & static_cast<signed char>(62 - last.of62);
  shift |= (characters == last.of63) & static_cast<signed char>(63 - last.of63);
  foreign |= shift == 0;  // no character is its own value
  return characters + shift;
}

// Two numbers of 48 bits to sixteen of six bits, the highest bits first: halved three times.
Chars spread(Lanes64 groups) {
  const Lanes64 halves = (groups >> 24 & 0xffffff) | (groups & 0xffffff) << 32;
  const auto h = std::bit_cast<Lanes32>(halves);
  const auto quarters = std::bit_cast<Lanes16>((h >> 12 & 0xfff) | (h & 0xfff) << 16);
  return std::bit_cast<Chars>((quarters >> 6 & 0x3f) | (quarters & 0x3f) << 8);
}

// The reverse.
Lanes64 gather(Chars values) {
  const auto v = std::bit_cast<Lanes16>(values);
  const auto quarters = std::bit_cast<Lanes32>((v & 0x3f) << 6 | v >> 8);
  const auto halves = std::bit_cast<Lanes64>((quarters & 0xfff) << 12 | quarters >> 16);
  return (halves & 0xffffff) << 24 | halves >> 32;
}

// Six octets as a number, the first one highest. Reads eight.
std::uint64_t load_group(const std::uint8_t* from) {
  std::uint64_t octets = 0;
  std::memcpy(&octets, from, sizeof octets);
  return std::byteswap(octets) >> 16;
}

void store_group(std::uint64_t group, std::uint8_t* to) {
  const std::uint64_t octets = std::byteswap(group << 16);
  std::memcpy(to, &octets, 6);
}

// What is left of the text of a whole number of characters, without its padding.
Result<std::string_view> without_padding(std::string_view text, Base64 kind) {
  if (padded(kind)) {        // public: kind
    if (text.size() & 3U) {  // public: size
      return fail(Code::invalid_argument, "base64 length is not a multiple of 4");
    }
    for (int i = 0; i < 2; ++i) text.remove_suffix(text.ends_with('=') ? 1 : 0);  // public: size
  }
  if ((text.size() & 3U) == 1) {  // public: size
    return fail(Code::invalid_argument, "base64 is cut short");
  }
  return text;
}

// What was found wrong: nothing, if all bits are zero.
struct Faults {
  Chars foreign{};
  std::uint64_t trailing = 0;
};

Result<> check(const Faults& faults) {
  const auto foreign = std::bit_cast<Lanes64>(faults.foreign);
  if ((foreign[0] | foreign[1]) != 0) {  // public: the answer
    return fail(Code::invalid_argument, "not a base64 character");
  }
  if (faults.trailing != 0) {  // public: the answer
    return fail(Code::invalid_argument, "base64 has trailing bits");
  }
  return {};
}

// One to four characters; returns the number of octets.
std::size_t decode_quad(std::string_view quad, LastTwo last, Faults& faults, std::uint8_t* out) {
  std::uint64_t characters = 0x4141'4141'4141'4141;  // 'A' stands for 0
  for (std::size_t i = 0; i < quad.size(); ++i) {
    const std::uint64_t octet = static_cast<std::uint8_t>(quad[i]) ^ 0x41U;
    characters ^= octet << i * 8;
  }
  const auto text = std::bit_cast<Chars>(Lanes64{characters, 0x4141'4141'4141'4141});
  std::uint64_t group = gather(values_of(text, last, faults.foreign))[0] << 16;
  const std::size_t octets = quad.size() * 3 >> 2;
  for (std::size_t i = 0; i < octets; ++i) {
    out[i] = static_cast<std::uint8_t>(group >> 56);
    group <<= 8;
  }
  faults.trailing |= group;
  return octets;
}

}  // namespace

void base64_encode_to(ByteView bytes, Base64 kind, char* out) {
  const LastTwo last = last_two(kind);
  const std::uint8_t* in = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 14; left -= 12) {  // load_group() reads two octets more than it uses
    const Lanes64 groups{load_group(in), load_group(in + 6)};
    const Chars text = characters_of(spread(groups), last);
    std::memcpy(out, &text, sizeof text);
    in += 12;
    out += sizeof text;
  }
  while (left > 0) {  // public: size
    const std::size_t octets = std::min<std::size_t>(left, 3);
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < octets; ++i) group |= std::uint64_t{*in++} << (40 - i * 8);
    const auto text = std::bit_cast<Lanes64>(characters_of(spread(Lanes64{group, 0}), last));
    for (std::size_t i = 0; i <= octets; ++i) *out++ = static_cast<char>(text[0] >> i * 8 & 0xff);
    left -= octets;
    const std::size_t padding = padded(kind) ? 3 - octets : 0;  // public: kind
    for (std::size_t i = 0; i < padding; ++i) *out++ = '=';
  }
}

std::string base64_encode(ByteView bytes, Base64 kind) {
  std::string out(base64_encoded_size(bytes.size(), kind), '\0');
  base64_encode_to(bytes, kind, out.data());
  return out;
}

Result<std::size_t> base64_decode_to(std::string_view text, Base64 kind, std::uint8_t* out) {
  COFFER_TRY(std::string_view left, without_padding(text, kind));
  const LastTwo last = last_two(kind);
  Faults faults;
  const std::size_t size = left.size() * 3 >> 2;
  for (; left.size() >= sizeof(Chars); left.remove_prefix(sizeof(Chars))) {
    Chars characters;
    std::memcpy(&characters, left.data(), sizeof characters);
    const Lanes64 groups = gather(values_of(characters, last, faults.foreign));
    store_group(groups[0], out);
    store_group(groups[1], out + 6);
    out += 12;
  }
  while (!left.empty()) {  // public: size
    const std::string_view quad = left.substr(0, 4);
    out += decode_quad(quad, last, faults, out);
    left.remove_prefix(quad.size());
  }
  COFFER_CHECK(check(faults));
  return size;
}

Result<Bytes> base64_decode(std::string_view text, Base64 kind) {
  Bytes out(text.size() * 3 / 4 + 1);  // public: size
  COFFER_TRY(const std::size_t size, base64_decode_to(text, kind, out.data()));
  out.resize(size);
  return out;
}

}  // namespace coffer
