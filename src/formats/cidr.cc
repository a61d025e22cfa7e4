#include "formats/cidr.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace coffer::formats {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

// Whether the first `bits` bits are equal.
bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  const auto same_until = a.octets().begin() + static_cast<std::ptrdiff_t>(whole);
  if (!std::equal(a.octets().begin(), same_until, b.octets().begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned difference = static_cast<unsigned>(a.octets()[whole] ^ b.octets()[whole]);
  return difference >> (8 - bits % 8) == 0;
}

bool has_host_bits(const IpAddress& address, unsigned bits) {
  for (unsigned bit = bits; bit < 128; ++bit) {
    if ((address.octets()[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  }
  return false;
}

Result<unsigned> parse_prefix_length(std::string_view text) {
  unsigned bits = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, bits);
  const bool zeros = text.size() > 1 && text.starts_with('0');
  if (text.empty() || text.size() > 3 || zeros || error != std::errc{} || stop != end) {
    return fail(Code::invalid_argument, "CIDR: bad prefix length");
  }
  return bits;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets_.begin());
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = is_v4() ? AF_INET : AF_INET6;
  const std::uint8_t* octets = octets_.data() + (is_v4() ? kMappedPrefix.size() : 0);
  return inet_ntop(family, octets, buffer.data(), buffer.size());
}

Result<IpAddress> parse_ip(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  // A NUL inside would end the text early for inet_pton.
  if (text.size() >= terminated.size() || text.contains('\0')) {
    return fail(Code::invalid_argument, "not an IP address");
  }
  std::ranges::copy(text, terminated.begin());
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, terminated.data(), octets.data()) == 1) return IpAddress(octets);
  std::ranges::copy(kMappedPrefix, octets.begin());
  if (inet_pton(AF_INET, terminated.data(), octets.data() + kMappedPrefix.size()) == 1) {
    return IpAddress(octets);
  }
  return fail(Code::invalid_argument, "not an IP address");
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view address = text.substr(0, slash);
  COFFER_TRY(const IpAddress network, parse_ip(address));
  if (slash == text.size()) return Cidr(network, 128);
  COFFER_TRY(unsigned bits, parse_prefix_length(text.substr(slash + 1)));
  if (!address.contains(':')) bits += kMappedBits;
  if (bits > 128) return fail(Code::invalid_argument, "CIDR: bad prefix length");
  if (has_host_bits(network, bits)) {
    return fail(Code::invalid_argument, "CIDR: address bits beyond the prefix");
  }
  return Cidr(network, bits);
}

bool Cidr::contains(const IpAddress& address) const {
  return network_.is_v4() == address.is_v4() && same_prefix(network_, address, bits_);
}

bool Cidr::covers(const Cidr& block) const {
  return bits_ <= block.bits_ && contains(block.network_);
}

std::string neighbourhood_of(std::string_view address) {
  constexpr std::size_t kPrefixOctets = 8;
  if (!address.contains(':')) return std::string(address);
  const auto ip = parse_ip(address);
  if (!ip) return std::string(address);
  if (ip->is_v4()) return ip->text();
  auto octets = ip->octets();
  std::fill(octets.begin() + kPrefixOctets, octets.end(), 0);
  return IpAddress(octets).text() + "/64";
}

std::string Cidr::text() const {
  if (bits_ == 128) return network_.text();
  return network_.text() + "/" + std::to_string(network_.is_v4() ? bits_ - kMappedBits : bits_);
}

}  // namespace coffer::formats
