// ImportJournal: which secrets of an import are written, so that a second run goes on behind them.
//
// A text file of mode 0600 next to the input, "<input>.coffer-import": a line with a random key,
// then one line a secret with the HMAC-SHA-256, under that key, of server, mount, path and value.
// Neither names nor values are in it, and a value that changed since counts as not written. It is
// removed when everything is written, since nothing is left to resume. A line that was cut short by
// a crash is ignored: that secret is written again.
//
// Not thread-safe. Limits: 128 MiB.
#pragma once

#include "apps/cli/import_tree.h"
#include "apps/client/files.h"
#include "crypto/hash.h"

#include <optional>
#include <set>
#include <string>

namespace coffer::cli {

class ImportJournal {
 public:
  // `scope` names server and mount. Reads the file when it is there, begins one when not.
  static Result<ImportJournal> open(const std::string& input, const std::string& scope);

  [[nodiscard]] bool has(const ImportedSecret& secret) const;
  // One write for all of them.
  Result<> add(const std::vector<const ImportedSecret*>& secrets);
  // Removes the file.
  Result<> finish();

 private:
  ImportJournal(std::string path, std::string scope, crypto::HmacKey key, client::File file)
      : path_(std::move(path)),
        scope_(std::move(scope)),
        key_(std::move(key)),
        file_(std::move(file)) {}

  [[nodiscard]] std::string line_of(const ImportedSecret& secret) const;

  std::string path_;
  std::string scope_;
  crypto::HmacKey key_;
  client::File file_;
  std::set<std::string, std::less<>> done_;
};

}  // namespace coffer::cli
