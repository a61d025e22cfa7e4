#include "apps/server/rotation_programs.h"

#include "apps/server/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace coffer::server {
namespace {

std::string run(std::vector<std::string> command, int seconds = 20) {
  RotationProgram program;
  program.name = "f";
  program.arn = "arn:f";
  program.command = std::move(command);
  program.timeout = std::chrono::seconds(seconds);
  const auto functions = make_rotation_functions({program});
  EXPECT_EQ(functions.find("other"), nullptr);
  EXPECT_NE(functions.find("f"), nullptr);
  const auto* const function = functions.find("arn:f");
  if (function == nullptr) return "not listed";
  const Result<> done = (*function)(R"({"Step":"createSecret"})");
  return done ? "" : done.error().message;
}

TEST(RotationPrograms, CommandGetsTheEventOnItsStandardInput) {
  const auto file =
      std::filesystem::temp_directory_path() / ("rotation-" + std::to_string(::getpid()));
  ::setenv("COFFER_TEST_SECRET", "canary", 1);
  EXPECT_EQ(run({"/bin/sh", "-c", "cat > \"$0\"; env >> \"$0\"", file.string()}), "");
  ::unsetenv("COFFER_TEST_SECRET");
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::filesystem::remove(file);
  EXPECT_TRUE(text.starts_with(R"({"Step":"createSecret"})")) << text;
  EXPECT_FALSE(text.contains("canary")) << "the server's environment stays with it";
}

TEST(RotationPrograms, CommandInheritsNoDescriptor) {
  const int open = ::socket(AF_INET, SOCK_STREAM, 0);  // as the listener's: without close-on-exec
  ASSERT_GE(open, 0);
  const std::string check = "test ! -e /proc/self/fd/" + std::to_string(open);
  EXPECT_EQ(run({"/bin/sh", "-c", check}), "");
  ::close(open);
}

TEST(RotationPrograms, WhatACommandStartedEndsWithItsTime) {
  const auto file = std::filesystem::temp_directory_path() / ("late-" + std::to_string(::getpid()));
  EXPECT_EQ(run({"/bin/sh", "-c", "(sleep 3; touch \"$0\") & wait", file.string()}, 1),
            "the rotation command took too long");
  std::this_thread::sleep_for(std::chrono::seconds(3));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(RotationPrograms, FailuresAreTold) {
  EXPECT_EQ(run({"/bin/sh", "-c", "exit 3"}), "the rotation command failed");
  EXPECT_EQ(run({"/bin/sh", "-c", "kill -9 $$"}), "the rotation command failed");
  EXPECT_EQ(run({"/nonexistent/program"}), "the rotation command cannot be started");
  EXPECT_EQ(run({"/bin/sleep", "60"}, 1), "the rotation command took too long");
  EXPECT_EQ(run({"/bin/true"}), "") << "one that does not read";
}

TEST(RotationPrograms, ConfigurationSaysWhatMayRun) {
  const std::string storage = "[storage]\npath = \"/x\"\n";

  struct Case {
    std::string_view text;
    std::string_view error;
  };

  const Case cases[] = {
      {"command = [\"/bin/true\"]\ntimeout_seconds = 5", ""},
      {"arn = \"arn:f\"\nurl = \"https://host/path\"", ""},
      {"url = \"http://127.0.0.1:1/f\"", ""},
      {"url = \"http://127.0.0.1.example/f\"",
       "aws.rotation_function.f.url must begin with https:// beyond this machine"},
      {"url = \"http://host/f\"",
       "aws.rotation_function.f.url must begin with https:// beyond this machine"},
      {"command = [\"true\"]", "aws.rotation_function.f.command must begin with an absolute path"},
      {"arn = \"arn:f\"", "aws.rotation_function.f needs url or command, and not both"},
      {"command = [\"/bin/true\"]\nurl = \"https://host\"",
       "aws.rotation_function.f needs url or command, and not both"},
      {"comand = [\"/bin/true\"]", "aws.rotation_function must be without the key comand"},
  };
  for (const Case& one : cases) {
    const auto config =
        parse_config(storage + "[aws.rotation_function.f]\n" + std::string(one.text));
    EXPECT_EQ(config ? "" : config.error().message, one.error) << one.text;
  }
}

}  // namespace
}  // namespace coffer::server
