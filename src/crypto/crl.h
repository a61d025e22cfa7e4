// Certificate revocation lists, version 2, complete and delta (RFC 5280 §5).
//
// The entries are kept in their encoded form, one behind the other, so that a list grows by an
// append and a list of a million entries costs no more than its octets (about 37 an entry) and one
// signature. Entries carry the reason and no other extension. Safe for concurrent use on different
// objects.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate_sign.h"

#include <cstdint>
#include <optional>

namespace coffer::crypto {

// CRLReason, RFC 5280 §5.3.1. Stored on disk.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  authority_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  privilege_withdrawn = 9,
};

struct CrlEntry {
  Bytes serial;  // unsigned
  Timestamp at;
  RevocationReason reason{};
};

void append_crl_entry(Bytes& entries, const CrlEntry& entry);

struct CrlTemplate {
  Bytes issuer_name;       // DER
  Bytes authority_key_id;  // of the issuer
  Timestamp this_update;
  Timestamp next_update;
  std::uint64_t number = 0;                  // greater than that of every earlier list
  std::optional<std::uint64_t> base_number;  // a delta on the complete list with this number
};

// DER. `entries` is what append_crl_entry() wrote.
Result<Bytes> build_crl(const CrlTemplate& list,
                        ByteView entries,
                        const PrivateKey& signer,
                        CertificateScheme scheme);

}  // namespace coffer::crypto
