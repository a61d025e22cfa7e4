// pki/issuer/:ref: what is known of an issuer, and what it may be used for.
#include "base/enum_table.h"
#include "base/time_text.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "formats/vault_fields.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::IssuerPtr;
using domain::IssuerRow;
using domain::NotAfterBehavior;
using formats::JsonWriter;
using proof::EventType;

struct UsageName {
  std::uint8_t bit;
  std::string_view name;
};

constexpr std::array kUsages{UsageName{domain::issuer_usage::kCrlSigning, "crl-signing"},
                             UsageName{domain::issuer_usage::kIssuing, "issuing-certificates"},
                             UsageName{domain::issuer_usage::kOcspSigning, "ocsp-signing"}};

constexpr EnumTable<NotAfterBehavior, 3> kBehaviors{{{{NotAfterBehavior::err, "err"},
                                                      {NotAfterBehavior::truncate, "truncate"},
                                                      {NotAfterBehavior::permit, "permit"}}}};

std::string usage_text(std::uint8_t usage) {
  std::string out;
  for (const UsageName& one : kUsages) {
    if ((usage & one.bit) != 0) out.append(one.name).append(",");
  }
  return out + "read-only";
}

Result<std::uint8_t> read_usage(const std::vector<std::string>& names) {
  std::uint8_t usage = 0;
  for (const std::string& name : names) {
    if (name == "read-only") continue;
    const auto* const at = std::ranges::find(kUsages, name, &UsageName::name);
    if (at == kUsages.end()) return fail(Code::invalid_argument, "unknown usage of an issuer");
    usage = static_cast<std::uint8_t>(usage | at->bit);
  }
  return usage;
}

Result<IssuerPtr> named(gate::Call& call) {
  return pki_authority(call).issuer(call.routing.captures.front());
}

Result<gate::Reply> show(gate::Call& call, const IssuerRow& issuer) {
  COFFER_TRY(const auto chain, pki_authority(call).chain_of(issuer));
  return data_answer(call, [&](JsonWriter& w) {
    const PkiFormat pem;
    w.key("issuer_id").string(*issuer.id).key("issuer_name").string(*issuer.name);
    w.key("key_id").string(*issuer.key_id);
    w.key("certificate").string(pki_text(pem, *issuer.certificate));
    w.key("manual_chain").strings(*issuer.manual_chain);
    w.key("ca_chain").begin_array();
    for (const Bytes& der : chain) w.string(pki_text(pem, der));
    w.end_array();
    w.key("leaf_not_after_behavior").string(kBehaviors.text(*issuer.not_after_behavior));
    w.key("usage").string(usage_text(*issuer.usage));
    w.key("revocation_signature_algorithm").string("");
    w.key("revoked").boolean(issuer.revoked_at->ns != 0);
    if (issuer.revoked_at->ns != 0) {
      w.key("revocation_time").integer(pki_seconds(*issuer.revoked_at));
      w.key("revocation_time_rfc3339").string(rfc3339(*issuer.revoked_at));
    }
    w.key("issuing_certificates").strings(issuer.urls->issuing_certificates);
    w.key("crl_distribution_points").strings(issuer.urls->crl_distribution_points);
    w.key("delta_crl_distribution_points").strings(issuer.urls->delta_crl_distribution_points);
    w.key("ocsp_servers").strings(issuer.urls->ocsp_servers);
  });
}

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(const IssuerPtr issuer, named(call));
  return show(call, issuer->row);
}

Result<std::vector<std::string>> chain_ids(gate::Call& call, const std::vector<std::string>& refs) {
  std::vector<std::string> ids;
  for (const std::string& ref : refs) {
    COFFER_TRY(const IssuerPtr issuer, pki_authority(call).issuer(ref));
    ids.push_back(*issuer->row.id);
  }
  return ids;
}

// Absent fields stay as they are.
Result<> read_fields(gate::Call& call, IssuerRow& row) {
  const formats::JsonView& body = call.body;
  COFFER_CHECK(assign(formats::text_field(body, "issuer_name"), *row.name));
  COFFER_TRY(const auto behavior, formats::text_field(body, "leaf_not_after_behavior"));
  if (behavior) {
    const auto known = kBehaviors.parse(*behavior);
    if (!known) {
      return fail(Code::invalid_argument,
                  "leaf_not_after_behavior must be err, truncate or permit");
    }
    row.not_after_behavior = *known;
  }
  COFFER_TRY(const auto usage, formats::list_field(body, "usage"));
  if (usage) {
    COFFER_TRY(row.usage, read_usage(*usage));
  }
  COFFER_TRY(const auto chain, formats::list_field(body, "manual_chain"));
  if (chain) {
    COFFER_TRY(row.manual_chain, chain_ids(call, *chain));
  }
  domain::PkiUrls& urls = *row.urls;
  COFFER_CHECK(
      assign(formats::list_field(body, "issuing_certificates"), urls.issuing_certificates));
  COFFER_CHECK(
      assign(formats::list_field(body, "crl_distribution_points"), urls.crl_distribution_points));
  COFFER_CHECK(assign(formats::list_field(body, "delta_crl_distribution_points"),
                      urls.delta_crl_distribution_points));
  return assign(formats::list_field(body, "ocsp_servers"), urls.ocsp_servers);
}

Result<gate::Reply> update(gate::Call& call) {
  COFFER_TRY(const IssuerPtr issuer, named(call));
  IssuerRow row = issuer->row;
  COFFER_CHECK(read_fields(call, row));
  call.note("issuer", *row.id);
  COFFER_CHECK(pki_authority(call).update_issuer(row));
  return show(call, row);
}

Result<gate::Reply> remove(gate::Call& call) {
  call.note("issuer", call.routing.captures.front());
  COFFER_CHECK(pki_authority(call).remove_issuer(call.routing.captures.front()));
  return no_content();
}

// A revoked issuer signs no more; where its own issuer is here, that one's list says so too.
Result<gate::Reply> revoke(gate::Call& call) {
  COFFER_TRY(const IssuerPtr issuer, named(call));
  IssuerRow row = issuer->row;
  if (row.revoked_at->ns == 0) row.revoked_at = call.now;
  row.usage = static_cast<std::uint8_t>(*row.usage & ~domain::issuer_usage::kIssuing);
  call.note("issuer", *row.id);
  COFFER_TRY(const auto certificate, crypto::parse_certificate(*row.certificate));
  if (certificate.subject_der != certificate.issuer_der) {
    const auto told =
        pki_revocations(call).revoke(certificate, crypto::RevocationReason::cessation_of_operation);
    if (!told && told.error().code != Code::invalid_argument) {
      return std::unexpected(told.error());
    }
  }
  COFFER_CHECK(call.view->put(row));
  return show(call, row);
}

Result<gate::Reply> list(gate::Call& call) {
  COFFER_TRY(const auto issuers, pki_authority(call).issuers());
  if (issuers.empty()) return fail(Code::not_found, "");
  COFFER_TRY(const auto settings, pki_authority(call).settings());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("keys").begin_array();
    for (const IssuerPtr& issuer : issuers) w.string(*issuer->row.id);
    w.end_array();
    w.key("key_info").begin_object();
    for (const IssuerPtr& issuer : issuers) {
      w.key(*issuer->row.id).begin_object();
      w.key("issuer_name").string(*issuer->row.name).key("key_id").string(*issuer->row.key_id);
      w.key("is_default").boolean(*issuer->row.id == *settings.default_issuer);
      const auto certificate = crypto::parse_certificate(*issuer->row.certificate);
      w.key("serial_number");
      w.string(certificate ? domain::serial_text(certificate->serial) : "");
      w.end_object();
    }
    w.end_object();
  });
}

}  // namespace

RouteTable pki_issuer_routes() {
  constexpr EventType kChanged = EventType::authority_changed;
  constexpr EventType kRead = EventType::certificate_read;
  constexpr std::string_view kOne = "issuer/{issuer}";
  RouteTable t;
  t.push_back(guarded(Verb::list, "issuers", kRead, pki_rule("pki.issuer.list"), list));
  t.push_back(guarded(Verb::read, kOne, kRead, pki_rule("pki.issuer.read"), read));
  t.push_back(guarded(Verb::write, kOne, kChanged, pki_rule("pki.issuer.write"), update));
  t.push_back(guarded(Verb::patch, kOne, kChanged, pki_rule("pki.issuer.write"), update));
  t.push_back(guarded(Verb::remove, kOne, kChanged, pki_rule("pki.issuer.delete"), remove));
  t.push_back(guarded(Verb::write,
                      "issuer/{issuer}/revoke",
                      EventType::certificate_revoked,
                      pki_rule("pki.issuer.revoke"),
                      revoke));
  return t;
}

}  // namespace coffer::dialects::vault
