#include "crypto/certificate_names.h"

#include "crypto/certificate_der.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::string_view kEmailAddress = "1.2.840.113549.1.9.1";
constexpr std::string_view kDomainComponent = "0.9.2342.19200300.100.1.25";
constexpr std::string_view kDnQualifier = "2.5.4.46";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_visible(char c) {
  return c > ' ' && c <= '~';
}

// X.680 §41.4.
bool is_printable(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" '()+,-./:=?").contains(c);
}

// The string type that the attribute's definition asks for; UTF8String where it leaves a choice.
std::uint8_t string_tag(std::string_view type) {
  if (type == attribute::kCountry || type == attribute::kSerialNumber || type == kDnQualifier) {
    return der::kPrintable;
  }
  return type == kEmailAddress || type == kDomainComponent ? der::kIa5 : der::kUtf8;
}

bool fits(const Attribute& attribute) {
  const std::string& value = attribute.value;
  if (!is_oid(attribute.type) || value.empty() || value.size() > kMaxAttributeText) return false;
  switch (string_tag(attribute.type)) {
    case der::kPrintable:
      return std::ranges::all_of(value, is_printable);
    case der::kIa5:
      return std::ranges::all_of(value, is_visible);
    default:
      return std::ranges::none_of(value, is_control);
  }
}

bool fits(const std::string& ascii) {
  return !ascii.empty() && ascii.size() <= kMaxAlternativeText &&
         std::ranges::all_of(ascii, is_visible);
}

}  // namespace

void DistinguishedName::add(std::string_view type, std::string_view value) {
  attributes.push_back({std::string(type), std::string(value)});
}

std::string_view DistinguishedName::first(std::string_view type) const {
  const auto at = std::ranges::find(attributes, type, &Attribute::type);
  return at == attributes.end() ? std::string_view() : std::string_view(at->value);
}

std::vector<std::string> DistinguishedName::all(std::string_view type) const {
  std::vector<std::string> values;
  for (const Attribute& attribute : attributes) {
    if (attribute.type == type) values.push_back(attribute.value);
  }
  return values;
}

Result<> check_name(const DistinguishedName& name) {
  const bool good =
      name.attributes.size() <= kMaxAttributes &&
      std::ranges::all_of(name.attributes, [](const Attribute& a) { return fits(a); });
  if (!good) return fail(Code::invalid_argument, "subject with a malformed attribute");
  return {};
}

Result<> check_names(const AlternativeNames& names) {
  const auto ascii = [](const std::string& text) { return fits(text); };
  const auto address = [](const Bytes& ip) { return ip.size() == 4 || ip.size() == 16; };
  const auto typed = [](const OtherName& other) {
    return is_oid(other.type) && !other.value.empty() &&
           other.value.size() <= kMaxAlternativeText &&
           std::ranges::none_of(other.value, is_control);
  };
  const bool good =
      names.size() <= kMaxAlternativeNames && std::ranges::all_of(names.dns, ascii) &&
      std::ranges::all_of(names.email, ascii) && std::ranges::all_of(names.uri, ascii) &&
      std::ranges::all_of(names.ip, address) && std::ranges::all_of(names.other, typed);
  if (!good) return fail(Code::invalid_argument, "malformed subject alternative name");
  return {};
}

void write_name(DerWriter& w, const DistinguishedName& name) {
  w.sequence([&] {
    for (const Attribute& attribute : name.attributes) {
      w.nest(der::kSet, [&] {
        w.sequence([&] {
          w.oid(attribute.type);
          w.node(string_tag(attribute.type), attribute.value);
        });
      });
    }
  });
}

// GeneralName ::= CHOICE, RFC 5280 §4.2.1.6.
void write_names(DerWriter& w, const AlternativeNames& names) {
  w.sequence([&] {
    for (const std::string& name : names.dns) w.node(der::context(2), name);
    for (const std::string& name : names.email) w.node(der::context(1), name);
    for (const Bytes& name : names.ip) w.node(der::context(7), name);
    for (const std::string& name : names.uri) w.node(der::context(6), name);
    for (const OtherName& name : names.other) {
      w.nest(der::context_of(0), [&] {
        w.oid(name.type);
        w.nest(der::context_of(0), [&] { w.node(der::kUtf8, name.value); });
      });
    }
  });
}

}  // namespace coffer::crypto
