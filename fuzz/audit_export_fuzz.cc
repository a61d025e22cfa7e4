// floor: proof
// An export file made of arbitrary octets is read to its end or refused, and never verifies: no
// input here is signed under a key that the fuzzer has. The corpus holds files of sample_key().
#include "base/encoding.h"
#include "proof/export_file.h"

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
  auto reader = proof::ExportReader::open([&left](MutableBytes out) -> Result<std::size_t> {
    const std::size_t taken = std::min(out.size(), left.size());
    std::copy_n(left.begin(), taken, out.begin());
    left = left.subspan(taken);
    return taken;
  });
  if (!reader) return 0;
  proof::Verifier verifier(
      crypto::PublicKey::from_der(kPublicKey).value(), std::nullopt, reader->start());
  const auto head =
      proof::verify_export(*reader, verifier, [](const proof::Event&) { return Result<>(); });
  if (head) std::abort();
  return 0;
}
