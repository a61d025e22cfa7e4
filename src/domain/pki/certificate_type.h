// What a certificate is for: authorities, and the three kinds of clients whose certificates are
// bound to an entity.
//
// A bound certificate is good for TLS clients only, is always stored, and names type and entity in
// a URI that nobody can ask for: urn:coffer:agent:<entity id>. A role of such a type issues to
// tokens with an entity, whatever names the request has beside that. Pure.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::domain {

enum class CertificateType : std::uint8_t {  // stored on disk
  other = 0,
  root = 1,
  intermediate = 2,
  agent = 3,
  app = 4,
  admin = 5,
};

std::string_view to_text(CertificateType type);  // "other", "agent"…

// Of a role: "", "agent", "app", "admin". invalid_argument for others.
Result<CertificateType> parse_role_type(std::string_view text);

constexpr bool is_bound(CertificateType type) {
  return type >= CertificateType::agent;
}

inline constexpr std::string_view kReservedUri = "urn:coffer:";

// Whom a certificate is issued to.
struct CertificateBinding {
  CertificateType type = CertificateType::other;
  std::string entity_id;
};

// The name in a bound certificate.
std::string binding_uri(const CertificateBinding& binding);

}  // namespace coffer::domain
