#include "crypto/certificate_sign.h"

#include "crypto/certificate_der.h"
#include "crypto/openssl_key.h"

#include <stdexcept>
#include <string>

namespace coffer::crypto {
namespace {

constexpr std::size_t kIdentifier = 20;

// The content of the first node of `der`, which is cut to what lies behind it.
ByteView take_node(ByteView& der, int kind) {
  const unsigned char* at = der.data();
  long size = 0;
  int found = 0;
  int family = 0;
  const int outcome = ASN1_get_object(&at, &size, &found, &family, static_cast<long>(der.size()));
  must((outcome & 0x80) == 0 && found == kind, "a public key of our own does not parse");
  const ByteView content(at, static_cast<std::size_t>(size));
  der = der.subspan(static_cast<std::size_t>(content.data() + content.size() - der.data()));
  return content;
}

// The last arc in three families that count the SHA-2 hashes in the same order.
std::string last_arc(HashKind hash, int of_sha256) {
  switch (hash) {
    case HashKind::sha256:
      return std::to_string(of_sha256);
    case HashKind::sha384:
      return std::to_string(of_sha256 + 1);
    case HashKind::sha512:
      return std::to_string(of_sha256 + 2);
    case HashKind::sha224:
    case HashKind::sha1:
    case HashKind::sha3_224:
    case HashKind::sha3_256:
    case HashKind::sha3_384:
    case HashKind::sha3_512:
      break;
  }
  throw std::logic_error("no certificate is signed with this hash");
}

void write_hash(DerWriter& w, HashKind hash) {
  w.sequence([&] {
    w.oid("2.16.840.1.101.3.4.2." + last_arc(hash, 1));
    w.null();
  });
}

// RSASSA-PSS-params, RFC 4055 §3.1: MGF1 and the salt follow the hash.
void write_pss(DerWriter& w, HashKind hash) {
  w.oid("1.2.840.113549.1.1.10");
  w.sequence([&] {
    w.nest(der::context_of(0), [&] { write_hash(w, hash); });
    w.nest(der::context_of(1), [&] {
      w.sequence([&] {
        w.oid("1.2.840.113549.1.1.8");
        write_hash(w, hash);
      });
    });
    w.nest(der::context_of(2), [&] { w.integer(std::uint64_t{digest_size(hash)}); });
  });
}

Padding padding_of(KeyKind kind, CertificateScheme scheme) {
  if (!is_rsa(kind)) return Padding::none;
  return scheme.pss ? Padding::pss : Padding::pkcs1;
}

}  // namespace

Result<CertificateScheme> scheme_for(KeyKind kind, int bits, bool pss) {
  if (bits != 0 && bits != 256 && bits != 384 && bits != 512) {
    return fail(Code::invalid_argument, "signature_bits must be 0, 256, 384 or 512");
  }
  switch (kind) {
    case KeyKind::ed25519:
    case KeyKind::ecdsa_p256:
      return CertificateScheme{};
    case KeyKind::ecdsa_p384:
      return CertificateScheme{.hash = HashKind::sha384};
    case KeyKind::ecdsa_p521:
      return CertificateScheme{.hash = HashKind::sha512};
    case KeyKind::ecdsa_secp256k1:
      return fail(Code::invalid_argument, "no certificate is signed with a key on secp256k1");
    case KeyKind::rsa2048:
    case KeyKind::rsa3072:
    case KeyKind::rsa4096:
      break;
  }
  const HashKind hash = bits == 512   ? HashKind::sha512
                        : bits == 384 ? HashKind::sha384
                                      : HashKind::sha256;
  return CertificateScheme{.hash = hash, .pss = pss};
}

void write_algorithm(DerWriter& w, KeyKind kind, CertificateScheme scheme) {
  w.sequence([&] {
    if (kind == KeyKind::ed25519) {
      w.oid("1.3.101.112");
    } else if (!is_rsa(kind)) {
      w.oid("1.2.840.10045.4.3." + last_arc(scheme.hash, 2));
    } else if (scheme.pss) {
      write_pss(w, scheme.hash);
    } else {
      w.oid("1.2.840.113549.1.1." + last_arc(scheme.hash, 11));
      w.null();
    }
  });
}

Result<Bytes> sign_structure(ByteView to_be_signed,
                             const PrivateKey& key,
                             CertificateScheme scheme) {
  COFFER_TRY(const Bytes signature,
             key.sign(to_be_signed, scheme.hash, padding_of(key.kind(), scheme)));
  DerWriter w;
  w.sequence([&] {
    w.raw(to_be_signed);
    write_algorithm(w, key.kind(), scheme);
    w.bit_string(signature);
  });
  return w.take();
}

Bytes key_identifier(ByteView spki) {
  const QuietErrors quiet;
  ByteView inner = take_node(spki, V_ASN1_SEQUENCE);
  (void)take_node(inner, V_ASN1_SEQUENCE);
  const ByteView bits = take_node(inner, V_ASN1_BIT_STRING);
  must(!bits.empty(), "a public key of our own does not parse");
  const Digest whole = sha256(bits.subspan(1));  // behind the number of unused bits
  return {whole.begin(), whole.begin() + kIdentifier};
}

}  // namespace coffer::crypto
