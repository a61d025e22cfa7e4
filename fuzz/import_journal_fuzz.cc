// floor: apps/cli
// The file beside an import that says what is written: whatever is in it, a secret counts as
// written after it was added, and no other does because of that.
#include "apps/cli/import_journal.h"
#include "base/bytes.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto folder = std::filesystem::temp_directory_path();
  const std::string input = folder / ("coffer-journal-fuzz-" + std::to_string(::getpid()));
  const std::string file = input + ".coffer-import";
  std::ofstream(file, std::ios::binary) << as_text({data, size});
  ::chmod(file.c_str(), 0600);
  const auto secret = [](std::string_view path) {
    return cli::ImportedSecret{.path = std::string(path), .data = secure::SecureText("{}")};
  };
  if (auto journal = cli::ImportJournal::open(input, "scope")) {
    const bool other = journal->has(secret("other"));
    const cli::ImportedSecret added = secret("added");
    if (!journal->add({&added})) std::abort();
    const auto again = cli::ImportJournal::open(input, "scope");
    if (!again || !again->has(secret("added")) || again->has(secret("other")) != other)
      std::abort();
  }
  std::filesystem::remove(file);
  return 0;
}
