// pki/roles: what may be issued under a name.
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "domain/auth/whole_list.h"
#include "domain/identity/names.h"
#include "formats/vault_fields.h"

#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::CertificateRole;
using domain::CertificateRoleRow;
using formats::JsonView;
using formats::JsonWriter;
using proof::EventType;

constexpr std::size_t kMaxRoles = 10'000;

template <class T>
struct Field {
  std::string_view name;
  T CertificateRole::* member;
};

constexpr std::array kTexts{Field<std::string>{"issuer_ref", &CertificateRole::issuer_ref},
                            Field<std::string>{"not_after", &CertificateRole::not_after},
                            Field<std::string>{"key_type", &CertificateRole::key_type}};

constexpr std::array kNumbers{
    Field<std::int64_t>{"key_bits", &CertificateRole::key_bits},
    Field<std::int64_t>{"signature_bits", &CertificateRole::signature_bits}};

constexpr std::array kDurations{
    Field<Duration>{"ttl", &CertificateRole::ttl},
    Field<Duration>{"max_ttl", &CertificateRole::max_ttl},
    Field<Duration>{"not_before_duration", &CertificateRole::not_before_duration}};

constexpr std::array kFlags{
    Field<bool>{"allow_localhost", &CertificateRole::allow_localhost},
    Field<bool>{"allow_bare_domains", &CertificateRole::allow_bare_domains},
    Field<bool>{"allow_subdomains", &CertificateRole::allow_subdomains},
    Field<bool>{"allow_glob_domains", &CertificateRole::allow_glob_domains},
    Field<bool>{"allow_wildcard_certificates", &CertificateRole::allow_wildcard_certificates},
    Field<bool>{"allow_any_name", &CertificateRole::allow_any_name},
    Field<bool>{"enforce_hostnames", &CertificateRole::enforce_hostnames},
    Field<bool>{"allow_ip_sans", &CertificateRole::allow_ip_sans},
    Field<bool>{"require_cn", &CertificateRole::require_cn},
    Field<bool>{"server_flag", &CertificateRole::server_flag},
    Field<bool>{"client_flag", &CertificateRole::client_flag},
    Field<bool>{"code_signing_flag", &CertificateRole::code_signing_flag},
    Field<bool>{"email_protection_flag", &CertificateRole::email_protection_flag},
    Field<bool>{"basic_constraints_valid_for_non_ca",
                &CertificateRole::basic_constraints_valid_for_non_ca},
    Field<bool>{"use_pss", &CertificateRole::use_pss},
    Field<bool>{"use_csr_common_name", &CertificateRole::use_csr_common_name},
    Field<bool>{"use_csr_sans", &CertificateRole::use_csr_sans},
    Field<bool>{"no_store", &CertificateRole::no_store}};

using List = Field<std::vector<std::string>>;
constexpr std::array kLists{
    List{"allowed_domains", &CertificateRole::allowed_domains},
    List{"allowed_ip_sans_cidr", &CertificateRole::allowed_ip_sans_cidr},
    List{"allowed_uri_sans", &CertificateRole::allowed_uri_sans},
    List{"allowed_other_sans", &CertificateRole::allowed_other_sans},
    List{"allowed_serial_numbers", &CertificateRole::allowed_serial_numbers},
    List{"allowed_user_ids", &CertificateRole::allowed_user_ids},
    List{"cn_validations", &CertificateRole::cn_validations},
    List{"key_usage", &CertificateRole::key_usage},
    List{"ext_key_usage", &CertificateRole::ext_key_usage},
    List{"ext_key_usage_oids", &CertificateRole::ext_key_usage_oids},
    List{"policy_identifiers", &CertificateRole::policy_identifiers},
    List{"ou", &CertificateRole::ou},
    List{"organization", &CertificateRole::organization},
    List{"country", &CertificateRole::country},
    List{"locality", &CertificateRole::locality},
    List{"province", &CertificateRole::province},
    List{"street_address", &CertificateRole::street_address},
    List{"postal_code", &CertificateRole::postal_code}};

// What this server does not do must not look as if it did: a restriction that is not kept is none.
constexpr std::array<std::string_view, 4> kUnsupportedFlags{"allowed_domains_template",
                                                            "allowed_uri_sans_template",
                                                            "allow_globs_in_identity_templates",
                                                            "generate_lease"};
constexpr std::array<std::string_view, 3> kUnsupportedTexts{
    "not_before", "not_before_bound", "not_after_bound"};

Result<> refuse_unsupported(const JsonView& body) {
  for (const std::string_view name : kUnsupportedFlags) {
    COFFER_TRY(const auto flag, formats::bool_field(body, name));
    if (flag && *flag) {
      return fail(Code::invalid_argument, std::string(name) + " is not supported");
    }
  }
  for (const std::string_view name : kUnsupportedTexts) {
    COFFER_TRY(const auto text, formats::text_field(body, name));
    if (text && !text->empty() && *text != "permit") {
      return fail(Code::invalid_argument, std::string(name) + " is not supported");
    }
  }
  return {};
}

// Absent fields stay as they are.
Result<> read_fields(const JsonView& body, CertificateRole& role) {
  COFFER_CHECK(refuse_unsupported(body));
  for (const auto& f : kTexts) {
    COFFER_CHECK(assign(formats::text_field(body, f.name), role.*f.member));
  }
  for (const auto& f : kNumbers) {
    COFFER_CHECK(assign(formats::integer_field(body, f.name), role.*f.member));
  }
  for (const auto& f : kDurations) {
    COFFER_TRY(const auto text, formats::text_field(body, f.name));
    if (text && text->empty()) continue;  // clients send "" for "not set"
    COFFER_CHECK(assign(formats::duration_field(body, f.name), role.*f.member));
  }
  for (const auto& f : kFlags) {
    COFFER_CHECK(assign(formats::bool_field(body, f.name), role.*f.member));
  }
  for (const auto& f : kLists) {
    COFFER_CHECK(assign(formats::list_field(body, f.name), role.*f.member));
  }
  return role.check();
}

void write_fields(JsonWriter& w, const CertificateRole& role, domain::CertificateType type) {
  w.key("certificate_type").string(domain::is_bound(type) ? domain::to_text(type) : "");
  for (const auto& f : kTexts) w.key(f.name).string(role.*f.member);
  for (const auto& f : kNumbers) w.key(f.name).integer(role.*f.member);
  for (const auto& f : kDurations) w.key(f.name).integer(whole_seconds(role.*f.member));
  for (const auto& f : kFlags) w.key(f.name).boolean(role.*f.member);
  for (const auto& f : kLists) w.key(f.name).strings(role.*f.member);
  for (const std::string_view name : kUnsupportedFlags) w.key(name).boolean(false);
  w.key("not_before").string("");
  w.key("not_before_bound").string("permit").key("not_after_bound").string("permit");
}

Result<rows::RowPtr<CertificateRoleRow>> find(gate::Call& call) {
  COFFER_TRY(const std::string name, domain::canonical_role_name(call.routing.captures.front()));
  return call.view->find<CertificateRoleRow>(domain::pki_key(call.mount->id, name));
}

Result<gate::Reply> put(gate::Call& call, CertificateRole role, domain::CertificateType type) {
  COFFER_CHECK(read_fields(call.body, role));
  COFFER_TRY(const auto asked, formats::text_field(call.body, "certificate_type"));
  if (asked) {
    COFFER_TRY(type, domain::parse_role_type(*asked));
  }
  if (domain::is_bound(type) && role.no_store) {
    return fail(Code::invalid_argument, "bound certificates are stored: no_store must be false");
  }
  CertificateRoleRow row;
  row.type = type;
  row.mount = call.mount->id;
  COFFER_TRY(row.name, domain::canonical_role_name(call.routing.captures.front()));
  row.role = role;
  call.note("role", *row.name);
  COFFER_CHECK(call.view->put(std::move(row)));
  return data_answer(call, [&](JsonWriter& w) { write_fields(w, role, type); });
}

// A write makes the role anew: what is not said has its default.
Result<gate::Reply> write(gate::Call& call) {
  return put(call, CertificateRole(), domain::CertificateType::other);
}

Result<gate::Reply> patch(gate::Call& call) {
  COFFER_TRY(const auto row, find(call));
  if (!row) return fail(Code::not_found, "");
  return put(call, *row->row.role, *row->row.type);
}

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(const auto row, find(call));
  if (!row) return fail(Code::not_found, "");
  return data_answer(call, [&](JsonWriter& w) { write_fields(w, *row->row.role, *row->row.type); });
}

Result<gate::Reply> remove(gate::Call& call) {
  COFFER_TRY(const std::string name, domain::canonical_role_name(call.routing.captures.front()));
  COFFER_CHECK(call.view->erase<CertificateRoleRow>(domain::pki_key(call.mount->id, name)));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  const Bytes& mount = call.mount->id;
  COFFER_TRY(
      const auto keys,
      domain::whole_list(call.view->keys<CertificateRoleRow>(mount, {}, kMaxRoles + 1), kMaxRoles));
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const Bytes& key : keys) names.emplace_back(as_text(key).substr(mount.size()));
  return list_answer(call, names);
}

}  // namespace

RouteTable pki_role_routes() {
  Rule write_rule = pki_rule("pki.role.write");
  write_rule.exists = [](gate::Call& call) -> Result<bool> {
    COFFER_TRY(const auto row, find(call));
    return row != nullptr;
  };
  RouteTable t;
  t.push_back(guarded(
      Verb::write, "roles/{role}", EventType::authority_configured, std::move(write_rule), write));
  t.push_back(guarded(Verb::patch,
                      "roles/{role}",
                      EventType::authority_configured,
                      pki_rule("pki.role.write"),
                      patch));
  t.push_back(guarded(
      Verb::read, "roles/{role}", EventType::certificate_read, pki_rule("pki.role.read"), read));
  t.push_back(guarded(Verb::remove,
                      "roles/{role}",
                      EventType::authority_configured,
                      pki_rule("pki.role.delete"),
                      remove));
  t.push_back(
      guarded(Verb::list, "roles", EventType::certificate_read, pki_rule("pki.role.list"), list));
  return t;
}

}  // namespace coffer::dialects::vault
