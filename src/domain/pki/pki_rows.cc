#include "domain/pki/pki_rows.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "crypto/certificate.h"

#include <algorithm>

namespace coffer::domain {
namespace {

Bytes expiry_entry(ByteView mount, Timestamp at, ByteView serial) {
  Bytes entry = to_bytes(mount);
  Writer(entry).u64(static_cast<std::uint64_t>(std::max<std::int64_t>(at.ns, 0)));
  append(entry, serial);
  return entry;
}

}  // namespace

std::vector<store::IndexEntry> CertificateRow::index() const {
  Bytes fingerprint = *mount;
  append(fingerprint, crypto::sha256(*der));
  std::vector<store::IndexEntry> entries{
      {kCertificateFingerprint, std::move(fingerprint)},
      {kCertificateExpiry, expiry_entry(*mount, *not_after, *serial)}};
  if (is_bound(*type)) {
    Bytes entry = entity_entry(*mount, *entity_id);
    append(entry, *serial);
    entries.push_back({kCertificateEntity, std::move(entry)});
  }
  return entries;
}

Bytes entity_entry(ByteView mount, std::string_view entity_id) {
  Bytes entry = pki_key(mount, entity_id);
  entry.push_back(0);
  return entry;
}

Bytes RevocationRow::key_of(ByteView mount, std::string_view issuer_id, ByteView serial) {
  Bytes key = pki_key(mount, issuer_id);
  append(key, serial);
  return key;
}

std::vector<store::IndexEntry> RevocationRow::index() const {
  return {{kRevocationExpiry, expiry_entry(*mount, *not_after, *serial)}};
}

std::string serial_text(ByteView serial) {
  std::string out;
  const std::string hex = hex_encode(serial);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) out.push_back(':');
    out.append(hex, i, 2);
  }
  return out;
}

Result<Bytes> parse_serial(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    if (c != ':' && c != '-') hex.push_back(c);
  }
  if (hex.size() % 2 != 0) hex.insert(hex.begin(), '0');
  auto octets = hex_decode(hex);
  if (!octets) return fail(Code::invalid_argument, "malformed serial number");
  const auto first = std::ranges::find_if(*octets, [](std::uint8_t octet) { return octet != 0; });
  octets->erase(octets->begin(), first);
  if (octets->empty() || octets->size() > crypto::kMaxSerialOctets) {
    return fail(Code::invalid_argument, "malformed serial number");
  }
  return *std::move(octets);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::AuthorityRow>;
template struct coffer::rows::RowCodec<coffer::domain::AuthorityKeyRow>;
template struct coffer::rows::RowCodec<coffer::domain::IssuerRow>;
template struct coffer::rows::RowCodec<coffer::domain::CertificateRoleRow>;
template struct coffer::rows::RowCodec<coffer::domain::CertificateRow>;
template struct coffer::rows::RowCodec<coffer::domain::RevocationRow>;
