// ServerTls: the TLS side of a listener, made from a certificate chain and its key.
//
// TLS 1.2 and 1.3 only; forward-secret AEAD suites only (RFC 9325 §4.2); no renegotiation, no
// compression; resumption by tickets. Decrypted records are cleansed after use. A context is
// immutable and shared: connections keep the one that they began with.
//
// Clients are asked for a certificate and need none. Whatever they show is taken if the handshake
// proves that they hold its key: whether to trust it is decided by who asks for it. A ticket of a
// connection with a certificate resumes nothing, so that the key is proven each time.
#pragma once

#include "base/result.h"
#include "net/http.h"
#include "net/server.h"

#include <memory>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace coffer::net {

// Errors: not_found (a file cannot be read), too_large (over 256 KiB), invalid_argument (not PEM,
// or key and certificate do not belong together).
Result<std::shared_ptr<SSL_CTX>> make_server_tls(const TlsFiles& files);

// At most this many are handed on; the handshake fails when they are over 64 KiB together.
inline constexpr std::size_t kMaxShownCertificates = 10;

// After the handshake. Null when the client showed none; `connection` must not be null.
ShownCertificates shown_certificates(const SSL* connection);

}  // namespace coffer::net
