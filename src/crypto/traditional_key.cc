#include "crypto/traditional_key.h"

#include "crypto/openssl_key.h"
#include "crypto/pem_text.h"

namespace coffer::crypto {

Result<secure::SecureText> traditional_pem(ByteView pkcs8) {
  COFFER_TRY(const CheckedKey checked, read_private_key(pkcs8));
  if (!is_rsa(checked.kind) && !is_ecdsa(checked.kind)) return pem_write("PRIVATE KEY", pkcs8);
  return pem_write(is_rsa(checked.kind) ? "RSA PRIVATE KEY" : "EC PRIVATE KEY",
                   write_traditional_key(checked, point_of(checked)).view());
}

}  // namespace coffer::crypto
