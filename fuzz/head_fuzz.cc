// floor: proof
// A head has one text: what parse_head() accepts prints as it was.
#include "proof/head.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = coffer::as_text({data, size});
  const auto head = coffer::proof::parse_head(text);
  if (head && coffer::proof::head_text(*head) != text) std::abort();
  return 0;
}
