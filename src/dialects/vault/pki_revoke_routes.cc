// pki/revoke, pki/revoke-with-key and pki/crl/rotate.
#include "base/time_text.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::CrlKind;
using domain::RevocationRow;
using formats::JsonWriter;
using proof::EventType;

Result<crypto::Certificate> read_pem(std::string_view pem) {
  COFFER_TRY(const Bytes der, crypto::certificate_from_pem(pem));
  return crypto::parse_certificate(der);
}

// Serial number or certificate, never both.
struct Which {
  Bytes serial;
  std::optional<crypto::Certificate> certificate;
};

Result<Which> which(const gate::Call& call) {
  std::string serial;
  std::string pem;
  COFFER_CHECK(assign(formats::text_field(call.body, "serial_number"), serial));
  COFFER_CHECK(assign(formats::text_field(call.body, "certificate"), pem));
  if (serial.empty() == pem.empty()) {
    return fail(Code::invalid_argument,
                "The serial number or certificate to revoke must be provided, and not both.");
  }
  Which out;
  if (pem.empty()) {
    COFFER_TRY(out.serial, domain::parse_serial(serial));
  } else {
    COFFER_TRY(out.certificate, read_pem(pem));
    out.serial = out.certificate->serial;
  }
  return out;
}

Result<gate::Reply> revoke_that(gate::Call& call, const Which& that) {
  std::string reason_text;
  COFFER_CHECK(assign(formats::text_field(call.body, "reason"), reason_text));
  COFFER_TRY(const auto reason, domain::parse_reason(reason_text));
  domain::Revocations revocations = pki_revocations(call);
  COFFER_TRY(const RevocationRow revoked,
             that.certificate ? revocations.revoke(*that.certificate, reason)
                              : revocations.revoke(that.serial, reason));
  call.note("serial", domain::serial_text(*revoked.serial));
  call.note("issuer", *revoked.issuer_id);
  call.note("reason", std::to_string(static_cast<unsigned>(*revoked.reason)));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("revocation_time").integer(pki_seconds(*revoked.at));
    w.key("revocation_time_rfc3339").string(rfc3339(*revoked.at));
    w.key("state").string("revoked");
  });
}

Result<gate::Reply> revoke(gate::Call& call) {
  COFFER_TRY(const Which that, which(call));
  return revoke_that(call, that);
}

// Whoever holds the private key may always say that it is lost.
Result<gate::Reply> revoke_with_key(gate::Call& call) {
  COFFER_TRY(Which that, which(call));
  COFFER_TRY(const auto pem, required_secret(call.body, "private_key"));
  COFFER_TRY(const crypto::PemBundle bundle, crypto::read_pem_bundle(pem.text()));
  if (!that.certificate) {
    COFFER_TRY(const auto row, pki_revocations(call).certificate(that.serial));
    if (!row) return fail(Code::invalid_argument, "certificate with this serial number not found");
    COFFER_TRY(that.certificate, crypto::parse_certificate(*row->row.der));
  }
  const bool holds = bundle.keys.size() == 1 &&
                     bundle.keys.front().public_der() == that.certificate->public_key_der;
  if (!holds) {
    return fail(Code::invalid_argument, "private key is not that of the certificate");
  }
  return revoke_that(call, that);
}

// New lists for every issuer that can sign one.
Result<gate::Reply> rotate(gate::Call& call, CrlKind kind) {
  COFFER_TRY(const auto issuers, pki_authority(call).issuers());
  constexpr std::string_view kForgotten = "pki:forgotten";
  // Once a request: the attempts that follow build, and do not begin again.
  domain::CrlBoard& board = call.unsealed->pki.crls;
  std::vector<std::string> names;
  for (const auto& issuer : issuers) {
    names.push_back(domain::board_name(call.mount->id, *issuer->row.id));
  }
  COFFER_TRY(const bool* done,
             call.effects.get<bool>(kForgotten, [&board, keep = call.unsealed, names] {
               for (const std::string& name : names) board.forget(name);
               return Result<bool>(true);
             }));
  (void)done;
  for (const auto& issuer : issuers) {
    const auto usage = static_cast<unsigned>(*issuer->row.usage);
    if ((usage & domain::issuer_usage::kCrlSigning) == 0 || issuer->row.key_id->empty()) continue;
    COFFER_CHECK(pki_crl(call, issuer->row, kind));
  }
  return data_answer(call, [](JsonWriter& w) { w.key("success").boolean(true); });
}

}  // namespace

RouteTable pki_revoke_routes() {
  constexpr EventType kRevoked = EventType::certificate_revoked;
  RouteTable t;
  t.push_back(guarded(Verb::write, "revoke", kRevoked, pki_rule("pki.revoke"), revoke));
  t.push_back(guarded(
      Verb::write, "revoke-with-key", kRevoked, pki_rule("pki.revoke-with-key"), revoke_with_key));
  t.push_back(guarded(Verb::read,
                      "crl/rotate",
                      EventType::authority_configured,
                      pki_rule("pki.crl.rotate"),
                      [](gate::Call& call) { return rotate(call, CrlKind::complete); }));
  t.push_back(guarded(Verb::read,
                      "crl/rotate-delta",
                      EventType::authority_configured,
                      pki_rule("pki.crl.rotate"),
                      [](gate::Call& call) { return rotate(call, CrlKind::delta); }));
  return t;
}

}  // namespace coffer::dialects::vault
