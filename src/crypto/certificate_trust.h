// Whether somebody vouches for a certificate that a TLS client showed (RFC 5280 §6).
//
// The path is built and every signature in it verified by OpenSSL. The client's certificate must
// be good for TLS clients as far as it says what it is good for, every certificate of the path must
// be in its time at `now`, and whatever signs another must be an authority and allowed to sign:
// names and serial numbers decide nothing. Anchors are trusted as they are: an intermediate among
// them ends the path. Says nothing about revocation. Pure functions; safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxPath = 10;   // certificates of one path
inline constexpr std::size_t kMaxShown = 10;  // certificates that a client shows
inline constexpr std::size_t kMaxAnchors = 100;

// All DER. `shown` begins with the client's own certificate; the others may help to build the path,
// which is given back from the client's certificate to the anchor. Errors: permission_denied when
// there is no such path; invalid_argument for what is no certificate, or beyond the limits.
Result<std::vector<Bytes>> verify_client_path(const std::vector<Bytes>& shown,
                                              const std::vector<Bytes>& anchors,
                                              Timestamp now);

struct Extension {
  std::string oid;  // dotted decimal
  Bytes value;      // what the OCTET STRING holds, DER mostly
};

// All extensions of a certificate, in order.
Result<std::vector<Extension>> read_extensions(ByteView certificate_der);

// The text of a DER string (UTF8String, PrintableString, IA5String and the like), as UTF-8; nullopt
// for anything else.
std::optional<std::string> der_text(ByteView der);

}  // namespace coffer::crypto
