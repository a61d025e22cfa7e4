// How certificates, requests, revocation lists and OCSP responses are signed: the algorithm, its
// identifier (RFC 4055, RFC 5758, RFC 8410), and the outer SIGNED structure of X.509.
//
// Pure functions of their arguments but for the randomness of ECDSA and PSS; safe for concurrent
// use.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"

namespace coffer::crypto {

class DerWriter;

struct CertificateScheme {
  HashKind hash = HashKind::sha256;
  bool pss = false;  // RSA only
};

// The scheme for a key: `bits` of the hash are 256, 384, 512 or 0 for what suits the key (RSA and
// P-256: SHA-256, P-384: SHA-384, P-521: SHA-512). An Ed25519 key has one scheme, an elliptic key
// no other hash than its own: there both wishes are ignored, as Vault does. invalid_argument for
// other numbers and for keys on secp256k1.
Result<CertificateScheme> scheme_for(KeyKind kind, int bits, bool pss);

// AlgorithmIdentifier of the signatures that a key of this kind makes in this scheme.
void write_algorithm(DerWriter& w, KeyKind kind, CertificateScheme scheme);

// SEQUENCE { to_be_signed, AlgorithmIdentifier, BIT STRING }.
Result<Bytes> sign_structure(ByteView to_be_signed,
                             const PrivateKey& key,
                             CertificateScheme scheme);

// The 20 octets by which certificates name a public key (RFC 7093 §2, method 1): the first 160 bits
// of the SHA-256 of the key's BIT STRING. `spki` is one that signature.h wrote or accepted.
Bytes key_identifier(ByteView spki);

}  // namespace coffer::crypto
