#include "crypto/crl.h"

#include "crypto/certificate_der.h"

namespace coffer::crypto {
namespace {

void write_number(DerWriter& w, std::string_view type, bool critical, std::uint64_t number) {
  w.sequence([&] {
    w.oid(type);
    if (critical) w.boolean(true);
    w.nest(der::kOctetString, [&] { w.integer(number); });
  });
}

void write_extensions(DerWriter& w, const CrlTemplate& list) {
  w.sequence([&] {
    w.oid("2.5.29.35");
    w.nest(der::kOctetString,
           [&] { w.sequence([&] { w.node(der::context(0), list.authority_key_id); }); });
  });
  write_number(w, "2.5.29.20", false, list.number);
  if (list.base_number) write_number(w, "2.5.29.27", true, *list.base_number);
}

}  // namespace

void append_crl_entry(Bytes& entries, const CrlEntry& entry) {
  DerWriter w;
  w.sequence([&] {
    w.integer(entry.serial);
    w.time(entry.at);
    // §5.3.1: unspecified is said by saying nothing.
    if (entry.reason == RevocationReason::unspecified) return;
    w.sequence([&] {
      w.sequence([&] {
        w.oid("2.5.29.21");
        w.nest(der::kOctetString, [&] {
          const auto reason = static_cast<std::uint8_t>(entry.reason);
          w.node(der::kEnumerated, ByteView(&reason, 1));
        });
      });
    });
  });
  append(entries, w.octets());
}

Result<Bytes> build_crl(const CrlTemplate& list,
                        ByteView entries,
                        const PrivateKey& signer,
                        CertificateScheme scheme) {
  DerWriter w;
  w.sequence([&] {
    w.integer(std::uint64_t{1});  // v2
    write_algorithm(w, signer.kind(), scheme);
    w.raw(list.issuer_name);
    w.time(list.this_update);
    w.time(list.next_update);
    if (!entries.empty()) w.node(der::kSequence, entries);
    w.nest(der::context_of(0), [&] { w.sequence([&] { write_extensions(w, list); }); });
  });
  return sign_structure(w.octets(), signer, scheme);
}

}  // namespace coffer::crypto
