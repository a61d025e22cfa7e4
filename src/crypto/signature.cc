#include "crypto/signature.h"

#include "crypto/openssl_digest.h"
#include "crypto/openssl_key.h"
#include "crypto/pem_text.h"

#include <openssl/rsa.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace coffer::crypto {
namespace {

constexpr std::string_view kPublicLabel = "PUBLIC KEY";
constexpr std::string_view kPrivateLabel = "PRIVATE KEY";

bool padding_fits(KeyKind kind, Padding padding) {
  return is_rsa(kind) == (padding != Padding::none);
}

// Ed25519 hashes by itself and takes no name.
const char* digest_name(KeyKind kind, HashKind hash) {
  return kind == KeyKind::ed25519 ? nullptr : openssl_digest_name(hash);
}

bool set_padding(EVP_PKEY_CTX* context, Padding padding) {
  switch (padding) {
    case Padding::none:
      return true;
    case Padding::pkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case Padding::pss:  // MGF1 takes the message's hash by default
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  throw std::logic_error("no such Padding");
}

bool scheme_fits(KeyKind kind, ByteView digest, const SignatureScheme& scheme) {
  return kind != KeyKind::ed25519 && padding_fits(kind, scheme.padding) &&
         scheme.hash != HashKind::sha1 && digest.size() == digest_size(scheme.hash);
}

// Null when the salt is none that the key takes. `any_salt` is what kSaltAny means here.
PkeyContextPtr digest_context(EVP_PKEY* key,
                              const SignatureScheme& scheme,
                              int (*init)(EVP_PKEY_CTX*),
                              int any_salt) {
  PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr && init(context.get()) == 1, "OpenSSL made no signature context");
  must(set_padding(context.get(), scheme.padding), "OpenSSL refused an RSA padding");
  must(EVP_PKEY_CTX_set_signature_md(context.get(), openssl_digest(scheme.hash)) == 1,
       "OpenSSL refused a hash");
  if (scheme.padding == Padding::pss && scheme.salt != kSaltLikeHash) {
    const int salt = scheme.salt == kSaltAny ? any_salt : scheme.salt;
    if (scheme.salt < kSaltAny || EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt) != 1) {
      return nullptr;
    }
  }
  return context;
}

using OaepInit = int (*)(EVP_PKEY_CTX*);

PkeyContextPtr oaep_context(EVP_PKEY* key, HashKind hash, OaepInit init) {
  PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const char* name = openssl_digest_name(hash);
  must(context != nullptr && init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), name, nullptr) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), name, nullptr) == 1,
       "OpenSSL failed to set up RSA-OAEP");
  return context;
}

}  // namespace

struct PublicKey::Impl {
  CheckedKey checked;
};

struct ReadyContext {
  HashKind hash{};
  PkeyContextPtr context;
};

constexpr std::size_t kMostReady = 16;

struct PrivateKey::Impl {
  // A new key is written twice: for its certificate and for its owner.
  const Bytes& point() {
    std::call_once(asked, [this] { point_kept = point_of(checked); });
    return point_kept;
  }

  CheckedKey checked;
  std::once_flag asked;
  Bytes point_kept;
  // An elliptic key's contexts that are not in use, each set up for its hash: a set-up costs half
  // as much as a signature. At most kMostReady are kept.
  std::mutex mutex;
  std::vector<ReadyContext> ready;
};

PublicKey::PublicKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

Result<PublicKey> PublicKey::from_der(ByteView spki) {
  COFFER_TRY(auto checked, read_public_key(spki));
  return PublicKey(std::make_unique<Impl>(std::move(checked)));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  if (pem.size() > kMaxKeyText) return fail(Code::invalid_argument, "key beyond the size limit");
  COFFER_TRY(const auto der, pem_read(kPublicLabel, pem));
  return from_der(der.view());
}

KeyKind PublicKey::kind() const {
  return impl_->checked.kind;
}

Bytes PublicKey::der() const {
  return write_public_key(impl_->checked, point_of(impl_->checked));
}

std::string PublicKey::pem() const {
  return std::string(pem_write(kPublicLabel, der()).text());
}

bool PublicKey::verify(ByteView message, ByteView signature, HashKind hash, Padding padding) const {
  const QuietErrors quiet;
  const auto& [key, kind] = impl_->checked;
  if (!padding_fits(kind, padding)) return false;
  const MdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  must(context != nullptr && EVP_DigestVerifyInit_ex(context.get(),
                                                     &options,
                                                     digest_name(kind, hash),
                                                     nullptr,
                                                     nullptr,
                                                     key.get(),
                                                     nullptr) == 1,
       "OpenSSL failed to start a verification");
  must(set_padding(options, padding), "OpenSSL refused an RSA padding");
  return EVP_DigestVerify(
             context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
         1;
}

bool PublicKey::verify_digest(ByteView digest,
                              ByteView signature,
                              const SignatureScheme& scheme) const {
  const QuietErrors quiet;
  const auto& [key, kind] = impl_->checked;
  if (!scheme_fits(kind, digest, scheme)) return false;
  const auto context =
      digest_context(key.get(), scheme, EVP_PKEY_verify_init, RSA_PSS_SALTLEN_AUTO);
  return context != nullptr &&
         EVP_PKEY_verify(
             context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

Result<Bytes> PublicKey::encrypt_oaep(ByteView plaintext, HashKind hash) const {
  const auto& [key, kind] = impl_->checked;
  if (!is_rsa(kind)) return fail(Code::unsupported, "only RSA keys encrypt");
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  if (plaintext.size() + 2 * digest_size(hash) + 2 > out.size()) {  // RFC 8017 §7.1.1
    return fail(Code::invalid_argument, "plaintext longer than the RSA key takes");
  }
  const auto context = oaep_context(key.get(), hash, EVP_PKEY_encrypt_init);
  std::size_t size = out.size();
  must(EVP_PKEY_encrypt(context.get(), out.data(), &size, plaintext.data(), plaintext.size()) == 1,
       "OpenSSL failed to encrypt");
  return out;
}

PrivateKey::PrivateKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::generate(KeyKind kind) {
  return PrivateKey(std::make_unique<Impl>(CheckedKey{.key = generate_key(kind), .kind = kind}));
}

Result<PrivateKey> PrivateKey::ed25519(ByteView seed) {
  constexpr std::size_t kSeed = 32;
  if (seed.size() != kSeed) return fail(Code::invalid_argument, "Ed25519 seed of the wrong size");
  PkeyPtr key(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size()));
  must(key != nullptr, "OpenSSL failed to make an Ed25519 key");
  return PrivateKey(
      std::make_unique<Impl>(CheckedKey{.key = std::move(key), .kind = KeyKind::ed25519}));
}

Result<PrivateKey> PrivateKey::from_der(ByteView pkcs8) {
  COFFER_TRY(auto checked, read_private_key(pkcs8));
  return PrivateKey(std::make_unique<Impl>(std::move(checked)));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  if (pem.size() > kMaxKeyText) return fail(Code::invalid_argument, "key beyond the size limit");
  COFFER_TRY(const auto der, pem_read(kPrivateLabel, pem));
  return from_der(der.view());
}

KeyKind PrivateKey::kind() const {
  return impl_->checked.kind;
}

secure::SecureBytes PrivateKey::der() const {
  return write_private_key(impl_->checked, impl_->point());
}

secure::SecureBytes PrivateKey::traditional_der() const {
  must(impl_->checked.kind != KeyKind::ed25519, "an Ed25519 key has no form before PKCS#8");
  return write_traditional_key(impl_->checked, impl_->point());
}

secure::SecureText PrivateKey::pem() const {
  return pem_write(kPrivateLabel, der().view());
}

PublicKey PrivateKey::public_key() const {
  return *PublicKey::from_der(public_der());
}

Bytes PrivateKey::public_der() const {
  return write_public_key(impl_->checked, impl_->point());
}

Result<Bytes> PrivateKey::sign(ByteView message, HashKind hash, Padding padding) const {
  const auto& [key, kind] = impl_->checked;
  if (!padding_fits(kind, padding)) {
    return fail(Code::invalid_argument, "signature padding does not fit the kind of key");
  }
  if (is_ecdsa(kind)) return sign_elliptic(crypto::hash(hash, message), hash);
  const MdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  must(context != nullptr && EVP_DigestSignInit_ex(context.get(),
                                                   &options,
                                                   digest_name(kind, hash),
                                                   nullptr,
                                                   nullptr,
                                                   key.get(),
                                                   nullptr) == 1,
       "OpenSSL failed to start a signature");
  must(set_padding(options, padding), "OpenSSL refused an RSA padding");
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  must(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1,
       "OpenSSL failed to sign");
  out.resize(size);
  return out;
}

Bytes PrivateKey::sign_elliptic(ByteView digest, HashKind hash) const {
  ReadyContext mine{hash, nullptr};
  {
    const std::scoped_lock lock(impl_->mutex);
    const auto at = std::ranges::find(impl_->ready, hash, &ReadyContext::hash);
    if (at != impl_->ready.end()) {
      mine = std::move(*at);
      impl_->ready.erase(at);
    }
  }
  EVP_PKEY* const key = impl_->checked.key.get();
  if (mine.context == nullptr) {
    mine.context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    must(mine.context != nullptr && EVP_PKEY_sign_init(mine.context.get()) == 1 &&
             EVP_PKEY_CTX_set_signature_md(mine.context.get(), openssl_digest(hash)) == 1,
         "OpenSSL failed to start a signature");
  }
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = out.size();
  must(EVP_PKEY_sign(mine.context.get(), out.data(), &size, digest.data(), digest.size()) == 1,
       "OpenSSL failed to sign");
  out.resize(size);
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->ready.size() < kMostReady) impl_->ready.push_back(std::move(mine));
  return out;
}

Result<Bytes> PrivateKey::sign_digest(ByteView digest, const SignatureScheme& scheme) const {
  const QuietErrors quiet;
  const auto& [key, kind] = impl_->checked;
  if (!scheme_fits(kind, digest, scheme)) {
    return fail(Code::invalid_argument, "signature scheme does not fit the kind of key");
  }
  if (is_ecdsa(kind)) return sign_elliptic(digest, scheme.hash);
  const auto context = digest_context(key.get(), scheme, EVP_PKEY_sign_init, RSA_PSS_SALTLEN_MAX);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  if (context == nullptr ||
      EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) {
    return fail(Code::invalid_argument, "salt or digest too long for the RSA key");
  }
  out.resize(size);
  return out;
}

Result<secure::SecureBytes> PrivateKey::decrypt_oaep(ByteView ciphertext, HashKind hash) const {
  const QuietErrors quiet;
  const auto& [key, kind] = impl_->checked;
  if (!is_rsa(kind)) return fail(Code::unsupported, "only RSA keys decrypt");
  const auto context = oaep_context(key.get(), hash, EVP_PKEY_decrypt_init);
  secure::SecureBytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  std::size_t size = out.size();
  if (EVP_PKEY_decrypt(
          context.get(), out.mutable_view().data(), &size, ciphertext.data(), ciphertext.size()) !=
      1) {
    return fail(Code::invalid_argument, "ciphertext does not decrypt");
  }
  out.resize(size);
  return out;
}

Result<secure::SecureBytes> PrivateKey::agree(ByteView peer) const {
  const QuietErrors quiet;
  const auto& [key, kind] = impl_->checked;
  const auto other = read_public_key(peer);
  if (!other || !is_ecdsa(kind) || other->kind != kind) {
    return fail(Code::invalid_argument, "no agreement between these keys");
  }
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  std::size_t size = 0;
  must(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_derive_set_peer(context.get(), other->key.get()) == 1 &&
           EVP_PKEY_derive(context.get(), nullptr, &size) == 1,
       "OpenSSL failed to start an agreement");
  secure::SecureBytes out(size);
  must(EVP_PKEY_derive(context.get(), out.mutable_view().data(), &size) == 1,
       "OpenSSL failed to agree");
  out.resize(size);
  return out;
}

}  // namespace coffer::crypto
