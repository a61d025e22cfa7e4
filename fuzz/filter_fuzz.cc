// floor: proof
// A filter of audit events as a query gives it: lines "name=value". A filter that is accepted is
// the same in another order of its names, since no order may hide events.
#include "base/bytes.h"
#include "proof/filter.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  std::string_view rest = as_text({data, size});
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    pairs.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  const auto filter = proof::parse_filter(pairs);
  if (!filter) return 0;
  (void)filter->matches(proof::Event());
  std::multimap<std::string, std::string> sorted(pairs.begin(), pairs.end());  // keeps equal ones
  pairs.assign(sorted.begin(), sorted.end());
  const auto again = proof::parse_filter(pairs);
  if (!again || !(*again == *filter)) std::abort();
  return 0;
}
