#include "crypto/certificate.h"
#include "crypto/certificate_read.h"
#include "crypto/crl.h"
#include "crypto/openssl_key.h"
#include "crypto/pem_text.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

using CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;

CrlPtr decode(ByteView der) {
  if (der.empty() || der.size() > kMaxCrlDer) return nullptr;
  const std::uint8_t* at = der.data();
  CrlPtr list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (list != nullptr && at != der.data() + der.size()) list.reset();
  return list;
}

// What a complete list of an issuer's own certificates may say about itself.
Result<> check_extensions(const X509_CRL* list) {
  const STACK_OF(X509_EXTENSION)* extensions = X509_CRL_get0_extensions(list);
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
    X509_EXTENSION* extension = sk_X509_EXTENSION_value(extensions, i);
    if (X509_EXTENSION_get_critical(extension) != 0 ||
        OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_issuing_distribution_point ||
        OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_delta_crl) {
      return fail(Code::invalid_argument, "only complete revocation lists are supported");
    }
  }
  return {};
}

// An entry for another issuer's certificate says so critically (RFC 5280 §5.3.3).
bool has_critical(const X509_REVOKED* entry) {
  const STACK_OF(X509_EXTENSION)* extensions = X509_REVOKED_get0_extensions(entry);
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
    if (X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(extensions, i)) != 0) return true;
  }
  return false;
}

}  // namespace

Result<Crl> parse_crl(ByteView der) {
  const QuietErrors quiet;
  const CrlPtr list = decode(der);
  if (list == nullptr) return fail(Code::invalid_argument, "not a revocation list");
  COFFER_CHECK(check_extensions(list.get()));
  Crl out;
  out.issuer_der = name_der(X509_CRL_get_issuer(list.get()));
  COFFER_TRY(out.this_update, read_time(X509_CRL_get0_lastUpdate(list.get())));
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list.get())) {
    COFFER_TRY(out.next_update.emplace(), read_time(next));
  }
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    if (has_critical(entry)) {
      return fail(Code::invalid_argument, "only complete revocation lists are supported");
    }
    COFFER_TRY(Bytes serial, read_serial(X509_REVOKED_get0_serialNumber(entry)));
    out.serials.push_back(std::move(serial));
  }
  std::ranges::sort(out.serials);
  return out;
}

Result<Bytes> crl_from_pem(std::string_view text) {
  if (text.size() > 2 * kMaxCrlDer) {
    return fail(Code::invalid_argument, "revocation list beyond the size limit");
  }
  COFFER_TRY(const auto der, pem_read("X509 CRL", text));
  return to_bytes(der.view());
}

bool is_list_of(ByteView crl_der, const Certificate& issuer) {
  const QuietErrors quiet;
  const CrlPtr list = decode(crl_der);
  if (list == nullptr || name_der(X509_CRL_get_issuer(list.get())) != issuer.subject_der ||
      (issuer.usage & key_usage::kCrlSign) == 0) {
    return false;
  }
  const auto key = read_public_key(issuer.public_key_der);
  return key && X509_CRL_verify(list.get(), key->key.get()) == 1;
}

}  // namespace coffer::crypto
