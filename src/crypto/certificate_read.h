// OpenSSL's view of names and times as our plain values. Included only by .cc files of crypto/.
// Errors are invalid_argument and never quote the input.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate_names.h"
#include "crypto/openssl_ptr.h"

namespace coffer::crypto {

using ExtensionsPtr =
    std::unique_ptr<STACK_OF(X509_EXTENSION), decltype([](STACK_OF(X509_EXTENSION) * list) {
                      sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
                    })>;

Result<Timestamp> read_time(const ASN1_TIME* time);
// 1 to 20 octets without leading zeros; zero and negative numbers are refused (RFC 5280 §4.1.2.2).
Result<Bytes> read_serial(const ASN1_INTEGER* serial);
Result<DistinguishedName> read_name(const X509_NAME* name);
Bytes name_der(const X509_NAME* name);
// The subject alternative names among `extensions`; none when there are none.
Result<AlternativeNames> read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions);

// The extension `nid` decoded, or null when absent. Present twice, or malformed: an error.
template <class T>
Result<T*> read_extension(const STACK_OF(X509_EXTENSION) * extensions, int nid) {
  int found = 0;
  void* const value = X509V3_get_d2i(extensions, nid, &found, nullptr);
  if (value == nullptr && found != -1) {
    return fail(Code::invalid_argument, "malformed or repeated extension");
  }
  return static_cast<T*>(value);
}

}  // namespace coffer::crypto
