#include "crypto/openssl_key.h"
#include "crypto/openssl_ptr.h"
#include "crypto/pem_text.h"
#include "crypto/x509.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kMaxCommonName = 64;
constexpr std::size_t kMaxDnsName = 253;
constexpr std::size_t kMaxNames = 100;
constexpr int kSerialBits = 127;  // positive, 16 octets

using BitStringPtr = OpensslPtr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using ConstraintsPtr = OpensslPtr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using NamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using OctetsPtr = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using UsagePtr = OpensslPtr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

Result<> validate_dns_name(std::string_view name) {
  std::string_view rest = name;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  const bool plain = std::ranges::all_of(rest, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
  if (rest.empty() || name.size() > kMaxDnsName || !plain) {
    return fail(Code::invalid_argument, "malformed DNS name for a certificate");
  }
  return {};
}

Result<> validate(const SelfSignedRequest& request) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (request.common_name.empty() || request.common_name.size() > kMaxCommonName ||
      !std::ranges::all_of(request.common_name, printable)) {
    return fail(Code::invalid_argument, "common name of 1 to 64 printable characters needed");
  }
  const std::size_t names = request.dns_names.size() + request.ip_addresses.size();
  if (names == 0 || names > kMaxNames) {
    return fail(Code::invalid_argument, "certificate of 1 to 100 names needed");
  }
  for (const auto& name : request.dns_names) COFFER_CHECK(validate_dns_name(name));
  if (request.not_before >= request.not_after) {
    return fail(Code::invalid_argument, "certificate that ends before it begins");
  }
  return {};
}

void add_name(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  must(name != nullptr && value != nullptr, "OpenSSL made no name");
  GENERAL_NAME_set0_value(name, type, value);  // owns the value from here
  must(sk_GENERAL_NAME_push(names, name) > 0, "OpenSSL took no name");
}

Result<NamesPtr> alternative_names(const SelfSignedRequest& request) {
  NamesPtr names(sk_GENERAL_NAME_new_null());
  must(names != nullptr, "OpenSSL made no names");
  for (const auto& dns : request.dns_names) {
    ASN1_STRING* text = ASN1_IA5STRING_new();
    must(text != nullptr && ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size())) == 1,
         "OpenSSL made no text");
    add_name(names.get(), GEN_DNS, text);
  }
  for (const auto& ip : request.ip_addresses) {
    ASN1_OCTET_STRING* octets = ip.contains('\0') ? nullptr : a2i_IPADDRESS(ip.c_str());
    if (octets == nullptr) return fail(Code::invalid_argument, "malformed IP address");
    add_name(names.get(), GEN_IPADD, octets);
  }
  return names;
}

void add_extension(X509* certificate, int nid, void* value, bool critical) {
  must(X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1,
       "OpenSSL took no extension");
}

// RFC 5280 §4.2.1: no authority, signs TLS handshakes, serves TLS.
void add_usages(X509* certificate) {
  const ConstraintsPtr constraints(BASIC_CONSTRAINTS_new());
  const BitStringPtr usage(ASN1_BIT_STRING_new());
  const UsagePtr extended(sk_ASN1_OBJECT_new_null());
  const OctetsPtr key_id(ASN1_OCTET_STRING_new());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  must(constraints != nullptr && usage != nullptr && extended != nullptr && key_id != nullptr &&
           ASN1_BIT_STRING_set_bit(usage.get(), 0, 1) == 1 &&  // digitalSignature
           sk_ASN1_OBJECT_push(extended.get(), OBJ_nid2obj(NID_server_auth)) > 0 &&
           X509_pubkey_digest(certificate, EVP_sha256(), digest, &size) == 1 &&
           ASN1_OCTET_STRING_set(key_id.get(), digest, 20) == 1,  // RFC 7093 §2, method 1
       "OpenSSL made no extensions");
  add_extension(certificate, NID_basic_constraints, constraints.get(), true);
  add_extension(certificate, NID_key_usage, usage.get(), true);
  add_extension(certificate, NID_ext_key_usage, extended.get(), false);
  add_extension(certificate, NID_subject_key_identifier, key_id.get(), false);
}

void set_serial(X509* certificate) {
  const BignumPtr number(BN_new());
  must(number != nullptr &&
           BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
       "OpenSSL made no serial number");
}

void set_subject(X509* certificate, const std::string& common_name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  must(X509_NAME_add_entry_by_NID(subject,
                                  NID_commonName,
                                  MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>(common_name.data()),
                                  static_cast<int>(common_name.size()),
                                  -1,
                                  0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1,
       "OpenSSL took no subject");
}

const EVP_MD* digest_for(KeyKind kind) {
  if (kind == KeyKind::ed25519) return nullptr;
  if (kind == KeyKind::ecdsa_p521) return EVP_sha512();
  return kind == KeyKind::ecdsa_p384 ? EVP_sha384() : EVP_sha256();
}

std::string write(X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509(certificate, &raw);
  const MemoryPtr der(raw);
  must(size > 0, "OpenSSL failed to write a certificate");
  return std::string(
      pem_write("CERTIFICATE", ByteView(der.get(), static_cast<std::size_t>(size))).text());
}

}  // namespace

Result<std::string> self_signed(const PrivateKey& key, const SelfSignedRequest& request) {
  const QuietErrors quiet;
  COFFER_CHECK(validate(request));
  COFFER_TRY(const NamesPtr names, alternative_names(request));
  COFFER_TRY(const CheckedKey signer, read_private_key(key.der().view()));
  const X509Ptr certificate(X509_new());
  must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
           X509_set_pubkey(certificate.get(), signer.key.get()) == 1,
       "OpenSSL made no certificate");
  if (ASN1_TIME_set(X509_getm_notBefore(certificate.get()), request.not_before.ns / kSecond) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), request.not_after.ns / kSecond) ==
          nullptr) {
    return fail(Code::invalid_argument, "certificate time out of its range");
  }
  set_serial(certificate.get());
  set_subject(certificate.get(), request.common_name);
  add_usages(certificate.get());
  add_extension(certificate.get(), NID_subject_alt_name, names.get(), false);
  must(X509_sign(certificate.get(), signer.key.get(), digest_for(signer.kind)) > 0,
       "OpenSSL failed to sign a certificate");
  return write(certificate.get());
}

}  // namespace coffer::crypto
