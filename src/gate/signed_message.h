// Requests that are signed with AWS Signature V4, as the gate takes them.
#pragma once

#include "domain/auth/signed_sessions.h"
#include "formats/sigv4.h"
#include "net/http.h"

#include <expected>

namespace coffer::gate {

// Whether it says that it is signed, well or not. Cheap.
bool is_signed(const net::Request& request);

// What the signature claims, over the octets of the body as they were received. Errors carry AWS's
// names (domain::signature_error).
Result<formats::SignatureClaim> read_signed_request(const net::Request& request);

// What a request without a signature is told where one is needed.
std::unexpected<Error> missing_signature();

}  // namespace coffer::gate
