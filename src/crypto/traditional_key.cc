#include "crypto/traditional_key.h"

#include "crypto/openssl_key.h"
#include "crypto/pem_text.h"

namespace coffer::crypto {

Result<secure::SecureText> traditional_pem(ByteView pkcs8) {
  COFFER_TRY(const CheckedKey checked, read_private_key(pkcs8));
  if (!is_rsa(checked.kind) && !is_ecdsa(checked.kind)) return pem_write("PRIVATE KEY", pkcs8);
  const int size = i2d_PrivateKey(checked.key.get(), nullptr);
  must(size > 0, "OpenSSL failed to write a private key");
  secure::SecureBytes der(static_cast<std::size_t>(size));
  unsigned char* at = der.mutable_view().data();
  must(i2d_PrivateKey(checked.key.get(), &at) == size, "OpenSSL failed to write a private key");
  return pem_write(is_rsa(checked.kind) ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", der.view());
}

}  // namespace coffer::crypto
