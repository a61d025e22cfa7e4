#include "apps/server/folder_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace coffer::server {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class FolderArchiveTest : public testing::Test {
 protected:
  FolderArchiveTest() {
    std::string name = fs::temp_directory_path() / "coffer-archive-XXXXXX";
    folder = ::mkdtemp(name.data());
  }

  ~FolderArchiveTest() override { fs::remove_all(folder); }

  FolderArchiveTest(const FolderArchiveTest&) = delete;
  FolderArchiveTest& operator=(const FolderArchiveTest&) = delete;

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) {
      out.push_back(entry.path().filename());
    }
    return out;
  }

  static domain::Archive::Fill filled(std::string text) {
    return [text](const proof::ExportSink& sink) { return sink(as_bytes(text)); };
  }

  // Reads all of it into `into`.
  static domain::Archive::Check reading(std::string& into) {
    return [&into](const proof::ExportSource& source) -> Result<> {
      into.clear();
      Bytes piece(3);
      while (true) {
        COFFER_TRY(const std::size_t got, source(piece));
        if (got == 0) return {};
        into += as_text(ByteView(piece).first(got));
      }
    };
  }

  static Result<> refuse(const proof::ExportSource&) { return fail(Code::corrupt, "refused"); }

  fs::path folder;
  std::string text;
};

TEST_F(FolderArchiveTest, KeepsAFileThatWasCheckedForItsOwnerAlone) {
  FolderArchive archive(folder);
  ASSERT_TRUE(archive.add("a", filled("some text"), reading(text)));
  EXPECT_EQ(text, "some text") << "what was checked is what was written";
  EXPECT_THAT(names(), ElementsAre("a"));
  struct stat info{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_TRUE(archive.read("a", reading(text)));
  EXPECT_EQ(text, "some text");
}

TEST_F(FolderArchiveTest, LeavesNothingOfWhatFails) {
  FolderArchive archive(folder);
  const auto broken = [](const proof::ExportSink& sink) -> Result<> {
    COFFER_CHECK(sink(as_bytes("half")));
    return fail(Code::corrupt, "broken");
  };
  EXPECT_EQ(archive.add("a", broken, reading(text)).error().message, "broken");
  EXPECT_EQ(archive.add("a", filled("text"), refuse).error().message, "refused");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FolderArchiveTest, ReplacesWhatACrashLeftAndNoFileOfThatName) {
  FolderArchive archive(folder);
  std::ofstream(folder / "a.part") << "left behind";
  ASSERT_TRUE(archive.add("a", filled("text"), reading(text)));
  EXPECT_EQ(archive.add("a", filled("other"), reading(text)).error().code, Code::already_exists);
  ASSERT_TRUE(archive.read("a", reading(text)));
  EXPECT_EQ(text, "text");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FolderArchiveTest, TellsAMissingFileFromAMissingFolder) {
  EXPECT_EQ(FolderArchive(folder).read("a", refuse).error().code, Code::not_found);
  FolderArchive nowhere(folder / "nowhere");
  EXPECT_EQ(nowhere.read("a", refuse).error().code, Code::unavailable);
  EXPECT_EQ(nowhere.add("a", filled("text"), refuse).error().code, Code::unavailable);
}

TEST_F(FolderArchiveTest, RefusesWhatIsNoOrdinaryFile) {
  fs::create_directory(folder / "a");
  EXPECT_EQ(FolderArchive(folder).read("a", reading(text)).error().code, Code::corrupt);
  std::ofstream(folder / "b") << "text";
  fs::create_symlink(folder / "b", folder / "c");
  EXPECT_FALSE(FolderArchive(folder).read("c", reading(text)));
}

TEST_F(FolderArchiveTest, LeavesNothingWhereThereIsNoRoom) {
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto full = FolderArchive(folder).add("a", filled(std::string(8192, 'x')), reading(text));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::unavailable);
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace coffer::server
