#include "crypto/certificate_trust.h"

#include "crypto/certificate.h"
#include "crypto/openssl_ptr.h"

#include <array>

namespace coffer::crypto {
namespace {

using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
using TypePtr = OpensslPtr<ASN1_TYPE, ASN1_TYPE_free>;
using StackPtr =
    std::unique_ptr<STACK_OF(X509),
                    decltype([](STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); })>;

constexpr std::int64_t kSecond = 1'000'000'000;

Result<X509Ptr> decode(ByteView der) {
  if (der.empty() || der.size() > kMaxCertificateDer) {
    return fail(Code::invalid_argument, "certificate of an impossible size");
  }
  const std::uint8_t* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != der.data() + der.size()) {
    return fail(Code::invalid_argument, "not an X.509 certificate");
  }
  return certificate;
}

Result<StackPtr> decode_all(const std::vector<Bytes>& all, std::size_t from, std::size_t limit) {
  if (all.size() > limit) return fail(Code::invalid_argument, "too many certificates");
  StackPtr stack(sk_X509_new_null());
  must(stack != nullptr, "OpenSSL made no list");
  for (std::size_t i = from; i < all.size(); ++i) {
    COFFER_TRY(X509Ptr certificate, decode(all[i]));
    must(sk_X509_push(stack.get(), certificate.get()) > 0, "OpenSSL made no list");
    (void)certificate.release();  // the list owns it
  }
  return stack;
}

Bytes encode(X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509(certificate, &raw);
  const MemoryPtr der(raw);
  must(size > 0, "OpenSSL failed to write a certificate");
  return {der.get(), der.get() + size};
}

StorePtr store_of(const STACK_OF(X509) * anchors) {
  StorePtr store(X509_STORE_new());
  must(store != nullptr, "OpenSSL made no store");
  for (int i = 0; i < sk_X509_num(anchors); ++i) {
    must(X509_STORE_add_cert(store.get(), sk_X509_value(anchors, i)) == 1,
         "OpenSSL took no certificate");
  }
  return store;
}

// OpenSSL lets some old certificates sign that do not say they are an authority.
Result<> check_authority(ByteView der) {
  COFFER_TRY(const Certificate certificate, parse_certificate(der));
  if (certificate.is_authority() && (certificate.usage & key_usage::kCertSign) != 0) return {};
  return fail(Code::permission_denied, "what signed the certificate is no authority");
}

}  // namespace

Result<std::vector<Bytes>> verify_client_path(const std::vector<Bytes>& shown,
                                              const std::vector<Bytes>& anchors,
                                              Timestamp now) {
  const QuietErrors quiet;
  if (shown.empty()) return fail(Code::invalid_argument, "no certificate");
  COFFER_TRY(const X509Ptr own, decode(shown.front()));
  COFFER_TRY(const StackPtr others, decode_all(shown, 1, kMaxShown));
  COFFER_TRY(const StackPtr trusted, decode_all(anchors, 0, kMaxAnchors));
  const StorePtr store = store_of(trusted.get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  must(context != nullptr &&
           X509_STORE_CTX_init(context.get(), store.get(), own.get(), others.get()) == 1,
       "OpenSSL made no verification");
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(rules, 2);  // 112 bits: no SHA-1, no short keys
  X509_VERIFY_PARAM_set_time(rules, now.ns / kSecond);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kMaxPath) - 2);  // between both ends
  must(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT) == 1,
       "OpenSSL knows no TLS clients");
  if (X509_verify_cert(context.get()) != 1) {
    return fail(Code::permission_denied, "no trusted authority vouches for the certificate");
  }
  std::vector<Bytes> path;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    path.push_back(encode(sk_X509_value(chain, i)));
    if (i > 0) COFFER_CHECK(check_authority(path.back()));
  }
  return path;
}

Result<std::vector<Extension>> read_extensions(ByteView certificate_der) {
  const QuietErrors quiet;
  COFFER_TRY(const X509Ptr certificate, decode(certificate_der));
  std::vector<Extension> out;
  for (int i = 0; i < X509_get_ext_count(certificate.get()); ++i) {
    X509_EXTENSION* extension = X509_get_ext(certificate.get(), i);
    std::array<char, 256> oid{};
    const int size = OBJ_obj2txt(
        oid.data(), static_cast<int>(oid.size()), X509_EXTENSION_get_object(extension), 1);
    if (size <= 0 || static_cast<std::size_t>(size) >= oid.size()) {
      return fail(Code::invalid_argument, "certificate with a malformed extension");
    }
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
    const unsigned char* data = ASN1_STRING_get0_data(value);
    out.push_back({std::string(oid.data(), static_cast<std::size_t>(size)),
                   Bytes(data, data + ASN1_STRING_length(value))});
  }
  return out;
}

std::optional<std::string> der_text(ByteView der) {
  const QuietErrors quiet;
  const std::uint8_t* at = der.data();
  const TypePtr type(d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(der.size())));
  if (type == nullptr || at != der.data() + der.size()) return std::nullopt;
  switch (ASN1_TYPE_get(type.get())) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_BMPSTRING:
      break;
    default:
      return std::nullopt;
  }
  unsigned char* raw = nullptr;
  const int size = ASN1_STRING_to_UTF8(&raw, type->value.asn1_string);
  const MemoryPtr utf8(raw);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
}

}  // namespace coffer::crypto
