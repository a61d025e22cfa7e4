#include "crypto/openssl_key.h"

#include "crypto/elliptic_key.h"

#include <climits>
#include <openssl/core_names.h>

#include <array>
#include <optional>

namespace coffer::crypto {
namespace {

Result<KeyKind> kind_of_curve(const EVP_PKEY* key) {
  // Explicit parameters could describe a curve of the sender's making.
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) ==
          1 &&
      is_explicit != 0) {
    return fail(Code::unsupported, "elliptic curve given by explicit parameters");
  }
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1) {
    const std::string_view group(name.data(), size);
    if (group == SN_X9_62_prime256v1) return KeyKind::ecdsa_p256;
    if (group == SN_secp384r1) return KeyKind::ecdsa_p384;
    if (group == SN_secp521r1) return KeyKind::ecdsa_p521;
    if (group == SN_secp256k1) return KeyKind::ecdsa_secp256k1;
  }
  return fail(Code::unsupported, "elliptic curve other than P-256, P-384, P-521 and secp256k1");
}

// Null when the key has no such number.
BignumPtr number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  (void)EVP_PKEY_get_bn_param(key, name, &raw);
  return BignumPtr(raw);
}

Result<KeyKind> kind_of_rsa(const EVP_PKEY* key) {
  const BignumPtr exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  // Odd with 17 bits or more is above 2^16.
  const bool allowed = exponent != nullptr && BN_is_odd(exponent.get()) == 1 &&
                       BN_num_bits(exponent.get()) >= 17 && BN_num_bits(exponent.get()) <= 64;
  if (!allowed) return fail(Code::unsupported, "RSA exponent out of its range");
  switch (EVP_PKEY_get_bits(key)) {
    case 2048:
      return KeyKind::rsa2048;
    case 3072:
      return KeyKind::rsa3072;
    case 4096:
      return KeyKind::rsa4096;
    default:
      return fail(Code::unsupported, "RSA key of other than 2048, 3072 or 4096 bits");
  }
}

Result<KeyKind> kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "EC") == 1) return kind_of_curve(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1) return kind_of_rsa(key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyKind::ed25519;
  return fail(Code::unsupported, "key of a kind that is not supported");
}

bool passes(EVP_PKEY* key, int (*check)(EVP_PKEY_CTX*)) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr, "OpenSSL made no key context");
  return check(context.get()) == 1;
}

// OpenSSL's own check of an RSA key proves its primes, which takes a tenth of a second. That the
// factors make the modulus is enough here: OpenSSL verifies each result of the private operation
// with the public exponent before it leaves.
bool factors_make_modulus(const EVP_PKEY* key) {
  const BignumPtr n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const BignumPtr p = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR1);
  const BignumPtr q = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR2);
  const BignumPtr product(BN_new());
  const BignumContextPtr scratch(BN_CTX_secure_new());
  must(product != nullptr && scratch != nullptr, "OpenSSL made no number");
  return n != nullptr && p != nullptr && q != nullptr &&
         BN_mul(product.get(), p.get(), q.get(), scratch.get()) == 1 &&
         BN_cmp(product.get(), n.get()) == 0;
}

std::unexpected<Error> unsound() {
  return fail(Code::invalid_argument, "key fails its arithmetic checks");
}

Result<> validate_size(ByteView der) {
  if (der.empty() || der.size() > kMaxKeyText) {
    return fail(Code::invalid_argument, "key of an impossible size");
  }
  return {};
}

}  // namespace

PkeyPtr generate_key(KeyKind kind) {
  const auto make = [](auto... arguments) {
    PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, arguments...));
    must(key != nullptr, "OpenSSL failed to generate a key");
    return key;
  };
  switch (kind) {
    case KeyKind::ecdsa_p256:
      return make("EC", "P-256");
    case KeyKind::ecdsa_p384:
      return make("EC", "P-384");
    case KeyKind::ecdsa_p521:
      return make("EC", "P-521");
    case KeyKind::ecdsa_secp256k1:
      return make("EC", "secp256k1");
    case KeyKind::ed25519:
      return make("ED25519");
    case KeyKind::rsa2048:
      return make("RSA", std::size_t{2048});
    case KeyKind::rsa3072:
      return make("RSA", std::size_t{3072});
    case KeyKind::rsa4096:
      return make("RSA", std::size_t{4096});
  }
  throw std::logic_error("no such KeyKind");
}

Result<CheckedKey> read_public_key(ByteView spki) {
  const QuietErrors quiet;
  COFFER_CHECK(validate_size(spki));
  const std::uint8_t* at = spki.data();
  PkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (key == nullptr || at != spki.data() + spki.size()) {
    return fail(Code::invalid_argument, "not a SubjectPublicKeyInfo");
  }
  COFFER_TRY(const KeyKind kind, kind_of(key.get()));
  if (is_ecdsa(kind) && !passes(key.get(), EVP_PKEY_public_check_quick)) return unsound();
  return CheckedKey{.key = std::move(key), .kind = kind};
}

Result<CheckedKey> read_private_key(ByteView pkcs8) {
  const QuietErrors quiet;
  COFFER_CHECK(validate_size(pkcs8));
  const std::uint8_t* at = pkcs8.data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.size())));
  const bool whole = info != nullptr && at == pkcs8.data() + pkcs8.size();
  PkeyPtr key(whole ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (key == nullptr) return fail(Code::invalid_argument, "not a PKCS#8 private key");
  COFFER_TRY(const KeyKind kind, kind_of(key.get()));
  const bool halves_match =
      is_rsa(kind) ? factors_make_modulus(key.get()) : passes(key.get(), EVP_PKEY_pairwise_check);
  if (!halves_match) return unsound();
  return CheckedKey{.key = std::move(key), .kind = kind};
}

Bytes point_of(const CheckedKey& checked) {
  return is_ecdsa(checked.kind) ? elliptic_point(checked.key.get()) : Bytes();
}

Bytes write_public_key(const CheckedKey& checked, ByteView point) {
  if (is_ecdsa(checked.kind)) return elliptic_public_key(point, checked.kind);
  unsigned char* raw = nullptr;
  const int size = i2d_PUBKEY(checked.key.get(), &raw);
  const MemoryPtr der(raw);
  must(size > 0, "OpenSSL failed to write a public key");
  return {der.get(), der.get() + size};
}

secure::SecureBytes write_private_key(const CheckedKey& checked, ByteView point) {
  if (is_ecdsa(checked.kind)) {
    return elliptic_private_key(checked.key.get(), point, checked.kind, EllipticForm::pkcs8);
  }
  return write_any_private_key(checked.key.get());
}

secure::SecureBytes write_traditional_key(const CheckedKey& checked, ByteView point) {
  if (is_ecdsa(checked.kind)) {
    return elliptic_private_key(checked.key.get(), point, checked.kind, EllipticForm::traditional);
  }
  const int size = i2d_PrivateKey(checked.key.get(), nullptr);
  must(size > 0, "OpenSSL failed to write a private key");
  secure::SecureBytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.mutable_view().data();
  must(i2d_PrivateKey(checked.key.get(), &at) == size, "OpenSSL failed to write a private key");
  return out;
}

secure::SecureBytes write_any_private_key(const EVP_PKEY* key) {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));  // wiped when freed
  const int size = info == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  must(size > 0, "OpenSSL failed to write a private key");
  secure::SecureBytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.mutable_view().data();
  must(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size, "OpenSSL failed to write a private key");
  return out;
}

bool is_ecdsa(KeyKind kind) {
  return kind == KeyKind::ecdsa_p256 || kind == KeyKind::ecdsa_p384 ||
         kind == KeyKind::ecdsa_p521 || kind == KeyKind::ecdsa_secp256k1;
}

bool is_rsa(KeyKind kind) {
  return kind == KeyKind::rsa2048 || kind == KeyKind::rsa3072 || kind == KeyKind::rsa4096;
}

}  // namespace coffer::crypto
