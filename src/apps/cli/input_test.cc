// What may be handed in, and what is refused before a server is asked.
#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace coffer::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A file that is there while the object is.
class InputFile {
 public:
  explicit InputFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() /
              ("coffer-input-" + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << text;
  }

  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  ~InputFile() { std::filesystem::remove(path_); }

  [[nodiscard]] std::string word() const { return "@" + path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Input, RefusesWhatJsonCannotHold) {
  const std::string binary = "a\xff";
  const InputFile file(binary);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"secret", "put", "a", "-"},
                                                {"secret", "put", "a", "key=-"},
                                                {"secret", "put", "a", "key=" + file.word()},
                                                {"secret", "put", "a", file.word()},
                                                {"secret", "put", "a", "key=" + binary},
                                                {"secret", "put", "a", binary + "=value"},
                                                {"kv", "put", "secret/a", "key=-"},
                                                {"write", "a", "key=-"},
                                                {"policy", "write", "p", "-"},
                                                {"token", "lookup", "-"},
                                                {"unseal"}}) {
    FakeWorld world;
    world.answer(200, "{}");
    world.terminal.input = binary;
    EXPECT_EQ(world.run(words), kExitUsage) << testing::PrintToString(words);
    EXPECT_THAT(world.terminal.errors, HasSubstr("not UTF-8 text: encode it first"));
    EXPECT_THAT(world.script.requests, IsEmpty());
  }
}

TEST(Input, KeepsEveryOctetOfText) {
  FakeWorld world;
  world.answer(200, "{}");
  world.terminal.input = "\u00e4\r\n\n";
  EXPECT_EQ(world.run({"secret", "put", "a", "key=-"}), kExitOk);
  EXPECT_THAT(world.script.requests.back(), HasSubstr("{\"key\":\"\u00e4\\r\\n\\n\"}"));
}

TEST(Input, ReadsStandardInputOnce) {
  FakeWorld world;
  world.answer(200, "{}");
  world.terminal.input = "x";
  EXPECT_EQ(world.run({"secret", "put", "a", "user=-", "password=-"}), kExitUsage);
  EXPECT_THAT(world.terminal.errors, HasSubstr("standard input"));
  EXPECT_THAT(world.script.requests, IsEmpty());
}

TEST(Input, TakesTruthAsVaultSpellsIt) {
  struct Case {
    std::string word;
    std::string sent;  // empty: refused
  };

  for (const Case& c : {Case{"true", "true"},
                        Case{"T", "true"},
                        Case{"1", "true"},
                        Case{"TRUE", "true"},
                        Case{"False", "false"},
                        Case{"0", "false"},
                        Case{"f", "false"},
                        Case{"yes", ""},
                        Case{"tRue", ""},
                        Case{"", ""}}) {
    FakeWorld token;
    token.answer(200, "{}");
    const int code = token.run({"token", "create", "--renewable=" + c.word});
    FakeWorld metadata;
    metadata.answer(200, R"({"data":{"path":"kv/","type":"kv","options":{"version":"2"}}})");
    metadata.answer(204, "");
    metadata.run({"kv", "metadata", "put", "-cas-required=" + c.word, "kv/a"});
    if (c.sent.empty()) {
      EXPECT_EQ(code, kExitUsage) << c.word;
      EXPECT_THAT(token.script.requests, IsEmpty());
      EXPECT_THAT(metadata.script.requests, IsEmpty());
      continue;
    }
    EXPECT_THAT(token.script.requests.back(), HasSubstr("\"renewable\":" + c.sent));
    EXPECT_THAT(metadata.script.requests.back(), HasSubstr("\"cas_required\":" + c.sent));
  }
}

TEST(Input, NeedsNoHomeThatIsAFolder) {
  FakeWorld world;
  world.variables.clear();
  world.variables["HOME"] = "/dev/null";
  world.answer(200, R"({"sealed":false})");
  EXPECT_EQ(world.run({"status"}), kExitOk) << world.terminal.errors;
}

}  // namespace
}  // namespace coffer::cli
