// For tests: an authority of its own making, and a leaf to issue.
#pragma once

#include "base/time_text.h"
#include "crypto/certificate.h"

namespace coffer::crypto {

inline Timestamp sample_now() {
  return *parse_rfc3339("2026-06-01T12:00:00Z");
}

inline CertificateTemplate sample_leaf(const PrivateKey& key) {
  CertificateTemplate out;
  out.serial = {0x81, 2, 3, 4};
  out.subject.add(attribute::kCommonName, "www.example.com");
  out.subject.add(attribute::kOrganization, "Größe & Söhne");
  out.subject.add(attribute::kCountry, "DE");
  out.names = {.dns = {"www.example.com"},
               .email = {"ops@example.com"},
               .uri = {"spiffe://example/x"},
               .ip = {{192, 0, 2, 7}},
               .other = {{"1.3.6.1.4.1.311.20.2.3", "user@example.com"}}};
  out.not_before = *parse_rfc3339("2026-01-02T03:04:05Z");
  out.not_after = *parse_rfc3339("2027-01-02T03:04:05Z");
  out.public_key_der = key.public_key().der();
  out.usage = key_usage::kDigitalSignature | key_usage::kKeyAgreement;
  out.extended_usage = {"1.3.6.1.5.5.7.3.1"};
  return out;
}

struct SampleAuthority {
  explicit SampleAuthority(KeyKind kind)
      : key(*PrivateKey::generate(kind)), scheme(*scheme_for(kind, 0, false)) {
    CertificateTemplate root;
    root.serial = {1};
    root.subject.add(attribute::kCommonName, "Root");
    root.not_before = *parse_rfc3339("2026-01-01T00:00:00Z");
    root.not_after = *parse_rfc3339("2056-01-01T00:00:00Z");
    root.public_key_der = key.public_key().der();
    root.constraints = BasicConstraints{.authority = true, .path_length = std::nullopt};
    root.usage = key_usage::kCertSign | key_usage::kCrlSign;
    certificate = *parse_certificate(*build_certificate(root, {}, key, scheme));
  }

  [[nodiscard]] Bytes issue(CertificateTemplate leaf) const {
    leaf.authority_key_id = certificate.subject_key_id;
    return *build_certificate(leaf, certificate.subject_der, key, scheme);
  }

  PrivateKey key;
  CertificateScheme scheme;
  Certificate certificate;
};

}  // namespace coffer::crypto
