#include "crypto/certificate_der.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace coffer::crypto {
namespace {

constexpr std::size_t kMaxArcs = 32;
constexpr int kLastUtcYear = 2049;

// Tag and length; lengths in the shortest form.
Bytes header(std::uint8_t tag, std::size_t size) {
  Bytes out{tag};
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
    return out;
  }
  const auto octets = static_cast<unsigned>((std::bit_width(size) + 7) / 8);
  out.push_back(static_cast<std::uint8_t>(0x80U | octets));
  for (unsigned i = octets; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>((size >> (8 * i)) & 0xffU));
  }
  return out;
}

// Empty: not an object identifier.
std::vector<std::uint32_t> arcs_of(std::string_view dotted) {
  std::vector<std::uint32_t> arcs;
  const char* at = dotted.data();
  const char* const end = dotted.data() + dotted.size();
  while (arcs.size() < kMaxArcs) {
    std::uint32_t arc = 0;
    const auto [stop, error] = std::from_chars(at, end, arc);
    if (error != std::errc{} || (*at == '0' && stop - at > 1)) return {};
    arcs.push_back(arc);
    if (stop == end) break;
    if (*stop != '.') return {};
    at = stop + 1;
  }
  const bool rooted = arcs.size() >= 2 && arcs[0] <= 2 && (arcs[0] == 2 || arcs[1] < 40);
  const bool whole = static_cast<std::size_t>(std::ranges::count(dotted, '.')) + 1 == arcs.size();
  if (!rooted || !whole) return {};
  return arcs;
}

void append_base128(Bytes& out, std::uint64_t value) {
  std::array<std::uint8_t, 10> digits{};
  std::size_t count = 0;
  do {
    digits.at(count++) = static_cast<std::uint8_t>(value & 0x7fU);
    value >>= 7U;
  } while (value != 0);
  while (count-- > 0) {
    out.push_back(static_cast<std::uint8_t>(digits.at(count) | (count > 0 ? 0x80U : 0U)));
  }
}

struct Calendar {
  int year;
  std::string rest;  // MMDDhhmmssZ
};

void append_two(std::string& out, unsigned number) {
  out.push_back(static_cast<char>('0' + number / 10 % 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

Calendar calendar_of(Timestamp at) {
  using namespace std::chrono;
  const sys_seconds seconds(floor<std::chrono::seconds>(nanoseconds(at.ns)));
  const auto day = floor<days>(seconds);
  const year_month_day date(day);
  const hh_mm_ss clock(seconds - day);
  Calendar out{.year = static_cast<int>(date.year()), .rest = {}};
  append_two(out.rest, static_cast<unsigned>(date.month()));
  append_two(out.rest, static_cast<unsigned>(date.day()));
  append_two(out.rest, static_cast<unsigned>(clock.hours().count()));
  append_two(out.rest, static_cast<unsigned>(clock.minutes().count()));
  append_two(out.rest, static_cast<unsigned>(clock.seconds().count()));
  out.rest.push_back('Z');
  return out;
}

}  // namespace

void DerWriter::node(std::uint8_t tag, ByteView content) {
  append(out_, header(tag, content.size()));
  append(out_, content);
}

void DerWriter::close(std::uint8_t tag, std::size_t start) {
  const Bytes head = header(tag, out_.size() - start);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), head.begin(), head.end());
}

void DerWriter::boolean(bool value) {
  const std::array<std::uint8_t, 1> octet{static_cast<std::uint8_t>(value ? 0xff : 0)};
  node(der::kBoolean, octet);
}

void DerWriter::integer(ByteView magnitude) {
  const auto first = std::ranges::find_if(magnitude, [](std::uint8_t octet) { return octet != 0; });
  Bytes content(first, magnitude.end());
  if (content.empty() || content.front() >= 0x80) content.insert(content.begin(), 0);
  node(der::kInteger, content);
}

void DerWriter::integer(std::uint64_t value) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = octets.size(); i-- > 0; value >>= 8U) {
    octets.at(i) = static_cast<std::uint8_t>(value & 0xffU);
  }
  integer(octets);
}

void DerWriter::bit_string(ByteView octets) {
  nest(der::kBitString, [&] {
    out_.push_back(0);  // unused bits
    append(out_, octets);
  });
}

void DerWriter::named_bits(std::uint16_t bits) {
  const auto used = static_cast<unsigned>(std::bit_width(bits));
  Bytes content(1 + (used + 7) / 8);
  content[0] = static_cast<std::uint8_t>((8 - used % 8) % 8);
  for (unsigned bit = 0; bit < used; ++bit) {
    if ((bits >> bit & 1U) != 0) {
      content[1 + bit / 8] = static_cast<std::uint8_t>(content[1 + bit / 8] | 0x80U >> bit % 8);
    }
  }
  node(der::kBitString, content);
}

void DerWriter::oid(std::string_view dotted) {
  const auto arcs = arcs_of(dotted);
  if (arcs.empty()) throw std::logic_error("not an object identifier");
  Bytes content;
  append_base128(content, std::uint64_t{arcs[0]} * 40 + arcs[1]);
  for (std::size_t i = 2; i < arcs.size(); ++i) append_base128(content, arcs[i]);
  node(der::kOid, content);
}

void DerWriter::time(Timestamp at) {
  const Calendar calendar = calendar_of(at);
  if (calendar.year > kLastUtcYear || calendar.year < 1950) {
    generalized_time(at);
    return;
  }
  std::string text;
  append_two(text, static_cast<unsigned>(calendar.year % 100));
  node(der::kUtcTime, text + calendar.rest);
}

void DerWriter::generalized_time(Timestamp at) {
  const Calendar calendar = calendar_of(at);
  std::string text;
  append_two(text, static_cast<unsigned>(calendar.year / 100));
  append_two(text, static_cast<unsigned>(calendar.year % 100));
  node(der::kGeneralizedTime, text + calendar.rest);
}

bool is_oid(std::string_view dotted) {
  return !arcs_of(dotted).empty();
}

}  // namespace coffer::crypto
