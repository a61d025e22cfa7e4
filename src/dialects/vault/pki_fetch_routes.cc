// What relying parties fetch without a token: certificates of the authority, chains, revocation
// lists, and answers about single certificates (OCSP). All of it is public by its nature.
#include "base/encoding.h"
#include "base/time_text.h"
#include "crypto/ocsp.h"
#include "dialects/vault/pki_parts.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using domain::CrlKind;
using domain::IssuerPtr;
using formats::JsonWriter;
using proof::EventType;

constexpr std::string_view kDer = "application/pkix-cert";
constexpr std::string_view kPem = "application/pem-certificate-chain";
constexpr std::string_view kList = "application/pkix-crl";
constexpr std::string_view kListPem = "application/x-pem-file";
constexpr std::string_view kOcsp = "application/ocsp-response";
constexpr std::string_view kReason = "certificates and what they are worth are public";

enum class As : std::uint8_t { der, pem, json };

// The default issuer, or null: an authority that is not set up yet answers with nothing.
Result<IssuerPtr> default_issuer(const gate::Call& call) {
  return pki_authority(call).find_issuer("default");
}

Result<gate::Reply> give_certificate(gate::Call& call, ByteView der, As as) {
  if (as == As::der) return pki_raw(kDer, as_text(der));
  const std::string pem = pki_text({}, der);
  if (as == As::pem) return pki_raw(kPem, pem);
  return data_answer(call, [&](JsonWriter& w) {
    w.key("certificate").string(pem).key("revocation_time").integer(0);
    w.key("revocation_time_rfc3339").string("");
  });
}

Result<gate::Reply> authority_certificate(gate::Call& call, As as) {
  COFFER_TRY(const IssuerPtr issuer, default_issuer(call));
  if (!issuer) return pki_raw(kDer, "");
  return give_certificate(call, *issuer->row.certificate, as);
}

Result<std::string> chain_text(gate::Call& call, const domain::IssuerRow& issuer) {
  COFFER_TRY(const auto chain, pki_authority(call).chain_of(issuer));
  std::string text;
  for (const Bytes& der : chain) {
    if (!text.empty()) text.push_back('\n');
    text += pki_text({}, der);
  }
  return text;
}

Result<gate::Reply> authority_chain(gate::Call& call, As as) {
  COFFER_TRY(const IssuerPtr issuer, default_issuer(call));
  if (!issuer) return pki_raw(kDer, "");
  COFFER_TRY(const std::string text, chain_text(call, issuer->row));
  if (as != As::json) return pki_raw(kDer, text);
  COFFER_TRY(const auto chain, pki_authority(call).chain_of(issuer->row));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("ca_chain").string(text).key("certificate").string(text);
    w.key("revocation_time").integer(0);
  });
}

Result<gate::Reply> give_list(gate::Call& call, const IssuerPtr& issuer, CrlKind kind, As as) {
  if (!issuer || issuer->row.key_id->empty()) return pki_raw(kList, "");
  COFFER_TRY(const domain::CrlDer der, pki_crl(call, issuer->row, kind));
  if (!der) return pki_raw(kList, "");
  if (as == As::der) return pki_raw(kList, as_text(*der));
  const std::string pem = crypto::crl_pem(*der);
  if (as == As::pem) return pki_raw(kListPem, pem);
  return data_answer(call, [&](JsonWriter& w) {
    w.key("certificate").string(pem).key("crl").string(pem);
    w.key("revocation_time").integer(0);
  });
}

Result<gate::Reply> default_list(gate::Call& call, CrlKind kind, As as) {
  COFFER_TRY(const IssuerPtr issuer, default_issuer(call));
  return give_list(call, issuer, kind, as);
}

Result<gate::Reply> named_list(gate::Call& call, CrlKind kind, As as) {
  COFFER_TRY(const IssuerPtr issuer, pki_authority(call).issuer(call.routing.captures.front()));
  return give_list(call, issuer, kind, as);
}

Result<gate::Reply> named_issuer(gate::Call& call, As as) {
  COFFER_TRY(const IssuerPtr issuer, pki_authority(call).issuer(call.routing.captures.front()));
  if (as != As::json) return give_certificate(call, *issuer->row.certificate, as);
  COFFER_TRY(const auto chain, pki_authority(call).chain_of(issuer->row));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("certificate").string(pki_text({}, *issuer->row.certificate));
    w.key("ca_chain").begin_array();
    for (const Bytes& der : chain) w.string(pki_text({}, der));
    w.end_array();
    w.key("issuer_id").string(*issuer->row.id).key("issuer_name").string(*issuer->row.name);
  });
}

Result<gate::Reply> stored_certificate(gate::Call& call, As as) {
  COFFER_TRY(const Bytes serial, domain::parse_serial(call.routing.captures.front()));
  domain::Revocations revocations = pki_revocations(call);
  COFFER_TRY(const auto row, revocations.certificate(serial));
  if (!row) return fail(Code::not_found, "");
  if (as != As::json) return give_certificate(call, *row->row.der, as);
  COFFER_TRY(const auto revoked, revocations.find(*row->row.issuer_id, serial));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("certificate").string(pki_text({}, *row->row.der));
    w.key("issuer_id").string(*row->row.issuer_id);
    w.key("revocation_time").integer(revoked ? pki_seconds(*revoked->row.at) : 0);
    w.key("revocation_time_rfc3339").string(revoked ? rfc3339(*revoked->row.at) : "");
  });
}

gate::Reply refuse(crypto::OcspFailure failure, int status) {
  gate::Reply reply = pki_raw(kOcsp, as_text(crypto::build_ocsp_failure(failure)));
  reply.status = status;
  return reply;
}

// The issuer that every question is about; null: none of this mount, or not one.
Result<IssuerPtr> asked_issuer(gate::Call& call, const crypto::OcspRequest& request) {
  COFFER_TRY(const auto issuers, pki_authority(call).issuers());
  for (const IssuerPtr& issuer : issuers) {
    const auto usage = static_cast<unsigned>(*issuer->row.usage);
    if ((usage & domain::issuer_usage::kOcspSigning) == 0 || issuer->row.key_id->empty()) continue;
    COFFER_TRY(const auto certificate, crypto::parse_certificate(*issuer->row.certificate));
    const bool all = std::ranges::all_of(
        request.questions, [&](const auto& question) { return question.is_about(certificate); });
    if (all) return issuer;
  }
  return IssuerPtr();
}

struct OcspWork {
  crypto::OcspTemplate response;
  crypto::OcspRequest request;
  std::vector<crypto::OcspAnswer> answers;
  domain::OpenIssuerPtr issuer;
  crypto::CertificateScheme scheme;
};

Result<gate::Reply> respond(gate::Call& call, ByteView der) {
  COFFER_TRY(const auto settings, pki_authority(call).settings());
  if (settings.crl->ocsp_disable) return refuse(crypto::OcspFailure::unauthorized, 401);
  auto request = crypto::parse_ocsp_request(der);
  if (!request) return refuse(crypto::OcspFailure::malformed_request, 400);
  COFFER_TRY(const IssuerPtr issuer, asked_issuer(call, *request));
  if (!issuer) return refuse(crypto::OcspFailure::unauthorized, 401);
  COFFER_TRY(const auto open,
             pki_issuance(call).open(issuer->row, domain::issuer_usage::kOcspSigning));
  COFFER_TRY(const auto equivalents, pki_authority(call).equivalents(*issuer->row.id));
  auto work = std::make_shared<OcspWork>();
  for (const crypto::OcspQuestion& question : request->questions) {
    COFFER_TRY(const auto answer, pki_revocations(call).status(equivalents, question.serial));
    work->answers.push_back(answer);
  }
  const auto lasts = parse_duration(settings.crl->ocsp_expiry);
  work->response = {.produced_at = call.now, .this_update = call.now, .next_update = {}};
  if (lasts && *lasts > Duration{}) work->response.next_update = call.now + *lasts;
  work->request = *std::move(request);
  work->issuer = open;
  COFFER_TRY(work->scheme, crypto::scheme_for(open->key->kind(), 0, false));
  const bool slow = domain::key_type_text(open->key->kind()) == "rsa";
  COFFER_TRY(const auto made, pki_perform<Bytes>(call, slow, [work] {
               return crypto::build_ocsp_response(work->response,
                                                  work->request,
                                                  work->answers,
                                                  work->issuer->certificate,
                                                  *work->issuer->key,
                                                  work->scheme);
             }));
  return pki_raw(kOcsp, as_text(*made));
}

Result<gate::Reply> ocsp_post(gate::Call& call) {
  return respond(call, as_bytes(call.request.body.text()));
}

// RFC 6960 appendix A.1: base64 in the path. Both alphabets are taken; a '/' of the older one may
// stand as it is, where it makes no empty segment.
Result<gate::Reply> ocsp_get(gate::Call& call) {
  const std::string& text = call.routing.captures.front();
  for (const Base64 kind : {Base64::standard, Base64::standard_raw, Base64::url, Base64::url_raw}) {
    if (const auto der = base64_decode(text, kind)) return respond(call, *der);
  }
  return refuse(crypto::OcspFailure::malformed_request, 400);
}

void open(RouteTable& table,
          Verb verb,
          std::string_view pattern,
          std::string_view action,
          gate::Handler run) {
  // What strangers fetch tells nothing of the server; a flood of it is counted (system.read).
  table.push_back(
      open_to_all(verb, pattern, EventType::system_read, action, kReason, std::move(run)));
}

void add_lists(RouteTable& t) {
  const auto add = [&](std::string_view pattern, CrlKind kind, As as) {
    open(t, Verb::read, pattern, "pki.crl.read", [kind, as](gate::Call& call) {
      return default_list(call, kind, as);
    });
  };
  const auto add_named = [&](std::string_view pattern, CrlKind kind, As as) {
    open(t, Verb::read, pattern, "pki.crl.read", [kind, as](gate::Call& call) {
      return named_list(call, kind, as);
    });
  };
  add("crl", CrlKind::complete, As::der);
  add("crl/pem", CrlKind::complete, As::pem);
  add("cert/crl", CrlKind::complete, As::json);
  add("crl/delta", CrlKind::delta, As::der);
  add("crl/delta/pem", CrlKind::delta, As::pem);
  add("cert/delta-crl", CrlKind::delta, As::json);
  add_named("issuer/{issuer}/crl", CrlKind::complete, As::json);
  add_named("issuer/{issuer}/crl/der", CrlKind::complete, As::der);
  add_named("issuer/{issuer}/crl/pem", CrlKind::complete, As::pem);
  add_named("issuer/{issuer}/crl/delta", CrlKind::delta, As::json);
  add_named("issuer/{issuer}/crl/delta/der", CrlKind::delta, As::der);
  add_named("issuer/{issuer}/crl/delta/pem", CrlKind::delta, As::pem);
}

void add_certificates(RouteTable& t) {
  using Give = Result<gate::Reply> (*)(gate::Call&, As);
  const auto add = [&](std::string_view pattern, Give give, As as) {
    open(t, Verb::read, pattern, "pki.certificate.read", [give, as](gate::Call& call) {
      return give(call, as);
    });
  };
  add("ca", authority_certificate, As::der);
  add("ca/pem", authority_certificate, As::pem);
  add("cert/ca", authority_certificate, As::json);
  add("ca_chain", authority_chain, As::pem);
  add("cert/ca_chain", authority_chain, As::json);
  add("cert/{serial}", stored_certificate, As::json);
  add("cert/{serial}/raw", stored_certificate, As::der);
  add("cert/{serial}/raw/pem", stored_certificate, As::pem);
  add("issuer/{issuer}/json", named_issuer, As::json);
  add("issuer/{issuer}/der", named_issuer, As::der);
  add("issuer/{issuer}/pem", named_issuer, As::pem);
}

}  // namespace

RouteTable pki_fetch_routes() {
  RouteTable t;
  add_lists(t);  // before "cert/{serial}"
  add_certificates(t);
  open(t, Verb::write, "ocsp", "pki.ocsp", ocsp_post);
  open(t, Verb::read, "ocsp/{request...}", "pki.ocsp", ocsp_get);
  return t;
}

}  // namespace coffer::dialects::vault
