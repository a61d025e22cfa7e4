#include "domain/pki/certificate_type.h"

#include "base/enum_table.h"

namespace coffer::domain {
namespace {

constexpr EnumTable<CertificateType, 6> kTypes{{{
    {CertificateType::other, "other"},
    {CertificateType::root, "root"},
    {CertificateType::intermediate, "intermediate"},
    {CertificateType::agent, "agent"},
    {CertificateType::app, "app"},
    {CertificateType::admin, "admin"},
}}};

}  // namespace

std::string_view to_text(CertificateType type) {
  return kTypes.text(type);
}

Result<CertificateType> parse_role_type(std::string_view text) {
  if (text.empty()) return CertificateType::other;
  const auto type = kTypes.parse(text);
  if (!type || !is_bound(*type)) {
    return fail(Code::invalid_argument, "certificate_type must be agent, app or admin");
  }
  return *type;
}

std::string binding_uri(const CertificateBinding& binding) {
  std::string uri(kReservedUri);
  uri += to_text(binding.type);
  uri += ':';
  uri += binding.entity_id;
  return uri;
}

}  // namespace coffer::domain
