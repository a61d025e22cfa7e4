// floor: domain/kms
// Backups of keys. The input is taken as the text, and as the body between the magic and a digest
// that holds, so that what lies behind the digest is reached. What is read can be written and read
// again.
#include "base/bytes.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "domain/kms/key_backup.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace coffer;

void take(std::string_view text) {
  const auto backup = domain::read_backup(text);
  if (!backup) return;
  const auto again = domain::write_backup(backup->key, backup->versions);
  if (!again || !domain::read_backup(again->text())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  take(as_text({data, size}));
  Bytes body = to_bytes("coffer key backup");
  body.push_back(1);
  append(body, {data, size});
  append(body, crypto::sha256(body));
  take(base64_encode(body));
  return 0;
}
