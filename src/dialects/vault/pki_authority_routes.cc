// pki/root, pki/intermediate, pki/config/ca and pki/issuers/import: how authorities come to be.
#include "base/encoding.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::CertificatePlan;
using domain::CertificateRole;
using formats::JsonWriter;
using proof::EventType;

// Where the key comes from, and whether the answer shows it: the last segment of the path.
struct KeySource {
  bool exported = false;
  bool existing = false;
};

Result<KeySource> key_source(std::string_view type) {
  if (type == "internal") return KeySource{};
  if (type == "exported") return KeySource{.exported = true};
  if (type == "existing") return KeySource{.existing = true};
  return fail(Code::invalid_argument, "key type must be internal, exported or existing");
}

Result<std::string> text_of(const gate::Call& call, std::string_view name) {
  std::string out;
  COFFER_CHECK(assign(formats::text_field(call.body, name), out));
  return out;
}

Result<domain::AuthorityKeyPtr> existing_key(const gate::Call& call) {
  COFFER_TRY(std::string ref, text_of(call, "key_ref"));
  return pki_authority(call).key(ref.empty() ? "default" : ref);
}

Result<gate::Reply> generate_root(gate::Call& call) {
  COFFER_TRY(const KeySource source, key_source(call.routing.captures.front()));
  COFFER_TRY(const CertificateRole subject, pki_subject_fields(call));
  COFFER_TRY(const auto request, pki_request_fields(call));
  COFFER_TRY(const auto asked, pki_authority_fields(call));
  COFFER_TRY(const PkiFormat format, pki_format(call));
  COFFER_TRY(const std::string issuer_name, text_of(call, "issuer_name"));
  COFFER_TRY(const std::string key_name, text_of(call, "key_name"));
  if (request.common_name.empty()) {
    return fail(Code::invalid_argument, "the common_name field is required");
  }
  domain::Authority authority = pki_authority(call);
  std::string key_id;
  std::shared_ptr<const crypto::PrivateKey> key;
  if (source.existing) {
    COFFER_TRY(const auto row, existing_key(call));
    key_id = *row->row.id;
    COFFER_TRY(key, authority.open(row->row));
  }
  COFFER_TRY(const CertificatePlan plan,
             pki_issuance(call).plan_root(subject, request, asked, std::move(key)));
  COFFER_TRY(const MadePtr made, pki_make(call, plan));
  if (made->key) {
    COFFER_TRY(key_id, authority.add_key(*made->key, key_name));
  }
  COFFER_TRY(const crypto::Certificate certificate, crypto::parse_certificate(made->der));
  COFFER_TRY(const auto added, authority.add_issuer(certificate, issuer_name));
  COFFER_CHECK(pki_issuance(call).record(plan, *made, call.principal->entity_id));
  call.note("issuer", added.id);
  call.note("serial", domain::serial_text(made->serial));
  return pki_answer(call, plan.warnings, [&](JsonWriter& w) {
    write_certificate(w, format, *made, {made->der}, source.exported);
    w.key("issuer_id").string(added.id).key("issuer_name").string(issuer_name);
    w.key("key_id").string(key_id).key("key_name").string(key_name);
  });
}

struct MadeRequest {
  Bytes csr;
  std::shared_ptr<const crypto::PrivateKey> key;
};

// The key, when none is given, and the signed request: RSA may take seconds.
Result<std::shared_ptr<const MadeRequest>> make_request(
    gate::Call& call,
    const CertificateRole& subject,
    const crypto::CsrTemplate& asked,
    const std::shared_ptr<const crypto::PrivateKey>& key) {
  COFFER_TRY(const crypto::KeyKind kind,
             key ? Result<crypto::KeyKind>(key->kind())
                 : domain::key_kind_of(subject.key_type, subject.key_bits));
  COFFER_TRY(const crypto::CertificateScheme scheme,
             crypto::scheme_for(kind, static_cast<int>(subject.signature_bits), subject.use_pss));
  const bool slow = domain::key_type_text(kind) == "rsa";
  return pki_perform<MadeRequest>(call, slow, [asked, key, kind, scheme]() -> Result<MadeRequest> {
    MadeRequest made{.csr = {}, .key = key};
    if (!made.key) {
      COFFER_TRY(auto fresh, crypto::PrivateKey::generate(kind));
      made.key = std::make_shared<const crypto::PrivateKey>(std::move(fresh));
    }
    COFFER_TRY(made.csr, crypto::build_csr(asked, *made.key, scheme));
    return made;
  });
}

Result<gate::Reply> generate_intermediate(gate::Call& call) {
  COFFER_TRY(const KeySource source, key_source(call.routing.captures.front()));
  COFFER_TRY(const CertificateRole subject, pki_subject_fields(call));
  COFFER_TRY(const auto request, pki_request_fields(call));
  COFFER_TRY(const PkiFormat format, pki_format(call));
  COFFER_TRY(const std::string key_name, text_of(call, "key_name"));
  COFFER_TRY(auto names, domain::Issuance::names_of(subject, request));
  COFFER_CHECK(domain::check_requested(subject, names));
  crypto::CsrTemplate asked{std::move(names.subject), std::move(names.names), false};
  COFFER_CHECK(assign(formats::bool_field(call.body, "add_basic_constraints"), asked.authority));
  domain::Authority authority = pki_authority(call);
  std::string key_id;
  std::shared_ptr<const crypto::PrivateKey> key;
  if (source.existing) {
    COFFER_TRY(const auto row, existing_key(call));
    key_id = *row->row.id;
    COFFER_TRY(key, authority.open(row->row));
  }
  COFFER_TRY(const auto made, make_request(call, subject, asked, key));
  if (!source.existing) {
    COFFER_TRY(key_id, authority.add_key(*made->key, key_name));
  }
  call.note("key", key_id);
  return data_answer(call, [&](JsonWriter& w) {
    std::string pem = crypto::csr_pem(made->csr);
    pem.pop_back();
    w.key("csr").string(format.der ? base64_encode(made->csr) : pem);
    w.key("key_id").string(key_id);
    if (source.exported) write_private_key(w, format, *made->key);
  });
}

// Records what was planned as a certificate of `plan`'s issuer, and shows it.
Result<gate::Reply> conclude(gate::Call& call, const CertificatePlan& plan) {
  COFFER_TRY(const PkiFormat format, pki_format(call));
  COFFER_TRY(const MadePtr made, pki_make(call, plan));
  COFFER_CHECK(pki_issuance(call).record(plan, *made, call.principal->entity_id));
  call.note("serial", domain::serial_text(made->serial));
  call.note("issuer", plan.issuer_id);
  domain::Authority authority = pki_authority(call);
  COFFER_TRY(const auto issuer, authority.issuer(plan.issuer_id));
  COFFER_TRY(auto chain, authority.chain_of(issuer->row));
  return pki_answer(call, plan.warnings, [&](JsonWriter& w) {
    write_certificate(w, format, *made, chain, false);
  });
}

Result<gate::Reply> sign_intermediate(gate::Call& call, std::string_view of_route) {
  COFFER_TRY(const CertificateRole subject, pki_subject_fields(call));
  COFFER_TRY(auto request, pki_request_fields(call));
  COFFER_TRY(const auto asked, pki_authority_fields(call));
  COFFER_TRY(request.csr, pki_csr_field(call));
  COFFER_CHECK(assign(formats::bool_field(call.body, "use_csr_values"), request.verbatim));
  // The names of an authority are asked for here; the CSR's are a wish of somebody else.
  CertificateRole role = subject;
  role.use_csr_common_name = request.common_name.empty();
  role.use_csr_sans = false;
  COFFER_TRY(const std::string ref, pki_issuer_ref(call, of_route));
  COFFER_TRY(const CertificatePlan plan,
             pki_issuance(call).plan_intermediate(role, request, asked, ref));
  return conclude(call, plan);
}

Result<gate::Reply> sign_self_issued(gate::Call& call, std::string_view of_route) {
  COFFER_TRY(const std::string pem, required_text(call.body, "certificate"));
  COFFER_TRY(const Bytes der, crypto::certificate_from_pem(pem));
  COFFER_TRY(const auto certificate, crypto::parse_certificate(der));
  COFFER_TRY(const std::string ref, pki_issuer_ref(call, of_route));
  COFFER_TRY(const CertificatePlan plan, pki_issuance(call).plan_self_issued(certificate, ref));
  return conclude(call, plan);
}

Result<gate::Reply> import(gate::Call& call, std::string_view field) {
  COFFER_TRY(const auto text, required_secret(call.body, field));
  COFFER_TRY(const crypto::PemBundle bundle, crypto::read_pem_bundle(text.text()));
  if (bundle.certificates.empty() && bundle.keys.empty()) {
    return fail(Code::invalid_argument, "PEM without a certificate or a private key");
  }
  COFFER_TRY(const domain::Imported imported, pki_authority(call).import(bundle));
  for (const std::string& id : imported.issuers) call.note("issuer", id);
  for (const std::string& id : imported.keys) call.note("key", id);
  return pki_import_answer(call, imported);
}

// The certificate alone: a key in it is a mistake of whoever sent it.
Result<gate::Reply> import_certificate(gate::Call& call) {
  COFFER_TRY(const auto text, required_secret(call.body, "pem_bundle"));
  if (text.text().contains("PRIVATE KEY")) {
    return fail(Code::invalid_argument,
                "private keys found in the PEM bundle but not allowed by the path; use "
                "/issuers/import/bundle");
  }
  return import(call, "pem_bundle");
}

Result<gate::Reply> delete_root(gate::Call& call) {
  COFFER_CHECK(pki_authority(call).remove_all());
  return no_content();
}

void add(RouteTable& table,
         std::string_view pattern,
         EventType event,
         std::string_view action,
         gate::Handler run) {
  table.push_back(guarded(Verb::write, pattern, event, pki_rule(action), std::move(run)));
}

}  // namespace

RouteTable pki_authority_routes() {
  constexpr EventType kChanged = EventType::authority_changed;
  constexpr EventType kIssued = EventType::certificate_issued;
  RouteTable t;
  for (const std::string_view pattern :
       {"root/generate/{type}", "root/rotate/{type}", "issuers/generate/root/{type}"}) {
    add(t, pattern, kChanged, "pki.root.generate", generate_root);
  }
  for (const std::string_view pattern :
       {"intermediate/generate/{type}", "issuers/generate/intermediate/{type}"}) {
    add(t, pattern, kChanged, "pki.intermediate.generate", generate_intermediate);
  }
  add(t, "root/sign-intermediate", kIssued, "pki.sign-intermediate", [](gate::Call& call) {
    return sign_intermediate(call, "");
  });
  add(t,
      "issuer/{issuer}/sign-intermediate",
      kIssued,
      "pki.sign-intermediate",
      [](gate::Call& call) { return sign_intermediate(call, call.routing.captures.front()); });
  // Whoever may do this vouches for a key and a name that nobody here looks at: sudo, as in Vault.
  const auto self_issued = [&](std::string_view pattern, gate::Handler run) {
    Rule rule = pki_rule("pki.sign-self-issued");
    rule.sudo = true;
    t.push_back(guarded(Verb::write, pattern, kIssued, std::move(rule), std::move(run)));
  };
  self_issued("root/sign-self-issued", [](gate::Call& call) { return sign_self_issued(call, ""); });
  self_issued("issuer/{issuer}/sign-self-issued", [](gate::Call& call) {
    return sign_self_issued(call, call.routing.captures.front());
  });
  for (const std::string_view pattern : {"config/ca", "issuers/import/bundle"}) {
    add(t, pattern, kChanged, "pki.import", [](gate::Call& call) {
      return import(call, "pem_bundle");
    });
  }
  add(t, "issuers/import/cert", kChanged, "pki.import", import_certificate);
  add(t, "intermediate/set-signed", kChanged, "pki.import", [](gate::Call& call) {
    return import(call, "certificate");
  });
  Rule gone = pki_rule("pki.root.delete");
  gone.sudo = true;
  t.push_back(guarded(Verb::remove, "root", kChanged, std::move(gone), delete_root));
  return t;
}

}  // namespace coffer::dialects::vault
