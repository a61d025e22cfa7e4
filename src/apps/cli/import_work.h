// The work of an import: writes many secrets over several connections, each all or nothing.
//
// Secrets go in requests of at most 30, one unit of work each on the server. What is there already
// is known from the server alone, and nothing is kept on this side: the same command again goes on
// where it was cut off, and repairs what was lost or changed since. Without `overwrite` every write
// demands that the secret is new; where one is there already with the same data it counts as done,
// with other data as a failure. With `overwrite` each secret is read first, and written unless it
// has the same data already; what may not be read is written.
// One failure does not stop the rest: where a request is refused as a whole, for what is in it or
// for want of permission, its secrets go one by one. `progress` is used from one thread at a time.
#pragma once

#include "apps/cli/import_tree.h"
#include "apps/client/api.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coffer::cli {

inline constexpr std::size_t kBulk = 30;  // secrets in one request
inline constexpr std::size_t kMaxConnections = 64;
// So many requests refused with all that was in them, and nothing written: there is no more to
// hope.
inline constexpr std::size_t kHopeless = 10;

struct ImportPlan {
  std::string mount;
  bool overwrite = false;
  std::size_t connections = 16;
};

struct ImportFailure {
  std::string path;
  std::string what;
};

struct ImportTotals {
  std::size_t written = 0;
  std::size_t present = 0;  // there already, with the same data
  std::vector<ImportFailure> failures;
  // Where nothing was written and nothing was there: why the server refused a secret, if it did.
  std::optional<Error> refusal;
};

using Connect = std::function<Result<std::unique_ptr<client::Api>>()>;
using Progress = std::function<void(std::size_t done)>;

// An error means that no more could be done: no connection, sealed, or nothing but refusals.
// What was written until then stays.
Result<ImportTotals> import_all(const std::vector<ImportedSecret>& secrets,
                                const ImportPlan& plan,
                                const Connect& connect,
                                const Progress& progress);

}  // namespace coffer::cli
