// Certificate revocation lists, version 2, complete and delta (RFC 5280 §5).
//
// The entries are kept in their encoded form, one behind the other, so that a list grows by an
// append and a list of a million entries costs no more than its octets (about 37 an entry) and one
// signature. Entries carry the reason and no other extension. Safe for concurrent use on different
// objects.
//
// Foreign lists are read by OpenSSL. Limits: kMaxCrlDer. A delta, a list for others' certificates
// (indirect), one for a part of them only, and one with a critical extension are refused: taken for
// a complete list they would say that what they leave out is good. Errors are invalid_argument.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate_sign.h"

#include <cstdint>
#include <optional>

namespace coffer::crypto {

struct Certificate;

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

inline constexpr std::size_t kMaxCrlDer = 200 * 1024;  // about 5,000 entries

// A complete list of somebody's. Reading says nothing about trust.
struct Crl {
  Bytes issuer_der;
  Timestamp this_update;
  std::optional<Timestamp> next_update;
  std::vector<Bytes> serials;  // without leading zeros, in order
};

Result<Crl> parse_crl(ByteView der);

// DER of a list in PEM ("X509 CRL").
Result<Bytes> crl_from_pem(std::string_view text);

// Whether the key of `issuer`, which may sign lists, signed this one and is named by it.
bool is_list_of(ByteView crl_der, const Certificate& issuer);

}  // namespace coffer::crypto
