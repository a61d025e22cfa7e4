#include "domain/kms/ciphertext_blob.h"

#include "base/wire.h"
#include "crypto/aead.h"
#include "domain/kms/key_id.h"

namespace coffer::domain {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kSealedByType = 1;  // nonce | ciphertext | tag of the key's own cipher
constexpr std::string_view kLabel = "coffer ciphertext v1|";
constexpr std::size_t kLeastSealed = 12 + crypto::kTagSize;

void write_head(const CiphertextBlob& blob, Bytes& out) {
  Writer w(out);
  w.u8(kVersion);
  append(out, blob.uid);
  w.u32(blob.version);
  w.u8(kSealedByType);
}

std::unexpected<Error> no_blob() {
  return fail(Code::invalid_argument, "not a ciphertext of this server");
}

}  // namespace

Bytes write_blob(const CiphertextBlob& blob) {
  Bytes out;
  write_head(blob, out);
  append(out, blob.sealed);
  return out;
}

Result<CiphertextBlob> read_blob(ByteView blob) {
  if (blob.size() > kMaxCiphertext) return no_blob();
  Reader r(blob);
  const auto version = r.u8();
  const auto uid = r.take(kKeyUid);
  const auto number = r.u32();
  const auto format = r.u8();
  if (!version || *version != kVersion || !uid || !number || *number == 0 || !format ||
      *format != kSealedByType || r.left() < kLeastSealed) {
    return no_blob();
  }
  return CiphertextBlob{to_bytes(*uid), *number, to_bytes(blob.last(r.left()))};
}

Bytes blob_associated_data(const CiphertextBlob& blob, const EncryptionContext& context) {
  Bytes out = to_bytes(kLabel);
  write_head(blob, out);
  Writer w(out);
  w.varint(context.size());
  for (const auto& [key, value] : context) {
    w.text(key);
    w.text(value);
  }
  return out;
}

}  // namespace coffer::domain
