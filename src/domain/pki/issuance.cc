#include "domain/pki/issuance.h"

#include "base/time_text.h"
#include "base/wire.h"
#include "domain/auth/ttl.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";

using crypto::KeyKind;

// Of a serial number; with those of the time.
constexpr std::size_t kSerialOctets = 20;
constexpr std::size_t kSerialTimeOctets = 6;

bool is_rsa(KeyKind kind) {
  return kind == KeyKind::rsa2048 || kind == KeyKind::rsa3072 || kind == KeyKind::rsa4096;
}

// Authorities are held to their parents' path lengths.
Result<std::optional<std::uint32_t>> path_length_below(const crypto::Certificate& issuer,
                                                       std::optional<std::uint32_t> asked) {
  const auto limit = issuer.constraints ? issuer.constraints->path_length : std::nullopt;
  if (!limit) return asked;
  if (*limit == 0) {
    return fail(Code::invalid_argument,
                "signing certificate has a max path length of zero, and cannot issue further CA "
                "certificates");
  }
  if (asked && *asked >= *limit) {
    return fail(Code::invalid_argument, "max_path_length is not below that of the issuer");
  }
  return asked ? asked : std::optional(*limit - 1);
}

Timestamp whole_seconds(Timestamp at) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {at.ns - at.ns % kSecond};
}

}  // namespace

bool CertificatePlan::is_slow() const {
  return (generate && is_rsa(*generate)) || (signer && is_rsa(signer->kind()));
}

Result<MadeCertificate> make(const CertificatePlan& plan) {
  std::optional<crypto::PrivateKey> key;
  crypto::CertificateTemplate certificate = plan.certificate;
  crypto::CertificateScheme scheme = plan.scheme;
  if (plan.generate) {
    COFFER_TRY(key, crypto::PrivateKey::generate(*plan.generate));
    certificate.public_key_der = key->public_der();
  }
  const crypto::PrivateKey& signer = plan.signer ? *plan.signer : *key;
  COFFER_TRY(Bytes der, crypto::build_certificate(certificate, plan.issuer_name, signer, scheme));
  return MadeCertificate{.der = std::move(der),
                         .serial = std::move(certificate.serial),
                         .not_before = whole_seconds(certificate.not_before),
                         .not_after = whole_seconds(certificate.not_after),
                         .authority = certificate.constraints && certificate.constraints->authority,
                         .key = std::move(key)};
}

Bytes Issuance::new_serial() {
  Bytes serial;
  serial.reserve(kSerialOctets);
  Writer(serial).u64(static_cast<std::uint64_t>(view_.now().ns));
  serial.resize(kSerialTimeOctets);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3fU) | 0x40U);
  append(serial, view_.random().array<kSerialOctets - kSerialTimeOctets>());
  return serial;
}

Result<OpenIssuerPtr> Issuance::open(const IssuerRow& issuer, std::uint8_t usage) {
  if (issuer.key_id->empty()) {
    return fail(Code::invalid_argument, "issuer has no key in this mount");
  }
  if ((*issuer.usage & usage) != usage) {
    return fail(Code::invalid_argument, "issuer is not allowed to be used for this");
  }
  // Also when it is open already: a key that was removed meanwhile signs nothing.
  COFFER_TRY(const AuthorityKeyPtr key, authority_.key(*issuer.key_id));
  const std::string name = std::string(as_text(issuer.key())) + *issuer.key_id;
  if (OpenIssuerPtr ready = state_.issuers.find(name)) return ready;
  COFFER_TRY(auto certificate, crypto::parse_certificate(*issuer.certificate));
  COFFER_TRY(auto opened, authority_.open(key->row));
  auto made =
      std::make_shared<const OpenIssuer>(OpenIssuer{std::move(certificate), std::move(opened)});
  state_.issuers.keep(name, made);
  return OpenIssuerPtr(std::move(made));
}

Result<Issuance::Validity> Issuance::validity(const CertificateRole& role,
                                              const CertificateRequest& request,
                                              std::vector<std::string>& warnings) {
  const auto first = [](std::initializer_list<Duration> candidates) {
    for (const Duration candidate : candidates) {
      if (candidate > Duration{}) return candidate;
    }
    return kServerTtl;
  };
  COFFER_CHECK(check_ttl("ttl", request.ttl));
  const Duration longest = first({role.max_ttl, mount_.max_lease_ttl});
  const Timestamp now = view_.now();
  Validity out{.not_before = now - role.not_before_duration, .not_after = {}};
  if (!request.not_after.empty() && request.ttl > Duration{}) {
    return fail(Code::invalid_argument,
                "either ttl or not_after should be provided. Both should not be provided in the "
                "same request.");
  }
  const std::string& end = request.not_after.empty() ? role.not_after : request.not_after;
  if (!end.empty() && request.ttl == Duration{}) {
    const auto at = parse_rfc3339(end);
    if (!at) return fail(Code::invalid_argument, "not_after is malformed");
    out.not_after = *at;
    if (role.max_ttl > Duration{} && out.not_after > now + role.max_ttl) {
      return fail(Code::invalid_argument, "not_after is beyond the role's max_ttl");
    }
    return out;
  }
  Duration ttl =
      first({request.ttl, role.ttl, std::min(first({mount_.default_lease_ttl}), longest)});
  if (ttl > longest) {
    warnings.push_back("TTL \"" + go_duration(ttl) + "\" is longer than permitted maxTTL \"" +
                       go_duration(longest) + "\", so maxTTL is being used");
    ttl = longest;
  }
  out.not_after = now + ttl;
  return out;
}

Result<> Issuance::hold_to_issuer(const IssuerRow& issuer,
                                  const crypto::Certificate& certificate,
                                  NotAfterBehavior behavior,
                                  Timestamp& not_after) {
  if (issuer.revoked_at->ns != 0) return fail(Code::invalid_argument, "issuer is revoked");
  if (certificate.not_after <= view_.now()) {
    return fail(Code::invalid_argument, "issuer has expired");
  }
  if (not_after <= certificate.not_after || behavior == NotAfterBehavior::permit) return {};
  if (behavior == NotAfterBehavior::truncate) {
    not_after = certificate.not_after;
    return {};
  }
  return fail(Code::invalid_argument,
              "cannot satisfy request, as TTL would result in notAfter of " + rfc3339(not_after) +
                  " that is beyond the expiration of the CA certificate at " +
                  rfc3339(certificate.not_after));
}

Result<OpenIssuerPtr> Issuance::sign_with(const IssuerPtr& issuer,
                                          const CertificateRole& role,
                                          CertificatePlan& plan) {
  COFFER_TRY(const OpenIssuerPtr open, this->open(issuer->row, issuer_usage::kIssuing));
  COFFER_TRY(
      plan.scheme,
      crypto::scheme_for(open->key->kind(), static_cast<int>(role.signature_bits), role.use_pss));
  plan.signer = open->key;
  plan.issuer_name = open->certificate.subject_der;
  plan.issuer_id = *issuer->row.id;
  plan.certificate.authority_key_id = open->certificate.subject_key_id;
  COFFER_TRY(const AuthorityRow settings, authority_.settings());
  const PkiUrls& urls = issuer->row.urls->empty() ? *settings.urls : *issuer->row.urls;
  plan.certificate.urls = {.issuing = urls.issuing_certificates,
                           .ocsp = urls.ocsp_servers,
                           .crl = urls.crl_distribution_points,
                           .delta_crl = urls.delta_crl_distribution_points};
  return open;
}

// See certificate_type.h.
Result<> Issuance::bind(const CertificateBinding& binding, CertificatePlan& plan) {
  if (!is_bound(binding.type)) return {};
  if (binding.entity_id.empty() || !plan.store) {
    return fail(
        Code::invalid_argument,
        "a certificate of this type is stored and bound to an entity, which the token lacks");
  }
  plan.type = binding.type;
  plan.certificate.names.uri.push_back(binding_uri(binding));
  plan.certificate.usage = crypto::key_usage::kDigitalSignature;
  plan.certificate.extended_usage = {std::string(kClientAuth)};
  return {};
}

Result<CertificatePlan> Issuance::plan_leaf(const CertificateRole& role,
                                            const CertificateRequest& request,
                                            std::string_view issuer_ref,
                                            const CertificateBinding& binding) {
  COFFER_TRY(RequestedNames names, names_of(role, request));
  COFFER_CHECK(check_requested(role, names));
  COFFER_TRY(const IssuerPtr issuer, authority_.issuer(issuer_ref));
  CertificatePlan plan;
  COFFER_TRY(const Validity times, validity(role, request, plan.warnings));
  plan.certificate.not_before = times.not_before;
  plan.certificate.not_after = times.not_after;
  COFFER_TRY(const OpenIssuerPtr open, sign_with(issuer, role, plan));
  COFFER_CHECK(hold_to_issuer(
      issuer->row, open->certificate, *issuer->row.not_after_behavior, plan.certificate.not_after));
  if (request.csr) {
    if (role.key_type != "any") {
      COFFER_TRY(const KeyKind wanted, key_kind_of(role.key_type, role.key_bits));
      const bool same_type = key_type_text(request.csr->key_kind) == key_type_text(wanted);
      if (!same_type || key_bits_of(request.csr->key_kind) < key_bits_of(wanted)) {
        return fail(Code::invalid_argument, "role requires keys of another type or size");
      }
    }
    plan.certificate.public_key_der = request.csr->public_key_der;
  } else {
    COFFER_TRY(plan.generate, key_kind_of(role.key_type, role.key_bits));
  }
  plan.certificate.serial = new_serial();
  plan.certificate.subject = std::move(names.subject);
  plan.certificate.names = std::move(names.names);
  plan.certificate.usage = role.usage_bits();
  plan.certificate.extended_usage = role.extended_usages();
  plan.certificate.policies = role.policy_identifiers;
  if (role.basic_constraints_valid_for_non_ca) plan.certificate.constraints.emplace();
  plan.store = !role.no_store;
  COFFER_CHECK(bind(binding, plan));
  return plan;
}

Result<CertificatePlan> Issuance::plan_intermediate(const CertificateRole& subject,
                                                    const CertificateRequest& request,
                                                    const AuthorityRequest& authority,
                                                    std::string_view issuer_ref) {
  COFFER_TRY(RequestedNames names, names_of(subject, request));
  COFFER_CHECK(check_requested(subject, names));
  COFFER_TRY(const IssuerPtr issuer, authority_.issuer(issuer_ref));
  CertificatePlan plan;
  COFFER_TRY(const Validity times, validity(subject, request, plan.warnings));
  plan.certificate.not_before = times.not_before;
  plan.certificate.not_after = times.not_after;
  COFFER_TRY(const OpenIssuerPtr open, sign_with(issuer, subject, plan));
  // Vault lets an intermediate outlive its issuer, to no avail: here it ends with it.
  const NotAfterBehavior behavior = *issuer->row.not_after_behavior == NotAfterBehavior::permit
                                        ? NotAfterBehavior::permit
                                        : NotAfterBehavior::truncate;
  COFFER_CHECK(
      hold_to_issuer(issuer->row, open->certificate, behavior, plan.certificate.not_after));
  COFFER_TRY(const auto length, path_length_below(open->certificate, authority.max_path_length));
  plan.certificate.constraints = crypto::BasicConstraints{.authority = true, .path_length = length};
  plan.certificate.serial = new_serial();
  plan.certificate.subject = std::move(names.subject);
  plan.certificate.names = std::move(names.names);
  plan.certificate.public_key_der = request.csr->public_key_der;
  plan.certificate.usage = crypto::key_usage::kCertSign | crypto::key_usage::kCrlSign;
  plan.certificate.extended_usage = subject.ext_key_usage_oids;
  plan.certificate.permitted_dns = authority.permitted_dns_domains;
  return plan;
}

Result<CertificatePlan> Issuance::plan_root(const CertificateRole& subject,
                                            const CertificateRequest& request,
                                            const AuthorityRequest& authority,
                                            std::shared_ptr<const crypto::PrivateKey> key) {
  COFFER_TRY(RequestedNames names, names_of(subject, request));
  COFFER_CHECK(check_requested(subject, names));
  CertificatePlan plan;
  COFFER_TRY(const Validity times, validity(subject, request, plan.warnings));
  if (key) {
    plan.certificate.public_key_der = key->public_der();
  } else {
    COFFER_TRY(plan.generate, key_kind_of(subject.key_type, subject.key_bits));
  }
  const KeyKind kind = key ? key->kind() : *plan.generate;
  COFFER_TRY(plan.scheme,
             crypto::scheme_for(kind, static_cast<int>(subject.signature_bits), subject.use_pss));
  plan.signer = std::move(key);
  plan.certificate.not_before = times.not_before;
  plan.certificate.not_after = times.not_after;
  plan.certificate.serial = new_serial();
  plan.certificate.subject = std::move(names.subject);
  plan.certificate.names = std::move(names.names);
  plan.certificate.constraints =
      crypto::BasicConstraints{.authority = true, .path_length = authority.max_path_length};
  plan.certificate.usage = crypto::key_usage::kCertSign | crypto::key_usage::kCrlSign;
  plan.certificate.extended_usage = subject.ext_key_usage_oids;
  plan.certificate.permitted_dns = authority.permitted_dns_domains;
  return plan;
}

Result<CertificatePlan> Issuance::plan_self_issued(const crypto::Certificate& certificate,
                                                   std::string_view issuer_ref) {
  if (!certificate.is_authority() || certificate.subject_der != certificate.issuer_der) {
    return fail(Code::invalid_argument,
                "given certificate is not a CA certificate or is not self-issued");
  }
  COFFER_TRY(const IssuerPtr issuer, authority_.issuer(issuer_ref));
  CertificatePlan plan;
  plan.certificate = {.serial = new_serial(),
                      .subject = certificate.subject,
                      .names = certificate.names,
                      .not_before = certificate.not_before,
                      .not_after = certificate.not_after,
                      .public_key_der = certificate.public_key_der,
                      .constraints = certificate.constraints,
                      .usage = crypto::key_usage::kCertSign | crypto::key_usage::kCrlSign,
                      .subject_key_id = certificate.subject_key_id};
  COFFER_TRY(const OpenIssuerPtr open, sign_with(issuer, verbatim_role(), plan));
  const NotAfterBehavior behavior = *issuer->row.not_after_behavior == NotAfterBehavior::permit
                                        ? NotAfterBehavior::permit
                                        : NotAfterBehavior::truncate;
  COFFER_CHECK(
      hold_to_issuer(issuer->row, open->certificate, behavior, plan.certificate.not_after));
  COFFER_TRY(const auto length,
             path_length_below(open->certificate, certificate.constraints->path_length));
  plan.certificate.constraints->path_length = length;
  return plan;
}

Result<> Issuance::record(const CertificatePlan& plan,
                          const MadeCertificate& made,
                          std::string_view entity_id) {
  if (!plan.store) return {};
  CertificateRow row;
  row.mount = mount_.id;
  row.serial = made.serial;
  row.issuer_id = plan.issuer_id;
  row.der = made.der;
  row.not_after = made.not_after;
  row.entity_id = std::string(entity_id);
  row.type = !made.authority          ? plan.type
             : plan.issuer_id.empty() ? CertificateType::root
                                      : CertificateType::intermediate;
  return view_.put_owned(std::move(row));
}

}  // namespace coffer::domain
