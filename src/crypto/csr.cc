#include "crypto/csr.h"

#include "crypto/certificate_der.h"
#include "crypto/certificate_read.h"
#include "crypto/openssl_key.h"

namespace coffer::crypto {
namespace {

using RequestPtr = OpensslPtr<X509_REQ, X509_REQ_free>;

Bytes public_key_der(X509_REQ* request) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &raw);
  const MemoryPtr der(raw);
  return size <= 0 ? Bytes() : Bytes(der.get(), der.get() + size);
}

void write_extensions(DerWriter& w, const CsrTemplate& request) {
  if (request.authority) {
    w.sequence([&] {
      w.oid("2.5.29.19");
      w.boolean(true);
      w.nest(der::kOctetString, [&] { w.sequence([&] { w.boolean(true); }); });
    });
  }
  if (request.names.size() > 0) {
    w.sequence([&] {
      w.oid("2.5.29.17");
      w.nest(der::kOctetString, [&] { write_names(w, request.names); });
    });
  }
}

}  // namespace

Result<Csr> parse_csr(ByteView der) {
  const QuietErrors quiet;
  if (der.empty() || der.size() > kMaxCsrDer) {
    return fail(Code::invalid_argument, "certificate request of an impossible size");
  }
  const std::uint8_t* at = der.data();
  const RequestPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr || at != der.data() + der.size()) {
    return fail(Code::invalid_argument, "not a certificate request");
  }
  Csr out;
  out.public_key_der = public_key_der(request.get());
  COFFER_TRY(const CheckedKey key, read_public_key(out.public_key_der));
  if (X509_REQ_verify(request.get(), key.key.get()) != 1) {
    return fail(Code::invalid_argument, "certificate request without proof of possession");
  }
  out.key_kind = key.kind;
  COFFER_TRY(out.subject, read_name(X509_REQ_get_subject_name(request.get())));
  const ExtensionsPtr extensions(X509_REQ_get_extensions(request.get()));
  COFFER_TRY(out.names, read_alternative_names(extensions.get()));
  return out;
}

Result<Bytes> build_csr(const CsrTemplate& request,
                        const PrivateKey& key,
                        CertificateScheme scheme) {
  COFFER_CHECK(check_name(request.subject));
  COFFER_CHECK(check_names(request.names));
  DerWriter w;
  w.sequence([&] {
    w.integer(std::uint64_t{0});  // v1
    write_name(w, request.subject);
    w.raw(key.public_der());
    w.nest(der::context_of(0), [&] {
      if (!request.authority && request.names.size() == 0) return;
      w.sequence([&] {
        w.oid("1.2.840.113549.1.9.14");  // extensionRequest
        w.nest(der::kSet, [&] { w.sequence([&] { write_extensions(w, request); }); });
      });
    });
  });
  return sign_structure(w.octets(), key, scheme);
}

}  // namespace coffer::crypto
