// What a role asks of a certificate beside being vouched for. Pure functions.
#pragma once

#include "base/result.h"
#include "crypto/certificate.h"
#include "domain/certauth/cert_rows.h"

#include <map>
#include <string>

namespace coffer::domain {

// invalid_argument for lists of more than 64 patterns, for patterns over 1 KiB and for extensions
// that no certificate can have.
Result<> check_constraints(const CertConstraints& constraints);

// Whether the certificate is what the role asks for. Errors: those of reading its extensions.
Result<bool> satisfies(const crypto::Certificate& certificate, const CertConstraints& constraints);

// What a token says of the certificate that it was got with: common_name, serial_number (decimal),
// subject_key_id, authority_key_id, and the texts of the extensions that the role lets through,
// under their oids with '-' for '.'.
Result<std::map<std::string, std::string>> certificate_metadata(
    const crypto::Certificate& certificate, const CertConstraints& constraints);

// An unsigned number, big endian, as people write it.
std::string decimal_text(ByteView number);

}  // namespace coffer::domain
