#include "dialects/vault/pki_parts.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "dialects/vault/auth_answer.h"
#include "formats/vault_fields.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using domain::CertificateRequest;
using domain::CertificateRole;
using formats::JsonWriter;

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

domain::Authority pki_authority(const gate::Call& call) {
  return {*call.view, *call.mount};
}

domain::Issuance pki_issuance(const gate::Call& call) {
  return {*call.view, *call.mount, call.unsealed->pki};
}

domain::Revocations pki_revocations(const gate::Call& call) {
  return {*call.view, *call.mount, call.unsealed->pki.crls};
}

Rule pki_rule(std::string_view action) {
  return {.action = action};
}

std::string pki_effect_name(const gate::Call& call) {
  Bytes reads;
  Writer w(reads);
  for (const store::Check& check : call.view->reads()) {
    // What says who asks is read once and remembered: only the authority's own rows count.
    if (check.key.table < rows::tables::kIssuers.id) continue;
    w.u16(check.key.table.value());
    w.bytes(check.key.key);
    w.u64(check.revision.value_or(0));
  }
  return "pki:" + hex_encode(crypto::sha256(reads));
}

Result<MadePtr> pki_make(gate::Call& call, const domain::CertificatePlan& plan) {
  auto owned = std::make_shared<const domain::CertificatePlan>(plan);
  return pki_perform<domain::MadeCertificate>(
      call, plan.is_slow(), [owned] { return domain::make(*owned); });
}

Result<std::string> pki_issuer_ref(const gate::Call& call, std::string_view of_route) {
  if (!of_route.empty()) return std::string(of_route);
  std::string ref = "default";
  COFFER_CHECK(assign(formats::text_field(call.body, "issuer_ref"), ref));
  return ref.empty() ? "default" : ref;
}

Result<CertificateRequest> pki_request_fields(const gate::Call& call) {
  const formats::JsonView& body = call.body;
  CertificateRequest out;
  COFFER_CHECK(assign(formats::text_field(body, "common_name"), out.common_name));
  COFFER_CHECK(assign(formats::list_field(body, "alt_names"), out.alt_names));
  COFFER_CHECK(assign(formats::list_field(body, "ip_sans"), out.ip_sans));
  COFFER_CHECK(assign(formats::list_field(body, "uri_sans"), out.uri_sans));
  COFFER_CHECK(assign(formats::list_field(body, "other_sans"), out.other_sans));
  COFFER_CHECK(assign(formats::list_field(body, "user_ids"), out.user_ids));
  COFFER_CHECK(assign(formats::text_field(body, "serial_number"), out.serial_number));
  COFFER_CHECK(assign(formats::bool_field(body, "exclude_cn_from_sans"), out.exclude_cn_from_sans));
  COFFER_TRY(const auto ttl, formats::text_field(body, "ttl"));
  if (ttl && !ttl->empty()) COFFER_CHECK(assign(formats::duration_field(body, "ttl"), out.ttl));
  COFFER_CHECK(assign(formats::text_field(body, "not_after"), out.not_after));
  COFFER_TRY(const auto not_before, formats::text_field(body, "not_before"));
  if (not_before && !not_before->empty()) {
    return fail(Code::invalid_argument, "not_before is not supported");
  }
  return out;
}

Result<crypto::Csr> pki_csr_field(const gate::Call& call) {
  COFFER_TRY(const auto text, formats::text_field(call.body, "csr"));
  if (!text || text->empty()) return fail(Code::invalid_argument, "\"csr\" is empty");
  COFFER_TRY(const Bytes der, crypto::csr_from_pem(*text));
  auto csr = crypto::parse_csr(der);
  if (!csr && csr.error().code == Code::unsupported) {
    return fail(Code::invalid_argument, csr.error().message);
  }
  return csr;
}

Result<CertificateRole> pki_subject_fields(const gate::Call& call) {
  const formats::JsonView& body = call.body;
  CertificateRole role = domain::verbatim_role();
  role.key_type = "rsa";
  COFFER_CHECK(assign(formats::text_field(body, "key_type"), role.key_type));
  COFFER_CHECK(assign(formats::integer_field(body, "key_bits"), role.key_bits));
  COFFER_CHECK(assign(formats::integer_field(body, "signature_bits"), role.signature_bits));
  COFFER_CHECK(assign(formats::bool_field(body, "use_pss"), role.use_pss));
  COFFER_CHECK(assign(formats::list_field(body, "ou"), role.ou));
  COFFER_CHECK(assign(formats::list_field(body, "organization"), role.organization));
  COFFER_CHECK(assign(formats::list_field(body, "country"), role.country));
  COFFER_CHECK(assign(formats::list_field(body, "locality"), role.locality));
  COFFER_CHECK(assign(formats::list_field(body, "province"), role.province));
  COFFER_CHECK(assign(formats::list_field(body, "street_address"), role.street_address));
  COFFER_CHECK(assign(formats::list_field(body, "postal_code"), role.postal_code));
  COFFER_CHECK(assign(formats::list_field(body, "ext_key_usage_oids"), role.ext_key_usage_oids));
  COFFER_CHECK(
      assign(formats::duration_field(body, "not_before_duration"), role.not_before_duration));
  COFFER_CHECK(role.check());
  return role;
}

Result<domain::AuthorityRequest> pki_authority_fields(const gate::Call& call) {
  domain::AuthorityRequest out;
  COFFER_TRY(const auto length, formats::integer_field(call.body, "max_path_length"));
  if (length && *length > 255) {
    return fail(Code::invalid_argument, "max_path_length is out of its range");
  }
  if (length && *length >= 0) out.max_path_length = static_cast<std::uint32_t>(*length);
  COFFER_CHECK(
      assign(formats::list_field(call.body, "permitted_dns_domains"), out.permitted_dns_domains));
  return out;
}

Result<PkiFormat> pki_format(const gate::Call& call) {
  std::string format = "pem";
  std::string key = "der";
  PkiFormat out;
  COFFER_CHECK(assign(formats::text_field(call.body, "format"), format));
  COFFER_CHECK(assign(formats::text_field(call.body, "private_key_format"), key));
  COFFER_CHECK(
      assign(formats::bool_field(call.body, "remove_roots_from_chain"), out.without_roots));
  if (format != "pem" && format != "der" && format != "pem_bundle") {
    return fail(Code::invalid_argument,
                "the \"format\" path parameter must be \"pem\", \"der\", or \"pem_bundle\"");
  }
  if (key != "der" && key != "pkcs8" && key != "pem" && !key.empty()) {
    return fail(Code::invalid_argument, "private_key_format must be \"der\" or \"pkcs8\"");
  }
  out.der = format == "der";
  out.bundle = format == "pem_bundle";
  out.pkcs8 = key == "pkcs8";
  return out;
}

std::string pki_text(const PkiFormat& format, ByteView certificate) {
  if (format.der) return base64_encode(certificate);
  std::string pem = crypto::certificate_pem(certificate);
  pem.pop_back();  // Vault's texts have no line break at their end
  return pem;
}

namespace {

secure::SecureText key_text(const PkiFormat& format, const crypto::PrivateKey& key) {
  if (format.der) {
    return secure::base64_text(format.pkcs8 ? key.der().view()
                                            : crypto::legacy_key(key).der.view());
  }
  const secure::SecureText pem = format.pkcs8 ? key.pem() : crypto::legacy_key(key).pem();
  return secure::SecureText(pem.text().substr(0, pem.size() - 1));
}

bool is_root(ByteView der) {
  const auto certificate = crypto::parse_certificate(der);
  return certificate && certificate->subject_der == certificate->issuer_der;
}

// All of it in one text: the key first, where there is one.
secure::SecureText bundle_text(const PkiFormat& format,
                               const domain::MadeCertificate& made,
                               const std::vector<Bytes>& chain,
                               bool with_key) {
  secure::SecureText out;
  if (with_key && made.key) {
    out.append(key_text(format, *made.key).text());
    out.push_back('\n');
  }
  out.append(pki_text(format, made.der));
  for (const Bytes& der : chain) {
    out.push_back('\n');
    out.append(pki_text(format, der));
  }
  return out;
}

}  // namespace

void write_private_key(JsonWriter& w, const PkiFormat& format, const crypto::PrivateKey& key) {
  w.key("private_key").string(key_text(format, key).text());
  w.key("private_key_type").string(domain::key_type_text(key.kind()));
}

void write_certificate(JsonWriter& w,
                       const PkiFormat& format,
                       const domain::MadeCertificate& made,
                       const std::vector<Bytes>& chain,
                       bool with_key) {
  std::vector<Bytes> shown = chain;
  if (format.without_roots) std::erase_if(shown, [](const Bytes& der) { return is_root(der); });
  w.key("certificate");
  if (format.bundle) {
    w.string(bundle_text(format, made, shown, with_key).text());
  } else {
    w.string(pki_text(format, made.der));
  }
  const Bytes& issuer = chain.empty() ? made.der : chain.front();
  w.key("issuing_ca").string(pki_text(format, issuer));
  w.key("ca_chain").begin_array();
  for (const Bytes& der : shown) w.string(pki_text(format, der));
  w.end_array();
  w.key("serial_number").string(domain::serial_text(made.serial));
  w.key("not_before").integer(pki_seconds(made.not_before));
  w.key("expiration").integer(pki_seconds(made.not_after));
  if (with_key && made.key) write_private_key(w, format, *made.key);
}

gate::Reply pki_answer(const gate::Call& call,
                       std::vector<std::string> warnings,
                       const std::function<void(JsonWriter&)>& write) {
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  write(w);
  w.end_object();
  out.warnings = std::move(warnings);
  return answer(call, std::move(out));
}

gate::Reply pki_import_answer(const gate::Call& call, const domain::Imported& imported) {
  std::vector<std::string> warnings;
  if (imported.issuers.empty() && imported.keys.empty()) {
    warnings.emplace_back("This import did not add any new issuers or keys.");
  }
  return pki_answer(call, std::move(warnings), [&](JsonWriter& w) {
    w.key("imported_issuers").strings(imported.issuers);
    w.key("imported_keys").strings(imported.keys);
    w.key("existing_issuers").strings(imported.existing_issuers);
    w.key("existing_keys").strings(imported.existing_keys);
    w.key("mapping").begin_object();
    for (const auto& [issuer, key] : imported.mapping) w.key(issuer).string(key);
    w.end_object();
  });
}

std::int64_t pki_seconds(Timestamp at) {
  return at.ns / kSecond;
}

gate::Reply pki_raw(std::string_view content_type, std::string_view body) {
  gate::Reply reply;
  reply.content_type = content_type;
  reply.body = secure::SecureText(body);
  if (body.empty()) reply.status = 204;
  return reply;
}

Result<domain::CrlDer> pki_crl(gate::Call& call,
                               const domain::IssuerRow& issuer,
                               domain::CrlKind kind) {
  COFFER_TRY(const domain::AuthorityRow settings, pki_authority(call).settings());
  const domain::CrlPolicy policy = domain::crl_policy(*settings.crl);
  if (kind == domain::CrlKind::delta && !policy.with_delta) return domain::CrlDer();
  const std::string name = domain::board_name(call.mount->id, *issuer.id);
  domain::CrlBoard& board = call.unsealed->pki.crls;
  if (auto ready = board.current(name, kind, policy, call.now)) return ready;
  COFFER_TRY(const auto open, pki_issuance(call).open(issuer, domain::issuer_usage::kCrlSigning));
  COFFER_TRY(const auto scheme, crypto::scheme_for(open->key->kind(), 0, false));
  COFFER_TRY(const auto equivalents, pki_authority(call).equivalents(*issuer.id));
  // The board and the rows live as long as the unsealed state that the work holds on to.
  const auto work = [unsealed = call.unsealed,
                     name,
                     kind,
                     policy,
                     now = call.now,
                     realm = call.view->realm(),
                     mount = call.mount->id,
                     equivalents,
                     signer = domain::CrlSigner{open->certificate, open->key, scheme}]() {
    return unsealed->pki.crls.build(
        name,
        kind,
        policy,
        now,
        signer,
        domain::stored_entries(*unsealed->rows, realm, mount, equivalents));
  };
  const std::string effect = pki_effect_name(call) + ':' + *issuer.id +
                             (kind == domain::CrlKind::delta ? ":delta" : ":crl");
  COFFER_TRY(const domain::CrlDer* built, call.effects.get<domain::CrlDer>(effect, work));
  return *built;
}

}  // namespace coffer::dialects::vault
