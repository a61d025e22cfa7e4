// FolderArchive: the archive of the audit log in a folder of the file system (audit.archive).
//
// A file is written as <name>.part, mode 0600, synced, read back and checked, renamed to its name
// without replacing another one, and the folder is synced. A .part that was left behind is removed
// by the next attempt. The folder is the operator's: it must exist. One writer at a time.
#pragma once

#include "domain/audit/archive.h"

#include <string>

namespace coffer::server {

class FolderArchive final : public domain::Archive {
 public:
  explicit FolderArchive(std::string folder) : folder_(std::move(folder)) {}

  Result<> add(const std::string& name, const Fill& fill, const Check& check) override;
  Result<> read(const std::string& name, const Check& check) const override;

 private:
  Result<> write(const std::string& path, const Fill& fill, const Check& check) const;
  Result<> take_name(const std::string& part, const std::string& path) const;

  const std::string folder_;
};

}  // namespace coffer::server
