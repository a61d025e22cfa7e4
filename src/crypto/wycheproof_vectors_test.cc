#include "crypto/wycheproof_vectors.h"

#include "base/encoding.h"

#include <boost/json/src.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace coffer::crypto {
namespace {

std::filesystem::path folder() {
  const char* shared = std::getenv("COFFER_SHARED");
  const std::filesystem::path root =
      shared != nullptr
          ? std::filesystem::path(shared)
          : std::filesystem::path(__FILE__).parent_path() / ".." / ".." / ".." / "shared";
  return root / "vectors" / "wycheproof";
}

}  // namespace

std::optional<boost::json::object> wycheproof_file(std::string_view name) {
  if (!std::filesystem::is_directory(folder())) return std::nullopt;
  std::ifstream in(folder() / name, std::ios::binary);
  if (!in) throw std::runtime_error("missing vectors: " + std::string(name));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return boost::json::parse(text).as_object();
}

Bytes hex_member(const boost::json::object& from, std::string_view member) {
  return *hex_decode(text_member(from, member));
}

std::string text_member(const boost::json::object& from, std::string_view member) {
  return std::string(from.at(member).as_string());
}

std::size_t number_member(const boost::json::object& from, std::string_view member) {
  return from.at(member).to_number<std::size_t>();
}

std::string describe(const boost::json::object& test) {
  return "tcId " + std::to_string(number_member(test, "tcId")) + ", " +
         text_member(test, "result") + ": " + text_member(test, "comment");
}

Outcome judge(const boost::json::object& test, bool accepted) {
  const std::string result = text_member(test, "result");
  if (result == "acceptable") return Outcome::as_expected;
  return accepted == (result == "valid") ? Outcome::as_expected : Outcome::wrong;
}

void run_wycheproof(std::string_view file, std::size_t not_applicable, const Check& check) {
  const auto vectors = wycheproof_file(file);
  if (!vectors) GTEST_SKIP() << "skipped: no Wycheproof vectors beside the checkout";
  std::size_t ran = 0;
  std::size_t left_out = 0;
  for (const auto& group : vectors->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const Outcome outcome = check(group.as_object(), test.as_object());
      ++(outcome == Outcome::not_applicable ? left_out : ran);
      EXPECT_NE(outcome, Outcome::wrong) << file << " " << describe(test.as_object());
    }
  }
  EXPECT_GT(ran, 0U) << file;
  EXPECT_EQ(left_out, not_applicable) << file;
  EXPECT_EQ(ran + left_out, number_member(*vectors, "numberOfTests")) << file;
  testing::Test::RecordProperty("vectors", static_cast<int>(ran));
}

TEST(WycheproofVectors, JudgesAnswers) {
  const auto test = [](std::string_view result) { return boost::json::object{{"result", result}}; };
  EXPECT_EQ(judge(test("valid"), true), Outcome::as_expected);
  EXPECT_EQ(judge(test("valid"), false), Outcome::wrong);
  EXPECT_EQ(judge(test("invalid"), true), Outcome::wrong);
  EXPECT_EQ(judge(test("invalid"), false), Outcome::as_expected);
  EXPECT_EQ(judge(test("acceptable"), false), Outcome::as_expected);
}

}  // namespace coffer::crypto
