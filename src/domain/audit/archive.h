// Archive: the place where parts of the audit log are kept, as export files, before they are
// dropped. An interface: the server has a folder (apps/server/folder_archive.h), tests have others.
//
// Whoever can write there can change files: a file is worth what verifying it says. Blocking.
#pragma once

#include "base/result.h"
#include "proof/export_file.h"

#include <functional>
#include <string>

namespace coffer::domain {

class Archive {
 public:
  using Fill = std::function<Result<>(const proof::ExportSink&)>;
  using Check = std::function<Result<>(const proof::ExportSource&)>;

  Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  virtual ~Archive() = default;

  // A new file: `fill` writes it, it is made durable, `check` reads it back, and only then has it
  // the name, durably. After an error nothing has. Errors: already_exists, unavailable, and those
  // of `fill` and `check`.
  virtual Result<> add(const std::string& name, const Fill& fill, const Check& check) = 0;
  // Lets `check` read the file. not_found.
  virtual Result<> read(const std::string& name, const Check& check) const = 0;
};

}  // namespace coffer::domain
