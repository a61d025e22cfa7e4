// floor: domain/kms
// Ciphertext blobs: what is read is written back as it was.
#include "domain/kms/ciphertext_blob.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const ByteView input(data, size);
  const auto blob = domain::read_blob(input);
  if (!blob) return 0;
  if (domain::write_blob(*blob) != to_bytes(input)) std::abort();
  if (domain::blob_associated_data(*blob, {{"a", "b"}}).empty()) std::abort();
  return 0;
}
