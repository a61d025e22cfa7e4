#include "domain/pki/role.h"

#include "base/enum_table.h"
#include "base/time_text.h"
#include "crypto/certificate.h"
#include "crypto/certificate_der.h"
#include "domain/auth/ttl.h"
#include "formats/cidr.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace coffer::domain {
namespace {

using crypto::KeyKind;

constexpr std::size_t kMaxItems = 1000;

struct Usage {
  std::string_view name;
  std::uint16_t bit;
};

constexpr std::array kUsages{Usage{"digitalsignature", crypto::key_usage::kDigitalSignature},
                             Usage{"contentcommitment", crypto::key_usage::kContentCommitment},
                             Usage{"keyencipherment", crypto::key_usage::kKeyEncipherment},
                             Usage{"dataencipherment", crypto::key_usage::kDataEncipherment},
                             Usage{"keyagreement", crypto::key_usage::kKeyAgreement},
                             Usage{"certsign", crypto::key_usage::kCertSign},
                             Usage{"crlsign", crypto::key_usage::kCrlSign},
                             Usage{"encipheronly", crypto::key_usage::kEncipherOnly},
                             Usage{"decipheronly", crypto::key_usage::kDecipherOnly}};

struct ExtendedUsage {
  std::string_view name;
  std::string_view oid;
};

// RFC 5280 §4.2.1.12, and those of Microsoft and Netscape that Go has names for.
constexpr std::array kExtendedUsages{ExtendedUsage{"any", "2.5.29.37.0"},
                                     ExtendedUsage{"serverauth", "1.3.6.1.5.5.7.3.1"},
                                     ExtendedUsage{"clientauth", "1.3.6.1.5.5.7.3.2"},
                                     ExtendedUsage{"codesigning", "1.3.6.1.5.5.7.3.3"},
                                     ExtendedUsage{"emailprotection", "1.3.6.1.5.5.7.3.4"},
                                     ExtendedUsage{"ipsecendsystem", "1.3.6.1.5.5.7.3.5"},
                                     ExtendedUsage{"ipsectunnel", "1.3.6.1.5.5.7.3.6"},
                                     ExtendedUsage{"ipsecuser", "1.3.6.1.5.5.7.3.7"},
                                     ExtendedUsage{"timestamping", "1.3.6.1.5.5.7.3.8"},
                                     ExtendedUsage{"ocspsigning", "1.3.6.1.5.5.7.3.9"}};

// "x509.KeyUsageCertSign", "CertSign" and "certsign" are one name.
template <class Table>
auto named(const Table& table, std::string_view name, std::string_view prefix) {
  std::string plain;
  for (const char c : name) plain.push_back(static_cast<char>(std::tolower(c)));
  if (plain.starts_with(prefix)) plain.erase(0, prefix.size());
  return std::ranges::find(table, plain, &Table::value_type::name);
}

auto usage_named(std::string_view name) {
  return named(kUsages, name, "x509.keyusage");
}

auto extended_usage_named(std::string_view name) {
  return named(kExtendedUsages, name, "x509.extkeyusage");
}

std::unexpected<Error> bad(std::string_view field) {
  return fail(Code::invalid_argument, std::string(field) + " is malformed");
}

Result<> check_lists(const CertificateRole& role) {
  for (const std::string& name : role.key_usage) {
    if (usage_named(name) == kUsages.end()) return bad("key_usage");
  }
  for (const std::string& name : role.ext_key_usage) {
    if (extended_usage_named(name) == kExtendedUsages.end()) return bad("ext_key_usage");
  }
  const auto oid = [](const std::string& text) { return crypto::is_oid(text); };
  if (!std::ranges::all_of(role.ext_key_usage_oids, oid)) return bad("ext_key_usage_oids");
  if (!std::ranges::all_of(role.policy_identifiers, oid)) return bad("policy_identifiers");
  for (const std::string& block : role.allowed_ip_sans_cidr) {
    if (!formats::Cidr::parse(block)) return bad("allowed_ip_sans_cidr");
  }
  for (const std::string& name : role.cn_validations) {
    const bool known = name == "email" || name == "hostname" ||
                       (name == "disabled" && role.cn_validations.size() == 1);
    if (!known) return bad("cn_validations");
  }
  for (const auto* list : {&role.allowed_domains,
                           &role.allowed_uri_sans,
                           &role.allowed_other_sans,
                           &role.allowed_serial_numbers,
                           &role.allowed_user_ids}) {
    if (list->size() > kMaxItems) return fail(Code::invalid_argument, "list of too many items");
  }
  return {};
}

}  // namespace

Result<> CertificateRole::check() const {
  COFFER_CHECK(check_ttl("ttl", ttl));
  COFFER_CHECK(check_ttl("max_ttl", max_ttl));
  COFFER_CHECK(check_ttl("not_before_duration", not_before_duration));
  if (max_ttl > Duration{} && ttl > max_ttl) {
    return fail(Code::invalid_argument, "\"ttl\" value must be less than \"max_ttl\" value");
  }
  if (!not_after.empty() && !parse_rfc3339(not_after)) return bad("not_after");
  if (key_type != "any") COFFER_CHECK(key_kind_of(key_type, key_bits));
  COFFER_CHECK(crypto::scheme_for(KeyKind::rsa2048, static_cast<int>(signature_bits), use_pss));
  return check_lists(*this);
}

std::uint16_t CertificateRole::usage_bits() const {
  std::uint16_t bits = 0;
  for (const std::string& name : key_usage) {
    const auto* const usage = usage_named(name);
    if (usage != kUsages.end()) bits = static_cast<std::uint16_t>(bits | usage->bit);
  }
  return bits;
}

std::vector<std::string> CertificateRole::extended_usages() const {
  std::vector<std::string> oids;
  const auto add = [&](std::string_view oid) {
    if (std::ranges::find(oids, oid) == oids.end()) oids.emplace_back(oid);
  };
  const auto add_named = [&](std::string_view name) { add(extended_usage_named(name)->oid); };
  if (server_flag) add_named("serverauth");
  if (client_flag) add_named("clientauth");
  if (code_signing_flag) add_named("codesigning");
  if (email_protection_flag) add_named("emailprotection");
  for (const std::string& name : ext_key_usage) {
    if (extended_usage_named(name) != kExtendedUsages.end()) add_named(name);
  }
  for (const std::string& oid : ext_key_usage_oids) add(oid);
  return oids;
}

CertificateRole verbatim_role() {
  CertificateRole role;
  role.allow_any_name = true;
  role.enforce_hostnames = false;
  role.allowed_uri_sans = {"*"};
  role.allowed_other_sans = {"*"};
  role.allowed_serial_numbers = {"*"};
  role.allowed_user_ids = {"*"};
  role.cn_validations = {"disabled"};
  role.require_cn = false;
  role.key_type = "any";
  role.server_flag = false;
  role.client_flag = false;
  return role;
}

Result<KeyKind> key_kind_of(std::string_view type, std::int64_t bits) {
  if (type == "rsa") {
    if (bits == 0 || bits == 2048) return KeyKind::rsa2048;
    if (bits == 3072) return KeyKind::rsa3072;
    if (bits == 4096) return KeyKind::rsa4096;
    return fail(Code::invalid_argument, "key_bits of rsa must be 2048, 3072 or 4096");
  }
  if (type == "ec") {
    if (bits == 0 || bits == 256) return KeyKind::ecdsa_p256;
    if (bits == 384) return KeyKind::ecdsa_p384;
    if (bits == 521) return KeyKind::ecdsa_p521;
    return fail(Code::invalid_argument, "key_bits of ec must be 256, 384 or 521");
  }
  if (type == "ed25519") return KeyKind::ed25519;
  return fail(Code::invalid_argument, "key_type must be rsa, ec or ed25519");
}

std::string_view key_type_text(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256:
    case KeyKind::ecdsa_p384:
    case KeyKind::ecdsa_p521:
    case KeyKind::ecdsa_secp256k1:
      return "ec";
    case KeyKind::ed25519:
      return "ed25519";
    case KeyKind::rsa2048:
    case KeyKind::rsa3072:
    case KeyKind::rsa4096:
      return "rsa";
  }
  return "?";
}

std::int64_t key_bits_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256:
    case KeyKind::ecdsa_secp256k1:
      return 256;
    case KeyKind::ecdsa_p384:
      return 384;
    case KeyKind::ecdsa_p521:
      return 521;
    case KeyKind::rsa2048:
      return 2048;
    case KeyKind::rsa3072:
      return 3072;
    case KeyKind::rsa4096:
      return 4096;
    case KeyKind::ed25519:
      return 0;
  }
  return 0;
}

}  // namespace coffer::domain
