// Files that hold secrets: read into wiped memory under a limit, written whole with mode 0600.
//
// Errors: not_found (also below what is no folder), too_large, unavailable (with the system's
// words); messages name the path and never the content. No state.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>

namespace coffer::client {

// The whole file, at most `limit` octets. Folders and devices are refused.
Result<secure::SecureText> read_file(const std::string& path, std::size_t limit);

// Writes beside `path` and renames over it, so that a reader sees the old text or the new one.
Result<> replace_file(const std::string& path, std::string_view text);

// Gives the finished file `fresh` the name `path`, durably; already_exists when that is taken.
Result<> place_file(const std::string& fresh, const std::string& path);

// Makes the names in a folder durable.
Result<> sync_folder(const std::string& path);

// Creates the folder with mode 0700 when it is absent.
Result<> make_private_folder(const std::string& path);

// An open descriptor, closed when it goes.
class File {
 public:
  // A new file of mode 0600; already_exists when the name is taken.
  static Result<File> create(const std::string& path);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  Result<> write(std::string_view text);
  Result<> sync();

 private:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace coffer::client
