#include "crypto/x509.h"

#include "base/encoding.h"
#include "crypto/certificate_read.h"
#include "crypto/hash.h"
#include "crypto/openssl_ptr.h"
#include "crypto/pem_text.h"

#include <algorithm>
#include <optional>

namespace coffer::crypto {
namespace {

constexpr std::size_t kMaxSerial = 20;  // RFC 5280 §4.1.2.2

Result<std::string> read_serial_text(const ASN1_INTEGER* serial) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (number == nullptr || BN_is_negative(number.get()) != 0 ||
      static_cast<std::size_t>(BN_num_bytes(number.get())) > kMaxSerial) {
    return fail(Code::invalid_argument, "certificate with a serial number out of its range");
  }
  Bytes octets(std::max<std::size_t>(1, static_cast<std::size_t>(BN_num_bytes(number.get()))));
  BN_bn2binpad(number.get(), octets.data(), static_cast<int>(octets.size()));
  return hex_encode(octets);
}

Result<std::string> read_common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return std::string();
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
  unsigned char* raw = nullptr;
  const int size = ASN1_STRING_to_UTF8(&raw, value);
  const MemoryPtr utf8(raw);
  // A zero octet inside is the classic way to show two names to two readers.
  const std::string_view text(reinterpret_cast<const char*>(raw),
                              size < 0 ? 0 : static_cast<std::size_t>(size));
  if (size < 0 || text.contains('\0')) {
    return fail(Code::invalid_argument, "certificate with a malformed common name");
  }
  return std::string(text);
}

Bytes read_public_key_info(const X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &raw);
  const MemoryPtr der(raw);
  return size <= 0 ? Bytes() : Bytes(der.get(), der.get() + size);
}

}  // namespace

Result<CertificateFacts> read_certificate(std::string_view pem) {
  const QuietErrors quiet;
  if (pem.size() > kMaxCertificateText) {
    return fail(Code::invalid_argument, "certificate beyond the size limit");
  }
  COFFER_TRY(const auto der, pem_read("CERTIFICATE", pem));
  const std::uint8_t* at = der.view().data();
  const X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != der.view().data() + der.size()) {
    return fail(Code::invalid_argument, "not an X.509 certificate");
  }
  CertificateFacts facts;
  COFFER_TRY(facts.subject_common_name, read_common_name(certificate.get()));
  COFFER_TRY(facts.serial_hex, read_serial_text(X509_get0_serialNumber(certificate.get())));
  COFFER_TRY(facts.not_before, read_time(X509_get0_notBefore(certificate.get())));
  COFFER_TRY(facts.not_after, read_time(X509_get0_notAfter(certificate.get())));
  facts.public_key_der = read_public_key_info(certificate.get());
  const Digest fingerprint = sha256(der.view());
  facts.fingerprint_sha256.assign(fingerprint.begin(), fingerprint.end());
  return facts;
}

}  // namespace coffer::crypto
