// A store file in a directory of its own that goes away with the object. For tests.
//
// In memory where the system has a file system there: tests kill processes, not the power, so
// waiting for a disk would prove nothing.
#pragma once

#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdlib.h>
#include <string>

namespace coffer::store::sqlite {

class TemporaryStore {
 public:
  TemporaryStore() {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = parent / "coffer-store-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
  }

  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;

  ~TemporaryStore() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::string path() const { return directory_ / "store"; }

  [[nodiscard]] SqliteOptions options() const {
    SqliteOptions options;
    options.path = path();
    return options;
  }

  [[nodiscard]] std::unique_ptr<Store> open() const {
    auto store = open_sqlite_store(options());
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace coffer::store::sqlite
