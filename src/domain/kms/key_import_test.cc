#include "domain/kms/key_import.h"

#include "crypto/key_wrap.h"
#include "domain/kms/kms_world.h"

namespace coffer::domain {
namespace {

TEST(KeyImport, OpensWhatTheWrappingKeyWrapped) {
  const KeyMaterial wrapping = test_material(KeyType::rsa4096);
  const auto anyone = crypto::PublicKey::from_der(wrapping.public_key);
  const Bytes ephemeral(32, 7);
  const Bytes material(21, 9);
  for (const crypto::HashKind hash : {crypto::HashKind::sha1, crypto::HashKind::sha256}) {
    Bytes blob = *anyone->encrypt_oaep(ephemeral, hash);
    append(blob, *crypto::wrap_padded_key(ephemeral, material));
    EXPECT_EQ(to_bytes(unwrap_import(wrapping.secret.view(), blob, hash)->view()), material);
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), blob, crypto::HashKind::sha512));
    blob.back() ^= 1;
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), blob, hash));
    EXPECT_FALSE(unwrap_import(wrapping.secret.view(), ByteView(blob).first(512), hash));
  }
  Bytes short_key = *anyone->encrypt_oaep(Bytes(16, 7), crypto::HashKind::sha256);
  append(short_key, *crypto::wrap_padded_key(Bytes(16, 7), material));
  EXPECT_FALSE(unwrap_import(wrapping.secret.view(), short_key, crypto::HashKind::sha256));
  EXPECT_EQ(parse_import_hash("sha384"), crypto::HashKind::sha384);
  EXPECT_FALSE(parse_import_hash("MD5"));
}

}  // namespace
}  // namespace coffer::domain
