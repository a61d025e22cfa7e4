#include "crypto/elliptic_key.h"

#include "crypto/certificate_der.h"

#include <openssl/core_names.h>

#include <array>

namespace coffer::crypto {
namespace {

constexpr std::size_t kMaxPoint = 1 + 2 * 66;

// id-ecPublicKey, and the named curves of RFC 5480 §2.1.1.1 and SEC 2.
constexpr std::array<std::uint8_t, 7> kEllipticKey{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr std::array<std::uint8_t, 8> kP256{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> kP384{0x2b, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 5> kP521{0x2b, 0x81, 0x04, 0x00, 0x23};
constexpr std::array<std::uint8_t, 5> kK256{0x2b, 0x81, 0x04, 0x00, 0x0a};

struct Curve {
  ByteView oid;
  std::size_t octets;  // of the field, and of the order
};

Curve curve_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256:
      return {kP256, 32};
    case KeyKind::ecdsa_p384:
      return {kP384, 48};
    case KeyKind::ecdsa_p521:
      return {kP521, 66};
    case KeyKind::ecdsa_secp256k1:
      return {kK256, 32};
    case KeyKind::ed25519:
    case KeyKind::rsa2048:
    case KeyKind::rsa3072:
    case KeyKind::rsa4096:
      break;
  }
  throw std::logic_error("not a key on a curve");
}

std::size_t node_size(std::size_t content) {
  return content + (content < 0x80 ? 2 : content < 0x100 ? 3 : 4);
}

// Tag and length of a node with less than 2^16 octets.
void put_header(secure::SecureBytes& out, std::uint8_t tag, std::size_t content) {
  out.push_back(tag);
  if (content >= 0x100) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content >> 8U));
  } else if (content >= 0x80) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(content & 0xffU));
}

void put_node(secure::SecureBytes& out, std::uint8_t tag, ByteView content) {
  put_header(out, tag, content.size());
  out.append(content);
}

secure::SecureBytes scalar_of(const EVP_PKEY* key, const Curve& curve) {
  BIGNUM* raw = nullptr;
  const bool shown = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &raw) == 1;
  const BignumPtr number(raw);
  secure::SecureBytes out(curve.octets);
  must(shown &&
           BN_bn2binpad(number.get(), out.mutable_view().data(), static_cast<int>(out.size())) ==
               static_cast<int>(out.size()),
       "OpenSSL showed no private key");
  return out;
}

// ECPrivateKey; the curve is left out where it stands beside it.
secure::SecureBytes traditional(const EVP_PKEY* key,
                                const Curve& curve,
                                ByteView point,
                                bool with_curve) {
  constexpr std::array<std::uint8_t, 3> kVersion{der::kInteger, 1, 1};
  const secure::SecureBytes scalar = scalar_of(key, curve);
  const std::size_t parameters = with_curve ? node_size(node_size(curve.oid.size())) : 0;
  const std::size_t bits = 1 + point.size();
  const std::size_t content =
      kVersion.size() + node_size(scalar.size()) + parameters + node_size(node_size(bits));
  secure::SecureBytes out;
  out.reserve(node_size(content));
  put_header(out, der::kSequence, content);
  out.append(kVersion);
  put_node(out, der::kOctetString, scalar.view());
  if (with_curve) {
    put_header(out, der::context_of(0), node_size(curve.oid.size()));
    put_node(out, der::kOid, curve.oid);
  }
  put_header(out, der::context_of(1), node_size(bits));
  put_header(out, der::kBitString, bits);
  out.push_back(0);  // unused bits
  out.append(point);
  return out;
}

}  // namespace

Bytes elliptic_point(const EVP_PKEY* key) {
  Bytes point(kMaxPoint);
  std::size_t size = 0;
  must(EVP_PKEY_get_octet_string_param(
           key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1,
       "OpenSSL showed no public key");
  point.resize(size);
  return point;
}

Bytes elliptic_public_key(ByteView point, KeyKind kind) {
  const Curve curve = curve_of(kind);
  DerWriter w;
  w.sequence([&] {
    w.sequence([&] {
      w.node(der::kOid, kEllipticKey);
      w.node(der::kOid, curve.oid);
    });
    w.bit_string(point);
  });
  return w.take();
}

secure::SecureBytes elliptic_private_key(const EVP_PKEY* key,
                                         ByteView point,
                                         KeyKind kind,
                                         EllipticForm form) {
  constexpr std::array<std::uint8_t, 3> kVersion{der::kInteger, 1, 0};
  const Curve curve = curve_of(kind);
  if (form == EllipticForm::traditional) return traditional(key, curve, point, true);
  const secure::SecureBytes inner = traditional(key, curve, point, false);
  const std::size_t algorithm = node_size(kEllipticKey.size()) + node_size(curve.oid.size());
  const std::size_t content = kVersion.size() + node_size(algorithm) + node_size(inner.size());
  secure::SecureBytes out;
  out.reserve(node_size(content));
  put_header(out, der::kSequence, content);
  out.append(kVersion);
  put_header(out, der::kSequence, algorithm);
  put_node(out, der::kOid, kEllipticKey);
  put_node(out, der::kOid, curve.oid);
  put_node(out, der::kOctetString, inner.view());
  return out;
}

}  // namespace coffer::crypto
