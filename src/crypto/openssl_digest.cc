#include "crypto/openssl_digest.h"

#include "crypto/openssl_ptr.h"

namespace coffer::crypto {
namespace {

MdPtr fetch(HashKind kind) {
  MdPtr digest(EVP_MD_fetch(nullptr, openssl_digest_name(kind), nullptr));
  must(digest != nullptr, "OpenSSL has no SHA-2");
  return digest;
}

}  // namespace

const EVP_MD* openssl_digest(HashKind kind) {
  // A fetch costs 0.4 us and an EVP_MD may be shared by threads: one of each for the process.
  static const MdPtr sha224 = fetch(HashKind::sha224);
  static const MdPtr sha256 = fetch(HashKind::sha256);
  static const MdPtr sha384 = fetch(HashKind::sha384);
  static const MdPtr sha512 = fetch(HashKind::sha512);
  switch (kind) {
    case HashKind::sha224:
      return sha224.get();
    case HashKind::sha256:
      return sha256.get();
    case HashKind::sha384:
      return sha384.get();
    case HashKind::sha512:
      return sha512.get();
  }
  throw std::logic_error("no such HashKind");
}

const char* openssl_digest_name(HashKind kind) {
  switch (kind) {
    case HashKind::sha224:
      return "SHA2-224";
    case HashKind::sha256:
      return "SHA2-256";
    case HashKind::sha384:
      return "SHA2-384";
    case HashKind::sha512:
      return "SHA2-512";
  }
  throw std::logic_error("no such HashKind");
}

}  // namespace coffer::crypto
