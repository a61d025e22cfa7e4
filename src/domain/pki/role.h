// CertificateRole: what may be issued under a name, by whoever may use it.
//
// Empty lists of what is allowed allow nothing, but for allowed_ip_sans_cidr, which narrows
// allow_ip_sans. check() refuses what no certificate could be issued under, and settings that this
// server does not have. Errors are invalid_argument and name the field. Plain value, stored.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/signature.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace coffer::domain {

struct CertificateRole {
  std::string issuer_ref = "default";
  Duration ttl{};  // 0: the mount's
  Duration max_ttl{};
  Duration not_before_duration = std::chrono::seconds(30);
  std::string not_after;  // RFC 3339; empty: by ttl

  bool allow_localhost = true;
  std::vector<std::string> allowed_domains;
  bool allow_bare_domains = false;
  bool allow_subdomains = false;
  bool allow_glob_domains = false;
  bool allow_wildcard_certificates = true;
  bool allow_any_name = false;
  bool enforce_hostnames = true;
  bool allow_ip_sans = true;
  std::vector<std::string> allowed_ip_sans_cidr;
  std::vector<std::string> allowed_uri_sans;
  std::vector<std::string> allowed_other_sans;  // "<oid>;UTF8:<glob>", or "*"
  std::vector<std::string> allowed_serial_numbers;
  std::vector<std::string> allowed_user_ids;
  std::vector<std::string> cn_validations = {"email", "hostname"};
  bool require_cn = true;

  bool server_flag = true;
  bool client_flag = true;
  bool code_signing_flag = false;
  bool email_protection_flag = false;
  std::vector<std::string> key_usage = {"DigitalSignature", "KeyAgreement", "KeyEncipherment"};
  std::vector<std::string> ext_key_usage;
  std::vector<std::string> ext_key_usage_oids;
  std::vector<std::string> policy_identifiers;
  bool basic_constraints_valid_for_non_ca = false;

  std::string key_type = "rsa";
  std::int64_t key_bits = 0;
  std::int64_t signature_bits = 0;
  bool use_pss = false;
  bool use_csr_common_name = true;
  bool use_csr_sans = true;
  bool no_store = false;

  std::vector<std::string> ou;
  std::vector<std::string> organization;
  std::vector<std::string> country;
  std::vector<std::string> locality;
  std::vector<std::string> province;
  std::vector<std::string> street_address;
  std::vector<std::string> postal_code;

  static constexpr auto kMembers = std::tuple{&CertificateRole::issuer_ref,
                                              &CertificateRole::ttl,
                                              &CertificateRole::max_ttl,
                                              &CertificateRole::not_before_duration,
                                              &CertificateRole::not_after,
                                              &CertificateRole::allow_localhost,
                                              &CertificateRole::allowed_domains,
                                              &CertificateRole::allow_bare_domains,
                                              &CertificateRole::allow_subdomains,
                                              &CertificateRole::allow_glob_domains,
                                              &CertificateRole::allow_wildcard_certificates,
                                              &CertificateRole::allow_any_name,
                                              &CertificateRole::enforce_hostnames,
                                              &CertificateRole::allow_ip_sans,
                                              &CertificateRole::allowed_ip_sans_cidr,
                                              &CertificateRole::allowed_uri_sans,
                                              &CertificateRole::allowed_other_sans,
                                              &CertificateRole::allowed_serial_numbers,
                                              &CertificateRole::allowed_user_ids,
                                              &CertificateRole::cn_validations,
                                              &CertificateRole::require_cn,
                                              &CertificateRole::server_flag,
                                              &CertificateRole::client_flag,
                                              &CertificateRole::code_signing_flag,
                                              &CertificateRole::email_protection_flag,
                                              &CertificateRole::key_usage,
                                              &CertificateRole::ext_key_usage,
                                              &CertificateRole::ext_key_usage_oids,
                                              &CertificateRole::policy_identifiers,
                                              &CertificateRole::basic_constraints_valid_for_non_ca,
                                              &CertificateRole::key_type,
                                              &CertificateRole::key_bits,
                                              &CertificateRole::signature_bits,
                                              &CertificateRole::use_pss,
                                              &CertificateRole::use_csr_common_name,
                                              &CertificateRole::use_csr_sans,
                                              &CertificateRole::no_store,
                                              &CertificateRole::ou,
                                              &CertificateRole::organization,
                                              &CertificateRole::country,
                                              &CertificateRole::locality,
                                              &CertificateRole::province,
                                              &CertificateRole::street_address,
                                              &CertificateRole::postal_code};

  [[nodiscard]] Result<> check() const;
  // The bits of key_usage, and the object identifiers of all extended usages. Of a checked role.
  [[nodiscard]] std::uint16_t usage_bits() const;
  [[nodiscard]] std::vector<std::string> extended_usages() const;
};

// A role that grants whatever a request asks for: what sign-verbatim signs by.
CertificateRole verbatim_role();

// "rsa" 2048, 3072, 4096; "ec" 256, 384; "ed25519". Bits 0: 2048 and 256. invalid_argument for
// others.
Result<crypto::KeyKind> key_kind_of(std::string_view type, std::int64_t bits);
std::string_view key_type_text(crypto::KeyKind kind);
std::int64_t key_bits_of(crypto::KeyKind kind);

}  // namespace coffer::domain
