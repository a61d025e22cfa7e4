// pki/certs: the numbers of what was issued, and of what was revoked.
#include "dialects/vault/kv_wire.h"
#include "dialects/vault/pki_parts.h"

namespace coffer::dialects::vault {
namespace {

using domain::CertificateRow;
using domain::RevocationRow;
using proof::EventType;

constexpr std::size_t kIssuerId = 36;  // octets of a UUID's text

Result<gate::Reply> list_certificates(gate::Call& call) {
  const Bytes& mount = call.mount->id;
  return list_reply(
      call, [&](std::string_view after, std::size_t limit) -> Result<std::vector<std::string>> {
        Bytes from;
        if (!after.empty()) {
          COFFER_TRY(const Bytes serial, domain::parse_serial(after));
          from = domain::pki_key(mount, as_text(serial));
        }
        COFFER_TRY(const auto keys, call.view->keys<CertificateRow>(mount, from, limit));
        std::vector<std::string> out;
        out.reserve(keys.size());
        for (const Bytes& key : keys) {
          out.push_back(domain::serial_text(ByteView(key).subspan(mount.size())));
        }
        return out;
      });
}

// Of an entity, those that are bound to it.
Result<gate::Reply> list_bound(gate::Call& call) {
  const Bytes& mount = call.mount->id;
  const Bytes prefix = domain::entity_entry(mount, call.routing.captures.front());
  return list_reply(
      call, [&](std::string_view, std::size_t limit) -> Result<std::vector<std::string>> {
        COFFER_TRY(const auto keys,
                   call.view->lookup<CertificateRow>(domain::kCertificateEntity, prefix, limit));
        std::vector<std::string> out;
        out.reserve(keys.size());
        for (const Bytes& key : keys) {
          out.push_back(domain::serial_text(ByteView(key).subspan(mount.size())));
        }
        return out;
      });
}

// Where the revocation with this number lies: lists are in the order of issuers, then of numbers.
Result<Bytes> place_of_revoked(gate::Call& call, ByteView serial) {
  std::vector<std::string> issuers;
  COFFER_TRY(const auto stored, pki_revocations(call).certificate(serial));
  if (stored) issuers.push_back(*stored->row.issuer_id);
  COFFER_TRY(const auto present, pki_authority(call).issuers());
  for (const auto& issuer : present) issuers.push_back(*issuer->row.id);
  for (const std::string& issuer : issuers) {
    COFFER_TRY(const auto row, pki_revocations(call).find(issuer, serial));
    if (row) return row->row.key();
  }
  return fail(Code::invalid_argument, "after: no certificate with this number was revoked");
}

Result<gate::Reply> list_revoked(gate::Call& call) {
  const Bytes& mount = call.mount->id;
  return list_reply(
      call, [&](std::string_view after, std::size_t limit) -> Result<std::vector<std::string>> {
        Bytes from;
        if (!after.empty()) {
          COFFER_TRY(const Bytes serial, domain::parse_serial(after));
          COFFER_TRY(from, place_of_revoked(call, serial));
        }
        COFFER_TRY(const auto keys, call.view->keys<RevocationRow>(mount, from, limit));
        std::vector<std::string> out;
        out.reserve(keys.size());
        for (const Bytes& key : keys) {
          out.push_back(domain::serial_text(ByteView(key).subspan(mount.size() + kIssuerId)));
        }
        return out;
      });
}

}  // namespace

RouteTable pki_list_routes() {
  RouteTable t;
  t.push_back(guarded(Verb::list,
                      "certs",
                      EventType::certificate_read,
                      pki_rule("pki.certificate.list"),
                      list_certificates));
  t.push_back(guarded(Verb::list,
                      "certs/entity/{entity}",
                      EventType::certificate_read,
                      pki_rule("pki.certificate.list"),
                      list_bound));
  t.push_back(guarded(Verb::list,
                      "certs/revoked",
                      EventType::certificate_read,
                      pki_rule("pki.certificate.list"),
                      list_revoked));
  return t;
}

}  // namespace coffer::dialects::vault
