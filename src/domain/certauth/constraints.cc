#include "domain/certauth/constraints.h"

#include "base/encoding.h"
#include "crypto/certificate_der.h"
#include "crypto/certificate_trust.h"
#include "domain/pki/name_filter.h"
#include "domain/pki/pki_rows.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxPatterns = 64;
constexpr std::size_t kMaxPattern = 1024;
constexpr std::string_view kHex = "hex:";

struct Required {
  bool hex = false;
  std::string_view oid;
  std::string_view pattern;
};

// "oid:pattern", or "hex:oid:pattern".
Result<Required> parse_required(std::string_view text) {
  Required out;
  out.hex = text.starts_with(kHex);
  if (out.hex) text.remove_prefix(kHex.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !crypto::is_oid(text.substr(0, colon))) {
    return fail(Code::invalid_argument, "required_extensions must be oid:value or hex:oid:value");
  }
  out.oid = text.substr(0, colon);
  out.pattern = text.substr(colon + 1);
  return out;
}

bool fits_one(const std::vector<std::string>& patterns, const std::vector<std::string>& texts) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return std::ranges::any_of(
        texts, [&](const std::string& text) { return matches_glob(pattern, text); });
  });
}

bool allows(const std::vector<std::string>& patterns, const std::vector<std::string>& texts) {
  return patterns.empty() || fits_one(patterns, texts);
}

Result<bool> has_required(const std::vector<crypto::Extension>& extensions,
                          const std::string& text) {
  COFFER_TRY(const Required required, parse_required(text));
  return std::ranges::any_of(extensions, [&](const crypto::Extension& extension) {
    if (extension.oid != required.oid) return false;
    if (required.hex) return matches_glob(required.pattern, hex_encode(extension.value));
    const auto value = crypto::der_text(extension.value);
    return value && matches_glob(required.pattern, *value);
  });
}

}  // namespace

Result<> check_constraints(const CertConstraints& constraints) {
  Result<> result;
  std::apply(
      [&](auto... member) {
        (
            [&] {
              const std::vector<std::string>& list = constraints.*member;
              const bool fits = list.size() <= kMaxPatterns &&
                                std::ranges::all_of(list, [](const std::string& pattern) {
                                  return pattern.size() <= kMaxPattern;
                                });
              if (!fits) result = fail(Code::invalid_argument, "too many or too long patterns");
            }(),
            ...);
      },
      CertConstraints::kMembers);
  COFFER_CHECK(result);
  for (const std::string& text : constraints.required_extensions) {
    COFFER_CHECK(parse_required(text));
  }
  for (const std::string& oid : constraints.metadata_extensions) {
    if (!crypto::is_oid(oid)) {
      return fail(Code::invalid_argument, "allowed_metadata_extensions must be object identifiers");
    }
  }
  return {};
}

Result<bool> satisfies(const crypto::Certificate& certificate, const CertConstraints& constraints) {
  const std::vector<std::string> common{
      std::string(certificate.subject.first(crypto::attribute::kCommonName))};
  const crypto::AlternativeNames& names = certificate.names;
  const bool named = constraints.names.empty() || fits_one(constraints.names, common) ||
                     fits_one(constraints.names, names.dns) ||
                     fits_one(constraints.names, names.email);
  if (!named || !allows(constraints.common_names, common) ||
      !allows(constraints.dns_sans, names.dns) || !allows(constraints.email_sans, names.email) ||
      !allows(constraints.uri_sans, names.uri) ||
      !allows(constraints.organizational_units,
              certificate.subject.all(crypto::attribute::kOrganizationalUnit))) {
    return false;
  }
  if (constraints.required_extensions.empty()) return true;
  COFFER_TRY(const auto extensions, crypto::read_extensions(certificate.der));
  for (const std::string& text : constraints.required_extensions) {
    COFFER_TRY(const bool has, has_required(extensions, text));
    if (!has) return false;
  }
  return true;
}

Result<std::map<std::string, std::string>> certificate_metadata(
    const crypto::Certificate& certificate, const CertConstraints& constraints) {
  std::map<std::string, std::string> out{
      {"common_name", std::string(certificate.subject.first(crypto::attribute::kCommonName))},
      {"serial_number", decimal_text(certificate.serial)},
      {"subject_key_id", serial_text(certificate.subject_key_id)},
      {"authority_key_id", serial_text(certificate.authority_key_id)}};
  if (constraints.metadata_extensions.empty()) return out;
  COFFER_TRY(const auto extensions, crypto::read_extensions(certificate.der));
  for (const crypto::Extension& extension : extensions) {
    if (std::ranges::find(constraints.metadata_extensions, extension.oid) ==
        constraints.metadata_extensions.end()) {
      continue;
    }
    const auto value = crypto::der_text(extension.value);
    if (!value) continue;
    std::string name = extension.oid;
    std::ranges::replace(name, '.', '-');
    out.emplace(std::move(name), *value);
  }
  return out;
}

std::string decimal_text(ByteView number) {
  std::string digits = "0";  // the least first
  for (const std::uint8_t octet : number) {
    unsigned carry = octet;
    for (char& digit : digits) {
      const unsigned value = static_cast<unsigned>(digit - '0') * 256 + carry;
      digit = static_cast<char>('0' + value % 10);
      carry = value / 10;
    }
    for (; carry > 0; carry /= 10) digits.push_back(static_cast<char>('0' + carry % 10));
  }
  std::ranges::reverse(digits);
  return digits;
}

}  // namespace coffer::domain
