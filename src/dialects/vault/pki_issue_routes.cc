// pki/issue, pki/sign and pki/sign-verbatim: certificates by role.
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "domain/identity/names.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::CertificatePlan;
using domain::CertificateRole;
using domain::CertificateRoleRow;
using proof::EventType;

enum class From : std::uint8_t { new_key, csr };

Result<rows::RowPtr<CertificateRoleRow>> role_named(gate::Call& call, std::string_view text) {
  COFFER_TRY(const std::string name, domain::canonical_role_name(text));
  call.note("role", name);
  COFFER_TRY(const auto row,
             call.view->find<CertificateRoleRow>(domain::pki_key(call.mount->id, name)));
  if (!row) return fail(Code::invalid_argument, "unknown role");
  return row;
}

// Makes, records and shows what was planned.
Result<gate::Reply> conclude(gate::Call& call, const CertificatePlan& plan) {
  COFFER_TRY(const PkiFormat format, pki_format(call));
  COFFER_TRY(const MadePtr made, pki_make(call, plan));
  COFFER_CHECK(pki_issuance(call).record(plan, *made, call.principal->entity_id));
  call.note("serial", domain::serial_text(made->serial));
  call.note("issuer", plan.issuer_id);
  COFFER_TRY(const auto issuer, pki_authority(call).issuer(plan.issuer_id));
  COFFER_TRY(const auto chain, pki_authority(call).chain_of(issuer->row));
  return pki_answer(call, plan.warnings, [&](formats::JsonWriter& w) {
    write_certificate(w, format, *made, chain, true);
  });
}

Result<gate::Reply> by_role(gate::Call& call,
                            std::string_view role_name,
                            std::string_view issuer_ref,
                            From from) {
  COFFER_TRY(const auto row, role_named(call, role_name));
  const CertificateRole& role = *row->row.role;
  COFFER_TRY(domain::CertificateRequest request, pki_request_fields(call));
  if (from == From::csr) {
    COFFER_TRY(request.csr, pki_csr_field(call));
  } else if (role.key_type == "any") {
    return fail(Code::invalid_argument,
                "role key type \"any\" not allowed for issuing certificates, only signing");
  }
  const std::string ref(issuer_ref.empty() ? std::string_view(role.issuer_ref) : issuer_ref);
  const domain::CertificateBinding binding{*row->row.type, call.principal->entity_id};
  if (domain::is_bound(binding.type)) {
    call.note("certificate_type", std::string(domain::to_text(binding.type)));
  }
  COFFER_TRY(const CertificatePlan plan, pki_issuance(call).plan_leaf(role, request, ref, binding));
  return conclude(call, plan);
}

// What of a role still counts where the CSR is signed as it stands.
Result<CertificateRole> verbatim(gate::Call& call, std::string_view role_name) {
  CertificateRole out = domain::verbatim_role();
  if (!role_name.empty()) {
    COFFER_TRY(const auto row, role_named(call, role_name));
    if (domain::is_bound(*row->row.type)) {
      return fail(Code::invalid_argument, "a role for bound certificates signs nothing verbatim");
    }
    const CertificateRole& role = *row->row.role;
    out.issuer_ref = role.issuer_ref;
    out.ttl = role.ttl;
    out.max_ttl = role.max_ttl;
    out.not_before_duration = role.not_before_duration;
    out.no_store = role.no_store;
    out.key_usage = role.key_usage;
    out.ext_key_usage = role.ext_key_usage;
    out.ext_key_usage_oids = role.ext_key_usage_oids;
  }
  COFFER_CHECK(assign(formats::list_field(call.body, "key_usage"), out.key_usage));
  COFFER_CHECK(assign(formats::list_field(call.body, "ext_key_usage"), out.ext_key_usage));
  COFFER_CHECK(
      assign(formats::list_field(call.body, "ext_key_usage_oids"), out.ext_key_usage_oids));
  COFFER_CHECK(assign(formats::integer_field(call.body, "signature_bits"), out.signature_bits));
  COFFER_CHECK(assign(formats::bool_field(call.body, "use_pss"), out.use_pss));
  COFFER_CHECK(assign(formats::bool_field(call.body, "basic_constraints_valid_for_non_ca"),
                      out.basic_constraints_valid_for_non_ca));
  COFFER_CHECK(out.check());
  return out;
}

Result<gate::Reply> sign_verbatim(gate::Call& call,
                                  std::string_view role_name,
                                  std::string_view issuer_ref) {
  COFFER_TRY(const CertificateRole role, verbatim(call, role_name));
  COFFER_TRY(domain::CertificateRequest request, pki_request_fields(call));
  COFFER_TRY(request.csr, pki_csr_field(call));
  request.verbatim = true;
  std::string ref = role.issuer_ref;
  if (role_name.empty() || !issuer_ref.empty()) {
    COFFER_TRY(ref, pki_issuer_ref(call, issuer_ref));
  }
  COFFER_TRY(const CertificatePlan plan, pki_issuance(call).plan_leaf(role, request, ref));
  return conclude(call, plan);
}

const std::string& capture(const gate::Call& call, std::size_t index) {
  return call.routing.captures.at(index);
}

void add(RouteTable& table, std::string_view pattern, std::string_view action, gate::Handler run) {
  table.push_back(guarded(
      Verb::write, pattern, EventType::certificate_issued, pki_rule(action), std::move(run)));
}

}  // namespace

RouteTable pki_issue_routes() {
  RouteTable t;
  add(t, "issue/{role}", "pki.issue", [](gate::Call& call) {
    return by_role(call, capture(call, 0), "", From::new_key);
  });
  add(t, "issuer/{issuer}/issue/{role}", "pki.issue", [](gate::Call& call) {
    return by_role(call, capture(call, 1), capture(call, 0), From::new_key);
  });
  add(t, "sign/{role}", "pki.sign", [](gate::Call& call) {
    return by_role(call, capture(call, 0), "", From::csr);
  });
  add(t, "issuer/{issuer}/sign/{role}", "pki.sign", [](gate::Call& call) {
    return by_role(call, capture(call, 1), capture(call, 0), From::csr);
  });
  add(t, "sign-verbatim", "pki.sign-verbatim", [](gate::Call& call) {
    return sign_verbatim(call, "", "");
  });
  add(t, "sign-verbatim/{role}", "pki.sign-verbatim", [](gate::Call& call) {
    return sign_verbatim(call, capture(call, 0), "");
  });
  add(t, "issuer/{issuer}/sign-verbatim", "pki.sign-verbatim", [](gate::Call& call) {
    return sign_verbatim(call, "", capture(call, 0));
  });
  add(t, "issuer/{issuer}/sign-verbatim/{role}", "pki.sign-verbatim", [](gate::Call& call) {
    return sign_verbatim(call, capture(call, 1), capture(call, 0));
  });
  return t;
}

}  // namespace coffer::dialects::vault
