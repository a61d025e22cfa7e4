// auth/cert: roles that trust certificates, revocation lists, and logins with TLS client
// certificates.
#include "base/encoding.h"
#include "crypto/crl.h"
#include "crypto/hash.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/dialect.h"
#include "domain/certauth/cert_auth.h"
#include "domain/certauth/constraints.h"
#include "formats/vault_fields.h"

#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::CertAuth;
using domain::CertConstraints;
using domain::CertRoleRow;
using formats::JsonWriter;
using proof::EventType;

CertAuth auth_of(const gate::Call& call) {
  return CertAuth(*call.view, *call.mount);
}

const std::string& name_of(const gate::Call& call) {
  return call.routing.captures.front();
}

struct ListField {
  std::string_view name;
  std::vector<std::string> CertConstraints::* member;
};

constexpr std::array kLists{
    ListField{"allowed_names", &CertConstraints::names},
    ListField{"allowed_common_names", &CertConstraints::common_names},
    ListField{"allowed_dns_sans", &CertConstraints::dns_sans},
    ListField{"allowed_email_sans", &CertConstraints::email_sans},
    ListField{"allowed_uri_sans", &CertConstraints::uri_sans},
    ListField{"allowed_organizational_units", &CertConstraints::organizational_units},
    ListField{"required_extensions", &CertConstraints::required_extensions},
    ListField{"allowed_metadata_extensions", &CertConstraints::metadata_extensions},
};

// Who asks for a check that is not made must not believe that it is.
Result<> refuse_ocsp(const formats::JsonView& body) {
  for (const std::string_view name : {"ocsp_enabled", "ocsp_query_all_servers"}) {
    COFFER_TRY(const auto asked, formats::bool_field(body, name));
    if (asked.value_or(false)) {
      return fail(Code::invalid_argument,
                  std::string(name) + " is not supported: load revocation lists instead");
    }
  }
  for (const std::string_view name : {"ocsp_ca_certificates", "ocsp_servers_override"}) {
    COFFER_TRY(const auto given, formats::list_field(body, name));
    if (given && !given->empty()) {
      return fail(Code::invalid_argument,
                  std::string(name) + " is not supported: load revocation lists instead");
    }
  }
  return {};
}

Result<gate::Reply> write_role(gate::Call& call) {
  COFFER_CHECK(refuse_ocsp(call.body));
  CertAuth auth = auth_of(call);
  COFFER_TRY(const auto present, auth.role(name_of(call)));
  CertRoleRow row = present ? present->row : CertRoleRow{};
  COFFER_CHECK(assign(formats::text_field(call.body, "certificate"), *row.pem));
  if (row.pem->empty()) return fail(Code::invalid_argument, "failed to parse certificate");
  COFFER_CHECK(assign(formats::text_field(call.body, "display_name"), *row.display_name));
  for (const ListField& list : kLists) {
    COFFER_CHECK(assign(formats::list_field(call.body, list.name), *row.constraints.*list.member));
  }
  COFFER_CHECK(read_token_params(call.body, *row.token));
  COFFER_CHECK(auth.write_role(name_of(call), std::move(row)));
  return no_content();
}

Result<gate::Reply> read_role(gate::Call& call) {
  COFFER_TRY(const auto role, auth_of(call).role(name_of(call)));
  if (!role) return fail(Code::not_found, "");
  return data_answer(call, [&](JsonWriter& w) {
    w.key("certificate").string(*role->row.pem);
    w.key("display_name").string(*role->row.display_name);
    for (const ListField& list : kLists) {
      w.key(list.name).strings(*role->row.constraints.*list.member);
    }
    w.key("ocsp_enabled").boolean(false).key("ocsp_fail_open").boolean(false);
    w.key("ocsp_query_all_servers").boolean(false);
    w.key("policies").strings(role->row.token->policies);
    write_token_params(w, *role->row.token);
  });
}

Result<gate::Reply> delete_role(gate::Call& call) {
  COFFER_CHECK(auth_of(call).remove_role(name_of(call)));
  return no_content();
}

Result<gate::Reply> list_roles(gate::Call& call) {
  COFFER_TRY(const auto names, auth_of(call).role_names());
  return list_answer(call, names);
}

Result<bool> role_exists(gate::Call& call) {
  COFFER_TRY(const auto role, auth_of(call).role(name_of(call)));
  return static_cast<bool>(role);
}

Result<gate::Reply> write_config(gate::Call& call) {
  CertAuth auth = auth_of(call);
  COFFER_TRY(auto row, auth.config());
  COFFER_CHECK(assign(formats::bool_field(call.body, "disable_binding"), *row.disable_binding));
  COFFER_CHECK(assign(formats::bool_field(call.body, "enable_identity_alias_metadata"),
                      *row.alias_metadata));
  COFFER_CHECK(assign(formats::integer_field(call.body, "ocsp_cache_size"), *row.ocsp_cache_size));
  COFFER_CHECK(assign(formats::integer_field(call.body, "role_cache_size"), *row.role_cache_size));
  COFFER_CHECK(auth.write_config(std::move(row)));
  return no_content();
}

Result<gate::Reply> read_config(gate::Call& call) {
  COFFER_TRY(const auto row, auth_of(call).config());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("disable_binding").boolean(*row.disable_binding);
    w.key("enable_identity_alias_metadata").boolean(*row.alias_metadata);
    w.key("ocsp_cache_size").integer(*row.ocsp_cache_size);
    w.key("role_cache_size").integer(*row.role_cache_size);
  });
}

Result<gate::Reply> write_list(gate::Call& call) {
  COFFER_TRY(const auto url, formats::text_field(call.body, "url"));
  if (url && !url->empty()) {
    return fail(Code::invalid_argument, "lists are not fetched: send the list itself in \"crl\"");
  }
  COFFER_TRY(const std::string text, required_text(call.body, "crl"));
  auto der = crypto::crl_from_pem(text);
  if (!der) return fail(Code::invalid_argument, "failed to parse CRL");
  COFFER_CHECK(auth_of(call).write_list(name_of(call), *std::move(der)));
  return no_content();
}

Result<gate::Reply> read_list(gate::Call& call) {
  COFFER_TRY(const auto row, auth_of(call).list(name_of(call)));
  if (!row) return fail(Code::not_found, "");
  COFFER_TRY(const crypto::Crl list, crypto::parse_crl(*row->row.der));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("serials").begin_object();
    for (const Bytes& serial : list.serials) {
      w.key(domain::decimal_text(serial)).begin_object().end_object();
    }
    w.end_object();
  });
}

Result<gate::Reply> delete_list(gate::Call& call) {
  COFFER_CHECK(auth_of(call).remove_list(name_of(call)));
  return no_content();
}

Result<gate::Reply> list_lists(gate::Call& call) {
  COFFER_TRY(const auto names, auth_of(call).list_names());
  return list_answer(call, names);
}

Result<bool> list_exists(gate::Call& call) {
  COFFER_TRY(const auto row, auth_of(call).list(name_of(call)));
  return static_cast<bool>(row);
}

Result<gate::Reply> log_in(gate::Call& call) {
  call.event.actor_type = "cert";
  call.event.type = EventType::auth_failed;
  call.note("mount", call.routing.mount);
  const net::Peer& peer = call.request.peer;
  if (!peer.tls) return fail(Code::invalid_argument, "tls connection required");
  if (peer.certificates && !peer.certificates->empty()) {
    call.note("certificate_sha256", hex_encode(crypto::sha256(peer.certificates->front())));
  }
  COFFER_TRY(const auto name, formats::text_field(call.body, "name"));
  CertAuth auth = auth_of(call);
  COFFER_TRY(const CertAuth::Accepted accepted,
             auth.accept(peer.certificates.get(), name.value_or("")));
  call.note("role", *accepted.role->row.name);
  COFFER_TRY(domain::IssuedToken issued, auth.issue(accepted, call.routing.mount, peer.address));
  call.event.type = EventType::auth_login;
  call.event.actor_name = *issued.row.display_name;
  call.event.actor_id = *issued.row.entity_id;
  return issued_answer(call, std::move(issued));
}

Rule rule(std::string_view action) {
  return Rule{.action = action};
}

}  // namespace

RouteTable cert_routes() {
  constexpr EventType kChanged = EventType::auth_method_changed;
  constexpr EventType kRead = EventType::auth_token_read;
  RouteTable table;
  table.push_back(proven(Verb::write,
                         "login",
                         EventType::auth_login,
                         "cert.login",
                         "the certificate of the connection is the proof",
                         log_in));
  table.push_back(guarded(Verb::write,
                          "certs/{role}",
                          kChanged,
                          {.action = "cert.role.write", .exists = role_exists},
                          write_role));
  table.push_back(guarded(Verb::read, "certs/{role}", kRead, rule("cert.role.read"), read_role));
  table.push_back(
      guarded(Verb::remove, "certs/{role}", kChanged, rule("cert.role.delete"), delete_role));
  table.push_back(guarded(Verb::list, "certs", kRead, rule("cert.role.list"), list_roles));
  table.push_back(
      guarded(Verb::write, "config", kChanged, rule("cert.config.write"), write_config));
  table.push_back(guarded(Verb::read, "config", kRead, rule("cert.config.read"), read_config));
  table.push_back(guarded(Verb::write,
                          "crls/{role}",
                          kChanged,
                          {.action = "cert.crl.write", .exists = list_exists},
                          write_list));
  table.push_back(guarded(Verb::read, "crls/{role}", kRead, rule("cert.crl.read"), read_list));
  table.push_back(
      guarded(Verb::remove, "crls/{role}", kChanged, rule("cert.crl.delete"), delete_list));
  table.push_back(guarded(Verb::list, "crls", kRead, rule("cert.crl.list"), list_lists));
  return table;
}

}  // namespace coffer::dialects::vault
