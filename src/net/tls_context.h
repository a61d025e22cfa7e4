// ServerTls: the TLS side of a listener, made from a certificate chain and its key.
//
// TLS 1.2 and 1.3 only; forward-secret AEAD suites only (RFC 9325 §4.2); no renegotiation, no
// compression; resumption by tickets. Decrypted records are cleansed after use. A context is
// immutable and shared: connections keep the one that they began with.
#pragma once

#include "base/result.h"
#include "net/server.h"

#include <memory>

using SSL_CTX = struct ssl_ctx_st;

namespace coffer::net {

// Errors: not_found (a file cannot be read), too_large (over 256 KiB), invalid_argument (not PEM,
// or key and certificate do not belong together).
Result<std::shared_ptr<SSL_CTX>> make_server_tls(const TlsFiles& files);

}  // namespace coffer::net
