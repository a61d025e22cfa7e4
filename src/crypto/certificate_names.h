// The names in certificates and requests (RFC 5280 §4.1.2.4, §4.2.1.6) as plain values.
//
// Texts are UTF-8 without control characters; DNS names, addresses of mail and URIs are printable
// ASCII. What a foreign certificate or request says in another way (a name with a zero octet, a
// directory name among the alternative names) is refused, not passed over: who filters names must
// have seen all of them. Limits: 100 attributes of 1 to 255 octets, 500 alternative names of 1 to
// 2048 octets. Errors are invalid_argument and never quote a name.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::crypto {

class DerWriter;

inline constexpr std::size_t kMaxAttributes = 100;
inline constexpr std::size_t kMaxAttributeText = 255;
inline constexpr std::size_t kMaxAlternativeNames = 500;
inline constexpr std::size_t kMaxAlternativeText = 2048;

// Attribute types (RFC 4519, RFC 5280 appendix A).
namespace attribute {
inline constexpr std::string_view kCommonName = "2.5.4.3";
inline constexpr std::string_view kSerialNumber = "2.5.4.5";
inline constexpr std::string_view kCountry = "2.5.4.6";
inline constexpr std::string_view kLocality = "2.5.4.7";
inline constexpr std::string_view kProvince = "2.5.4.8";
inline constexpr std::string_view kStreetAddress = "2.5.4.9";
inline constexpr std::string_view kOrganization = "2.5.4.10";
inline constexpr std::string_view kOrganizationalUnit = "2.5.4.11";
inline constexpr std::string_view kPostalCode = "2.5.4.17";
inline constexpr std::string_view kUserId = "0.9.2342.19200300.100.1.1";
}  // namespace attribute

struct Attribute {
  std::string type;  // dotted decimal
  std::string value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// In the order of the encoding, one attribute a relative name.
struct DistinguishedName {
  std::vector<Attribute> attributes;
  friend bool operator==(const DistinguishedName&, const DistinguishedName&) = default;

  void add(std::string_view type, std::string_view value);
  // The first of this type, or empty.
  [[nodiscard]] std::string_view first(std::string_view type) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view type) const;
};

// An otherName with a UTF8String in it, as Microsoft's principal names are.
struct OtherName {
  std::string type;
  std::string value;
  friend auto operator<=>(const OtherName&, const OtherName&) = default;
};

struct AlternativeNames {
  std::vector<std::string> dns;
  std::vector<std::string> email;
  std::vector<std::string> uri;
  std::vector<Bytes> ip;  // 4 or 16 octets
  std::vector<OtherName> other;
  friend bool operator==(const AlternativeNames&, const AlternativeNames&) = default;

  [[nodiscard]] std::size_t size() const {
    return dns.size() + email.size() + uri.size() + ip.size() + other.size();
  }
};

// Whether the values can be written, and nothing about who may have them.
Result<> check_name(const DistinguishedName& name);
Result<> check_names(const AlternativeNames& names);

// Of checked values. The second writes a GeneralNames sequence.
void write_name(DerWriter& w, const DistinguishedName& name);
void write_names(DerWriter& w, const AlternativeNames& names);

}  // namespace coffer::crypto
