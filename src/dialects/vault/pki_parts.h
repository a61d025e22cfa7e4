// What the routes of pki/ have in common: the domain objects of a call, the fields of requests, the
// parts of answers, and the families of routes, each in a file of its own.
//
// Slow work (RSA keys and signatures, revocation lists) is done by effects. An effect's result is
// used only while every row that was read for it is as it was: its name is a digest of the reads.
// Errors: invalid_argument with Vault's texts where clients match them.
#pragma once

#include "dialects/vault/envelope.h"
#include "dialects/vault/route.h"
#include "domain/pki/issuance.h"
#include "domain/pki/revocations.h"
#include "formats/json.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

RouteTable pki_issue_routes();
RouteTable pki_authority_routes();
RouteTable pki_issuer_routes();
RouteTable pki_key_routes();
RouteTable pki_role_routes();
RouteTable pki_config_routes();
RouteTable pki_fetch_routes();
RouteTable pki_list_routes();
RouteTable pki_revoke_routes();

domain::Authority pki_authority(const gate::Call& call);
domain::Issuance pki_issuance(const gate::Call& call);
domain::Revocations pki_revocations(const gate::Call& call);

// A rule for a route of pki/; the capability is that of its verb.
Rule pki_rule(std::string_view action);

// "pki:…" over all that was read so far.
std::string pki_effect_name(const gate::Call& call);

// Runs `work` here when it is quick, else as an effect. It owns all that it touches.
template <class T>
Result<std::shared_ptr<const T>> pki_perform(gate::Call& call,
                                             bool slow,
                                             std::function<Result<T>()> work) {
  using Shared = std::shared_ptr<const T>;
  const auto share = [work = std::move(work)]() -> Result<Shared> {
    COFFER_TRY(T made, work());
    return std::make_shared<const T>(std::move(made));
  };
  if (!slow) return share();
  COFFER_TRY(const Shared* done, call.effects.get<Shared>(pki_effect_name(call), share));
  return *done;
}

using MadePtr = std::shared_ptr<const domain::MadeCertificate>;
Result<MadePtr> pki_make(gate::Call& call, const domain::CertificatePlan& plan);

// "issuer_ref" of the body when the route names none (an empty `of_route`), or "default".
Result<std::string> pki_issuer_ref(const gate::Call& call, std::string_view of_route);

Result<domain::CertificateRequest> pki_request_fields(const gate::Call& call);
// The CSR in "csr"; invalid_argument when there is none.
Result<crypto::Csr> pki_csr_field(const gate::Call& call);
// The fields of a subject and of a key, into a role that allows everything else.
Result<domain::CertificateRole> pki_subject_fields(const gate::Call& call);
Result<domain::AuthorityRequest> pki_authority_fields(const gate::Call& call);

// How an answer shows certificates and keys.
struct PkiFormat {
  bool der = false;     // base64 of DER in place of PEM
  bool bundle = false;  // key, certificate and chain in one text
  bool pkcs8 = false;   // private keys; else their older form
  bool without_roots = false;
};

Result<PkiFormat> pki_format(const gate::Call& call);

std::string pki_text(const PkiFormat& format, ByteView certificate);
void write_private_key(formats::JsonWriter& w,
                       const PkiFormat& format,
                       const crypto::PrivateKey& key);
// certificate, issuing_ca, ca_chain, serial_number, not_before, expiration, and the private key
// where one was generated and is to be shown.
void write_certificate(formats::JsonWriter& w,
                       const PkiFormat& format,
                       const domain::MadeCertificate& made,
                       const std::vector<Bytes>& chain,
                       bool with_key);

// An answer with data and the plan's warnings.
gate::Reply pki_answer(const gate::Call& call,
                       std::vector<std::string> warnings,
                       const std::function<void(formats::JsonWriter&)>& write);

// What an import did, as config/ca, set-signed and issuers/import answer.
gate::Reply pki_import_answer(const gate::Call& call, const domain::Imported& imported);

std::int64_t pki_seconds(Timestamp at);

// A body that is no JSON.
gate::Reply pki_raw(std::string_view content_type, std::string_view body);

// The revocation list of an issuer; builds it when there is none that would do.
Result<domain::CrlDer> pki_crl(gate::Call& call,
                               const domain::IssuerRow& issuer,
                               domain::CrlKind kind);

}  // namespace coffer::dialects::vault
