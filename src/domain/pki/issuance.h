// Issuing certificates: from a role and a request to a certificate in the table.
//
// In three steps, so that the slow one can be done off the loop thread: plan_…() reads rows and
// decides everything; make() generates the key and signs, and touches nothing else; record() stages
// the row. Whoever plans again after a conflict drops what was made from another plan.
//
// Serial numbers are 20 octets (RFC 5280 §4.1.2.2): 6 of the time, in units of 65,536 ns, with
// their first bits fixed so that the number is positive and always that long, then 14 random ones;
// what cannot be guessed is 112 bits of it (the CA/Browser Forum asks for 64). Ascending numbers
// put the rows of neighbouring certificates side by side. A certificate ends when its issuer does
// at the latest, unless the issuer says otherwise. Errors: invalid_argument with Vault's texts
// where clients match them. Pure but for the view.
#pragma once

#include "crypto/csr.h"
#include "domain/pki/authority.h"
#include "domain/pki/name_filter.h"
#include "domain/pki/pki_state.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

// What an API asks for, beside the role. Texts as they were sent.
struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> alt_names;  // host names and addresses of mail
  std::vector<std::string> ip_sans;
  std::vector<std::string> uri_sans;
  std::vector<std::string> other_sans;  // "<oid>;UTF8:<value>"
  std::vector<std::string> user_ids;
  std::string serial_number;  // of the subject
  bool exclude_cn_from_sans = false;
  Duration ttl{};         // 0: the role's
  std::string not_after;  // RFC 3339; empty: by ttl
  std::optional<crypto::Csr> csr;
  bool verbatim = false;  // subject and names are the CSR's, whatever else is asked for
};

// What an authority's own certificate has beyond that.
struct AuthorityRequest {
  std::optional<std::uint32_t> max_path_length;
  std::vector<std::string> permitted_dns_domains;
};

struct CertificatePlan {
  crypto::CertificateTemplate certificate;  // without a public key where one is generated
  std::optional<crypto::KeyKind> generate;
  std::shared_ptr<const crypto::PrivateKey> signer;  // null: the generated key signs itself
  Bytes issuer_name;                                 // DER; empty: self-signed
  crypto::CertificateScheme scheme;
  std::string issuer_id;  // empty: self-signed
  bool store = true;
  CertificateType type = CertificateType::other;
  std::vector<std::string> warnings;

  // Whether make() takes longer than a loop thread may.
  [[nodiscard]] bool is_slow() const;
};

// What was made of a plan, as the plan has it: reading the certificate again would take several
// times as long as signing it.
struct MadeCertificate {
  Bytes der;
  Bytes serial;
  Timestamp not_before;  // whole seconds, as in the certificate
  Timestamp not_after;
  bool authority = false;
  std::optional<crypto::PrivateKey> key;
};

Result<MadeCertificate> make(const CertificatePlan& plan);

class Issuance {
 public:
  Issuance(work::View& view, const Mount& mount, PkiState& state)
      : view_(view), mount_(mount), state_(state), authority_(view, mount) {}

  // By a role, for a key of the request's CSR or for a new one. invalid_argument for a bound type
  // without an entity, and from a role that does not store.
  Result<CertificatePlan> plan_leaf(const CertificateRole& role,
                                    const CertificateRequest& request,
                                    std::string_view issuer_ref,
                                    const CertificateBinding& binding = {});
  // The request's CSR becomes an authority below `issuer_ref`.
  Result<CertificatePlan> plan_intermediate(const CertificateRole& subject,
                                            const CertificateRequest& request,
                                            const AuthorityRequest& authority,
                                            std::string_view issuer_ref);
  // A self-signed authority with `key`, or with a new key of the role's type.
  Result<CertificatePlan> plan_root(const CertificateRole& subject,
                                    const CertificateRequest& request,
                                    const AuthorityRequest& authority,
                                    std::shared_ptr<const crypto::PrivateKey> key);
  // The same certificate, signed by the issuer: for moving from one root to another.
  Result<CertificatePlan> plan_self_issued(const crypto::Certificate& certificate,
                                           std::string_view issuer_ref);

  // Into the table of certificates; `entity_id` may be empty.
  Result<> record(const CertificatePlan& plan,
                  const MadeCertificate& made,
                  std::string_view entity_id);

  // The issuer, ready to sign for `usage`. invalid_argument when it has no key here or may not.
  Result<OpenIssuerPtr> open(const IssuerRow& issuer, std::uint8_t usage);

  // Subject and names as role and request give them, unfiltered.
  static Result<RequestedNames> names_of(const CertificateRole& role,
                                         const CertificateRequest& request);

 private:
  struct Validity {
    Timestamp not_before;
    Timestamp not_after;
  };

  Result<Validity> validity(const CertificateRole& role,
                            const CertificateRequest& request,
                            std::vector<std::string>& warnings);
  Result<> hold_to_issuer(const IssuerRow& issuer,
                          const crypto::Certificate& certificate,
                          NotAfterBehavior behavior,
                          Timestamp& not_after);
  // Fills in the signer and what the issuer gives to every certificate.
  Result<OpenIssuerPtr> sign_with(const IssuerPtr& issuer,
                                  const CertificateRole& role,
                                  CertificatePlan& plan);
  static Result<> bind(const CertificateBinding& binding, CertificatePlan& plan);
  Bytes new_serial();

  work::View& view_;
  const Mount& mount_;
  PkiState& state_;
  Authority authority_;
};

}  // namespace coffer::domain
