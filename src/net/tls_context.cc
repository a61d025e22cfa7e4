#include "net/tls_context.h"

#include "net/secure_heap.h"
#include "secure/bytes.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fstream>

namespace coffer::net {
namespace {

constexpr std::size_t kMaxPem = 256 * 1024;
constexpr std::size_t kSecureHeap = 256 * 1024;
constexpr std::size_t kSecureHeapBlock = 32;

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }

  void operator()(X509* p) const { X509_free(p); }

  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};

template <class T>
using Handle = std::unique_ptr<T, Free>;

// OpenSSL keeps a queue of errors a thread: it is emptied, not shown, because it may name files and
// contents.
std::unexpected<Error> refuse(std::string message) {
  ERR_clear_error();
  return fail(Code::invalid_argument, std::move(message));
}

Result<secure::SecureText> read_pem(const std::string& path) {
  std::ifstream in;
  in.rdbuf()->pubsetbuf(nullptr, 0);  // no copy of a key in a stream's buffer
  in.open(path, std::ios::binary);
  if (!in) return fail(Code::not_found, "TLS file cannot be opened: " + path);
  secure::SecureBytes octets(kMaxPem + 1);
  in.read(reinterpret_cast<char*>(octets.mutable_view().data()),
          static_cast<std::streamsize>(octets.size()));
  const auto size = static_cast<std::size_t>(in.gcount());
  if (size > kMaxPem) return fail(Code::too_large, "TLS file over 256 KiB: " + path);
  octets.resize(size);
  return secure::SecureText(std::move(octets));
}

Handle<BIO> memory_bio(const secure::SecureText& text) {
  return Handle<BIO>(BIO_new_mem_buf(text.text().data(), static_cast<int>(text.size())));
}

// Encrypted keys are not asked for at a terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return -1;
}

Result<> use_chain(SSL_CTX* context, const std::string& path) {
  COFFER_TRY(const secure::SecureText pem, read_pem(path));
  const Handle<BIO> bio = memory_bio(pem);
  const Handle<X509> leaf(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return refuse("no usable certificate in " + path);
  }
  while (Handle<X509> next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return refuse("bad chain in " + path);
  }
  // A file ends where nothing begins; what begins and cannot be read is half a chain.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return refuse("bad chain in " + path);
  }
  ERR_clear_error();
  return {};
}

Result<> use_key(SSL_CTX* context, const std::string& path) {
  COFFER_TRY(const secure::SecureText pem, read_pem(path));
  const Handle<BIO> bio = memory_bio(pem);
  const Handle<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return refuse("no usable private key in " + path);
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return refuse("private key does not belong to the certificate: " + path);
  }
  return {};
}

// RFC 7301: we speak HTTP/1.1; a client that insists on something else gets no protocol.
int choose_protocol(SSL* /*ssl*/,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* offered,
                    unsigned int offered_size,
                    void* /*user*/) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11) - 1, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Takes the place of the path to an authority: there is none to be found here.
int accept_any_certificate(X509_STORE_CTX* verification, void* /*user*/) {
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

SSL_TICKET_RETURN take_ticket(SSL* /*ssl*/,
                              SSL_SESSION* session,
                              const unsigned char* /*name*/,
                              size_t /*name_size*/,
                              SSL_TICKET_STATUS status,
                              void* /*user*/) {
  const bool good = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  if (!good || SSL_SESSION_get0_peer(session) != nullptr) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

// Sessions with and without a certificate must be told apart: RFC 8446 leaves it to the server what
// a ticket is good for.
Result<> ask_for_certificates(SSL_CTX* context) {
  constexpr std::string_view kSessions = "coffer";
  constexpr long kMaxShownOctets = 64 * 1024;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
  SSL_CTX_set_max_cert_list(context, kMaxShownOctets);
  if (SSL_CTX_set_session_id_context(context,
                                     reinterpret_cast<const unsigned char*>(kSessions.data()),
                                     static_cast<unsigned>(kSessions.size())) != 1 ||
      SSL_CTX_set_session_ticket_cb(context, nullptr, take_ticket, nullptr) != 1) {
    ERR_clear_error();
    return fail(Code::internal, "OpenSSL cannot ask for certificates");
  }
  return {};
}

void add_certificate(std::vector<Bytes>& out, X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509(certificate, &raw);
  if (size > 0) out.emplace_back(raw, raw + size);
  OPENSSL_free(raw);
}

Result<> harden(SSL_CTX* context) {
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                          SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    ERR_clear_error();
    return fail(Code::internal, "OpenSSL has none of the cipher suites we allow");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> make_server_tls(const TlsFiles& files) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return fail(Code::internal, "OpenSSL gave no TLS context");
  COFFER_CHECK(harden(context.get()));
  COFFER_CHECK(ask_for_certificates(context.get()));
  COFFER_CHECK(use_chain(context.get(), files.certificate));
  COFFER_CHECK(use_key(context.get(), files.key));
  return context;
}

ShownCertificates shown_certificates(const SSL* connection) {
  X509* own = SSL_get0_peer_certificate(connection);
  if (own == nullptr) return nullptr;
  auto out = std::make_shared<std::vector<Bytes>>();
  add_certificate(*out, own);
  // On the server's side the list is of what came behind the client's own.
  const STACK_OF(X509)* others = SSL_get_peer_cert_chain(connection);
  for (int i = 0; i < sk_X509_num(others) && out->size() < kMaxShownCertificates; ++i) {
    add_certificate(*out, sk_X509_value(others, i));
  }
  return out;
}

std::string init_secure_heap() {
  if (CRYPTO_secure_malloc_initialized() == 1) return {};
  switch (CRYPTO_secure_malloc_init(kSecureHeap, kSecureHeapBlock)) {
    case 1:
      return {};
    case 2:
      return "memory of TLS private keys could not be locked or guarded (RLIMIT_MEMLOCK?)";
    default:
      return "OpenSSL gave no secure heap: TLS private keys live in ordinary memory";
  }
}

}  // namespace coffer::net
