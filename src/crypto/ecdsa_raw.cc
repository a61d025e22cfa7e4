#include "crypto/openssl_ptr.h"
#include "crypto/signature.h"

namespace coffer::crypto {
namespace {

Result<std::size_t> width_of(KeyKind kind) {
  if (kind == KeyKind::ecdsa_p256) return 32U;
  if (kind == KeyKind::ecdsa_p384) return 48U;
  if (kind == KeyKind::ecdsa_p521) return 66U;
  if (kind == KeyKind::ecdsa_secp256k1) return 32U;
  return fail(Code::invalid_argument, "not a kind of ECDSA key");
}

Bytes encode(const ECDSA_SIG* signature) {
  unsigned char* raw = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &raw);
  const MemoryPtr der(raw);
  must(size > 0, "OpenSSL failed to encode a signature");
  return {der.get(), der.get() + size};
}

std::unexpected<Error> malformed() {
  return fail(Code::invalid_argument, "not an ECDSA signature of this curve");
}

}  // namespace

Result<Bytes> ecdsa_from_raw(KeyKind kind, ByteView raw) {
  COFFER_TRY(const std::size_t width, width_of(kind));
  if (raw.size() != 2 * width) return malformed();
  const int bytes = static_cast<int>(width);
  BignumPtr r(BN_bin2bn(raw.data(), bytes, nullptr));
  BignumPtr s(BN_bin2bn(raw.data() + width, bytes, nullptr));
  const EcdsaSignaturePtr signature(ECDSA_SIG_new());
  must(r != nullptr && s != nullptr && signature != nullptr, "OpenSSL made no signature");
  must(ECDSA_SIG_set0(signature.get(), r.release(), s.release()) == 1, "OpenSSL took no numbers");
  return encode(signature.get());
}

Result<Bytes> ecdsa_to_raw(KeyKind kind, ByteView der) {
  const QuietErrors quiet;
  COFFER_TRY(const std::size_t width, width_of(kind));
  if (der.size() > 2 * width + 16) return malformed();
  const std::uint8_t* at = der.data();
  const EcdsaSignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  // BER would give one signature several spellings: only what encodes to the same octets passes.
  if (signature == nullptr || encode(signature.get()) != to_bytes(der)) return malformed();
  Bytes out(2 * width);
  const int bytes = static_cast<int>(width);
  const bool fits =
      BN_is_negative(ECDSA_SIG_get0_r(signature.get())) == 0 &&
      BN_is_negative(ECDSA_SIG_get0_s(signature.get())) == 0 &&
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), bytes) == bytes &&
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + width, bytes) == bytes;
  if (!fits) return malformed();
  return out;
}

}  // namespace coffer::crypto
