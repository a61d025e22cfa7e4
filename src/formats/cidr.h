// IP addresses and CIDR blocks (RFC 4632, RFC 4291 §2.3), parsed strictly.
//
// An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is its IPv4 address, whichever way it is written, so
// that a dual-stack listener cannot be used to step around a rule. An IPv6 block never contains an
// IPv4 address, not even ::/0. A plain address is a block of one. Refused: host bits set beyond the
// prefix, leading zeros, zones (%eth0), ports, brackets, white space. Errors are
// Code::invalid_argument. Immutable values.
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::formats {

class IpAddress {
 public:
  // From 16 octets in network order; IPv4 in its mapped form.
  explicit IpAddress(std::array<std::uint8_t, 16> octets) : octets_(octets) {}

  [[nodiscard]] bool is_v4() const;

  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }

  // Canonical: dotted decimal, or RFC 5952.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> octets_;
};

Result<IpAddress> parse_ip(std::string_view text);

class Cidr {
 public:
  static Result<Cidr> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const;

  // Whether every address of `block` is in this one.
  [[nodiscard]] bool covers(const Cidr& block) const;

  // Canonical; a block of one is a plain address.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  Cidr(IpAddress network, unsigned bits) : network_(network), bits_(bits) {}

  IpAddress network_;
  unsigned bits_;  // 0..128, counted in the 16-octet form
};

// Whom a limit counts as one: the address itself, and of IPv6 its block of 64 bits, which is what
// one customer has (RFC 6177 §2). Text that is no address stands for itself.
std::string neighbourhood_of(std::string_view address);

}  // namespace coffer::formats
