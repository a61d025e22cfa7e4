// Owners of OpenSSL's handles: one unique_ptr alias for each type, freed by OpenSSL's own function.
//
// Included only by .cc files of crypto/ and by net/, so that no other floor sees OpenSSL. A null
// result of an OpenSSL constructor means exhausted memory or a library without the algorithm: both
// are bugs of the installation, and must() turns them into an exception.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace coffer::crypto {

template <auto kFree>
struct OpensslFree {
  template <class T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

template <class T, auto kFree>
using OpensslPtr = std::unique_ptr<T, OpensslFree<kFree>>;

// OPENSSL_free is a macro, so it needs a function of its own.
inline void openssl_release(void* memory) {
  OPENSSL_free(memory);
}

using BignumContextPtr = OpensslPtr<BN_CTX, BN_CTX_free>;
using BignumPtr = OpensslPtr<BIGNUM, BN_clear_free>;
using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using CipherPtr = OpensslPtr<EVP_CIPHER, EVP_CIPHER_free>;
using CipherContextPtr = OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using EcdsaSignaturePtr = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;
using MacPtr = OpensslPtr<EVP_MAC, EVP_MAC_free>;
using MacContextPtr = OpensslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using MdPtr = OpensslPtr<EVP_MD, EVP_MD_free>;
using MdContextPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using MemoryPtr = OpensslPtr<unsigned char, openssl_release>;
using PkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using PkeyContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Pkcs8Ptr = OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using TextPtr = OpensslPtr<char, openssl_release>;
using X509Ptr = OpensslPtr<X509, X509_free>;

// Drops what the calls in its scope add to the thread's error queue: an expected failure must not
// be found there later by a TLS connection on the same thread.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }

  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

  ~QuietErrors() { ERR_pop_to_mark(); }
};

// For calls that fail only when memory is exhausted or the library lacks the algorithm.
inline void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

}  // namespace coffer::crypto
