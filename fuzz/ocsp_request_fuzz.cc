// floor: crypto
// OCSP requests from arbitrary octets: what is accepted is within its limits.
#include "crypto/ocsp.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto request = crypto::parse_ocsp_request({data, size});
  if (!request) {
    if (request.error().code != Code::invalid_argument) std::abort();
    return 0;
  }
  const std::size_t count = request->questions.size();
  if (count == 0 || count > crypto::kMaxOcspQuestions) std::abort();
  if (request->nonce && (request->nonce->empty() || request->nonce->size() > 32)) std::abort();
  for (const auto& question : request->questions) {
    if (question.serial.empty() || question.serial.size() > crypto::kMaxSerialOctets) std::abort();
  }
  return 0;
}
