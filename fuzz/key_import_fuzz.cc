// floor: domain/kms
// Blobs of imports. The first octet chooses the hash; the rest is a blob as it comes, and again the
// wrapped part behind an ephemeral key that does open. What opens has a size that can be a key.
#include "base/bytes.h"
#include "crypto/key_wrap.h"
#include "crypto/signature.h"
#include "domain/kms/key_import.h"
#include "domain/kms/key_material.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace coffer;

struct World {
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  domain::KeyMaterial wrapping = domain::generate_material(domain::KeyType::rsa4096, 0, *random);
  Bytes ephemeral = Bytes(32, 7);
  Bytes wrapped_ephemeral = *crypto::PublicKey::from_der(wrapping.public_key)
                                 ->encrypt_oaep(ephemeral, crypto::HashKind::sha256);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  if (size == 0) return 0;
  const auto hash = data[0] % 2 == 0 ? crypto::HashKind::sha256 : crypto::HashKind::sha1;
  const ByteView rest(data + 1, size - 1);
  if (domain::unwrap_import(world.wrapping.secret.view(), rest, hash)) std::abort();
  Bytes blob = world.wrapped_ephemeral;
  append(blob, rest);
  const auto opened =
      domain::unwrap_import(world.wrapping.secret.view(), blob, crypto::HashKind::sha256);
  if (!opened) return 0;
  if (*crypto::wrap_padded_key(world.ephemeral, opened->view()) != to_bytes(rest)) std::abort();
  for (const auto type : {domain::KeyType::aes256_gcm96, domain::KeyType::ed25519}) {
    (void)domain::material_of_secret(type, opened->clone(), *world.random);
  }
  return 0;
}
