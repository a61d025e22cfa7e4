// Issuance::names_of: subject and alternative names, as role and request give them.
#include "crypto/certificate_der.h"
#include "domain/pki/issuance.h"
#include "formats/cidr.h"

#include <algorithm>

namespace coffer::domain {
namespace {

namespace attribute = crypto::attribute;

void add_once(std::vector<std::string>& list, const std::string& value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

void add_name(crypto::AlternativeNames& names, const std::string& name) {
  add_once(name.contains('@') ? names.email : names.dns, name);
}

Result<Bytes> address_octets(const std::string& text) {
  const auto ip = formats::parse_ip(text);
  if (!ip) return fail(Code::invalid_argument, "ip_sans: not an IP address");
  const auto& octets = ip->octets();
  return ip->is_v4() ? Bytes(octets.begin() + 12, octets.end())
                     : Bytes(octets.begin(), octets.end());
}

// "<oid>;<type>:<value>", where the type is UTF8 in either case.
Result<crypto::OtherName> other_name(const std::string& text) {
  const std::size_t semicolon = text.find(';');
  const std::size_t colon = text.find(':', semicolon == std::string::npos ? 0 : semicolon);
  if (semicolon != std::string::npos && colon != std::string::npos) {
    const std::string type = text.substr(semicolon + 1, colon - semicolon - 1);
    const std::string oid = text.substr(0, semicolon);
    const bool utf8 = type == "UTF8" || type == "utf8" || type == "UTF-8" || type == "utf-8";
    if (utf8 && crypto::is_oid(oid)) return crypto::OtherName{oid, text.substr(colon + 1)};
  }
  return fail(Code::invalid_argument, "other_sans: expected \"<oid>;UTF8:<value>\"");
}

Result<> add_from_api(const CertificateRequest& request, crypto::AlternativeNames& names) {
  for (const std::string& name : request.alt_names) add_name(names, name);
  for (const std::string& text : request.ip_sans) {
    COFFER_TRY(Bytes octets, address_octets(text));
    names.ip.push_back(std::move(octets));
  }
  names.uri = request.uri_sans;
  for (const std::string& text : request.other_sans) {
    COFFER_TRY(auto other, other_name(text));
    names.other.push_back(std::move(other));
  }
  return {};
}

}  // namespace

Result<RequestedNames> Issuance::names_of(const CertificateRole& role,
                                          const CertificateRequest& request) {
  if (request.verbatim) return RequestedNames{request.csr->subject, request.csr->names};
  RequestedNames out;
  const auto add_all = [&](std::string_view type, const std::vector<std::string>& values) {
    for (const std::string& value : values) out.subject.add(type, value);
  };
  add_all(attribute::kCountry, role.country);
  add_all(attribute::kOrganization, role.organization);
  add_all(attribute::kOrganizationalUnit, role.ou);
  add_all(attribute::kLocality, role.locality);
  add_all(attribute::kProvince, role.province);
  add_all(attribute::kStreetAddress, role.street_address);
  add_all(attribute::kPostalCode, role.postal_code);
  std::string common_name = request.common_name;
  std::string serial_number = request.serial_number;
  if (request.csr) {
    const crypto::DistinguishedName& subject = request.csr->subject;
    const std::string of_csr(subject.first(attribute::kCommonName));
    if (role.use_csr_common_name && !of_csr.empty()) common_name = of_csr;
    if (serial_number.empty()) serial_number = subject.first(attribute::kSerialNumber);
  }
  if (!common_name.empty()) out.subject.add(attribute::kCommonName, common_name);
  if (!serial_number.empty()) out.subject.add(attribute::kSerialNumber, serial_number);
  add_all(attribute::kUserId, request.user_ids);
  if (request.csr && role.use_csr_sans) {
    out.names = request.csr->names;
  } else {
    COFFER_CHECK(add_from_api(request, out.names));
  }
  // A common name that can be a host's or an address of mail is among the names as well.
  const bool named = common_name.contains('@') || is_host_name(common_name) ||
                     (common_name.starts_with("*.") && is_host_name(common_name.substr(2)));
  if (!request.exclude_cn_from_sans && named) add_name(out.names, common_name);
  return out;
}

}  // namespace coffer::domain
