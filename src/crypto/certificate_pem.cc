#include "crypto/certificate_pem.h"

#include "crypto/certificate.h"
#include "crypto/csr.h"
#include "crypto/openssl_key.h"
#include "crypto/pem_text.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::string_view kCertificate = "CERTIFICATE";
constexpr std::string_view kRequest = "CERTIFICATE REQUEST";
constexpr std::string_view kNewRequest = "NEW CERTIFICATE REQUEST";
constexpr std::string_view kList = "X509 CRL";
constexpr std::string_view kPkcs8 = "PRIVATE KEY";
constexpr std::string_view kRsaKey = "RSA PRIVATE KEY";
constexpr std::string_view kEcKey = "EC PRIVATE KEY";

struct Block {
  std::string label;
  secure::SecureBytes der;
};

// False at the end of the text.
Result<bool> next_block(BIO* bio, Block& block) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(bio, &name, &header, &data, &size) == 1;
  const TextPtr name_owner(name);
  const TextPtr header_owner(header);
  const MemoryPtr data_owner(data);
  if (!read) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) return false;
    return fail(Code::invalid_argument, "malformed PEM");
  }
  const bool plain = *header == '\0';
  block.label = name;
  block.der = secure::SecureBytes(ByteView(data, static_cast<std::size_t>(size)));
  secure::wipe(data, static_cast<std::size_t>(size));
  if (!plain) return fail(Code::invalid_argument, "encrypted PEM is not supported");
  return true;
}

Result<PrivateKey> read_legacy(int type, ByteView der) {
  const std::uint8_t* at = der.data();
  const PkeyPtr key(d2i_PrivateKey(type, nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr || at != der.data() + der.size()) {
    return fail(Code::invalid_argument, "not a private key");
  }
  return PrivateKey::from_der(write_any_private_key(key.get()).view());
}

Result<> take_block(const Block& block, PemBundle& bundle) {
  const ByteView der = block.der.view();
  if (block.label == kCertificate) {
    bundle.certificates.push_back(to_bytes(der));
    return {};
  }
  const int type = block.label == kRsaKey  ? EVP_PKEY_RSA
                   : block.label == kEcKey ? EVP_PKEY_EC
                                           : EVP_PKEY_NONE;
  if (type == EVP_PKEY_NONE && block.label != kPkcs8) {
    return fail(Code::invalid_argument, "PEM block that is neither certificate nor private key");
  }
  if (der.size() > kMaxKeyText) return fail(Code::invalid_argument, "key beyond the size limit");
  COFFER_TRY(PrivateKey key,
             type == EVP_PKEY_NONE ? PrivateKey::from_der(der) : read_legacy(type, der));
  bundle.keys.push_back(std::move(key));
  return {};
}

BioPtr reader_of(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr, "OpenSSL made no buffer");
  return bio;
}

std::string public_pem(std::string_view label, ByteView der) {
  return std::string(pem_write(label, der).text());
}

}  // namespace

Result<PemBundle> read_pem_bundle(std::string_view text) {
  const QuietErrors quiet;
  if (text.size() > kMaxBundle) return fail(Code::invalid_argument, "PEM beyond the size limit");
  const BioPtr bio = reader_of(text);
  PemBundle bundle;
  Block block;
  for (std::size_t blocks = 0;; ++blocks) {
    COFFER_TRY(const bool more, next_block(bio.get(), block));
    if (!more) break;
    if (blocks == kMaxBundleBlocks) return fail(Code::invalid_argument, "too many PEM blocks");
    COFFER_CHECK(take_block(block, bundle));
  }
  return bundle;
}

Result<Bytes> certificate_from_pem(std::string_view text) {
  if (text.size() > 2 * kMaxCertificateDer) {
    return fail(Code::invalid_argument, "certificate beyond the size limit");
  }
  COFFER_TRY(const auto der, pem_read(kCertificate, text));
  return to_bytes(der.view());
}

Result<Bytes> csr_from_pem(std::string_view text) {
  if (text.size() > 2 * kMaxCsrDer) {
    return fail(Code::invalid_argument, "certificate request beyond the size limit");
  }
  const auto label = text.contains(kNewRequest) ? kNewRequest : kRequest;
  COFFER_TRY(const auto der, pem_read(label, text));
  return to_bytes(der.view());
}

std::string certificate_pem(ByteView der) {
  return public_pem(kCertificate, der);
}

std::string csr_pem(ByteView der) {
  return public_pem(kRequest, der);
}

std::string crl_pem(ByteView der) {
  return public_pem(kList, der);
}

secure::SecureText LegacyKey::pem() const {
  return pem_write(label, der.view());
}

LegacyKey legacy_key(const PrivateKey& key) {
  if (key.kind() == KeyKind::ed25519) return {kPkcs8, key.der()};
  return {is_rsa(key.kind()) ? kRsaKey : kEcKey, key.traditional_der()};
}

}  // namespace coffer::crypto
