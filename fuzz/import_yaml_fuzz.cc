// floor: apps/cli
// The .yaml importer: whatever it accepts flattens into JSON objects under well-formed paths.

#include "apps/cli/import_tree.h"
#include "apps/client/target.h"
#include "formats/json.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto tree = cli::parse_yaml(as_text({data, size}));
  if (!tree) return 0;
  for (const bool group : {false, true}) {
    const auto secrets = cli::flatten(*tree, {.prefix = "p", .group = group});
    if (!secrets) continue;
    for (const cli::ImportedSecret& secret : *secrets) {
      const auto value = formats::JsonView::parse(secret.data.text());
      if (!value && value.error().code != Code::too_large) std::abort();
      if (value && value->kind() != formats::JsonKind::object) std::abort();
      if (!secret.path.starts_with("p")) std::abort();
    }
  }
  return 0;
}
