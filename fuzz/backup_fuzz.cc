// floor: domain/audit
// A backup file made of arbitrary octets is read to its end or refused, and never verifies: no
// input here is signed under a key that the fuzzer has. What is read as a header says the same
// again.
#include "base/encoding.h"
#include "domain/audit/backup_verifier.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace coffer;

// RFC 6979 A.2.5: a public key whose private half signed nothing of ours.
const Bytes kPublicKey = hex_decode(
                             "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                             "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                             "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
                             .value();

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView left(data, size);
  auto reader = domain::BackupReader::open([&left](MutableBytes out) -> Result<std::size_t> {
    const std::size_t taken = std::min(out.size(), left.size());
    std::copy_n(left.begin(), taken, out.begin());
    left = left.subspan(taken);
    return taken;
  });
  if (!reader) return 0;
  const Bytes encoded = domain::encode_header(reader->header());
  const ByteView given = ByteView(data, size).subspan(domain::kBackupMagic.size() + 4);
  if (!starts_with(given, encoded)) std::abort();
  if (domain::verify_backup_signature(*reader, crypto::PublicKey::from_der(kPublicKey).value())) {
    std::abort();
  }
  return 0;
}
