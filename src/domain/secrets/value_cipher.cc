#include "domain/secrets/value_cipher.h"

#include "base/wire.h"

namespace coffer::domain {
using crypto::AeadKind;

Result<Bytes> seal_value(ByteView data_key,
                         ByteView associated,
                         std::string_view value,
                         crypto::Random& random) {
  if (value.size() > kMaxSecretValue) {
    return fail(Code::too_large, "the value is larger than 252 KiB");
  }
  COFFER_TRY(const auto aead, crypto::make_aead(AeadKind::xaes256_gcm, data_key, random));
  Bytes sealed;
  sealed.reserve(value.size() + crypto::nonce_size(AeadKind::xaes256_gcm) + crypto::kTagSize);
  aead->seal(associated, as_bytes(value), sealed);
  return sealed;
}

Result<secure::SecureText> open_value(ByteView data_key,
                                      ByteView associated,
                                      ByteView sealed,
                                      crypto::Random& random) {
  COFFER_TRY(const auto opener, value_opener(data_key, random));
  return open_value(*opener, associated, sealed);
}

Result<std::shared_ptr<const crypto::Aead>> value_opener(ByteView data_key,
                                                         crypto::Random& random) {
  if (data_key.size() != kDataKeySize) return fail(Code::corrupt, "data key of the wrong size");
  COFFER_TRY(auto aead, crypto::make_aead(AeadKind::xaes256_gcm, data_key, random));
  return std::shared_ptr<const crypto::Aead>(std::move(aead));
}

Result<secure::SecureText> open_value(const crypto::Aead& opener,
                                      ByteView associated,
                                      ByteView sealed) {
  COFFER_TRY(secure::SecureBytes value, opener.open(associated, sealed));
  return secure::SecureText(std::move(value));
}

Bytes revision_binding(ByteView secret_uid, std::uint64_t version) {
  Bytes out = to_bytes("coffer revision v1");
  append(out, secret_uid);
  Writer(out).u64(version);
  return out;
}

Bytes plain_binding(ByteView mount_id, std::string_view path) {
  Bytes out = to_bytes("coffer plain secret v1");
  append(out, mount_id);
  append(out, as_bytes(path));
  return out;
}

}  // namespace coffer::domain
