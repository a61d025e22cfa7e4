#include "crypto/openssl_digest.h"

#include "crypto/openssl_ptr.h"

#include <array>

namespace coffer::crypto {
namespace {

struct KnownDigest {
  HashKind kind;
  const char* name;
};

constexpr std::array kDigests{
    KnownDigest{HashKind::sha224, "SHA2-224"},
    KnownDigest{HashKind::sha256, "SHA2-256"},
    KnownDigest{HashKind::sha384, "SHA2-384"},
    KnownDigest{HashKind::sha512, "SHA2-512"},
    KnownDigest{HashKind::sha1, "SHA1"},
    KnownDigest{HashKind::sha3_224, "SHA3-224"},
    KnownDigest{HashKind::sha3_256, "SHA3-256"},
    KnownDigest{HashKind::sha3_384, "SHA3-384"},
    KnownDigest{HashKind::sha3_512, "SHA3-512"},
};

std::size_t place_of(HashKind kind) {
  for (std::size_t i = 0; i < kDigests.size(); ++i) {
    if (kDigests[i].kind == kind) return i;
  }
  throw std::logic_error("no such HashKind");
}

using Fetched = std::array<MdPtr, kDigests.size()>;

Fetched fetch_all() {
  Fetched out;
  for (std::size_t i = 0; i < kDigests.size(); ++i) {
    out[i].reset(EVP_MD_fetch(nullptr, kDigests[i].name, nullptr));
    must(out[i] != nullptr, "OpenSSL lacks a hash");
  }
  return out;
}

}  // namespace

const EVP_MD* openssl_digest(HashKind kind) {
  // A fetch costs 0.4 us and an EVP_MD may be shared by threads: one of each for the process.
  static const Fetched fetched = fetch_all();
  return fetched[place_of(kind)].get();
}

const char* openssl_digest_name(HashKind kind) {
  return kDigests[place_of(kind)].name;
}

}  // namespace coffer::crypto
