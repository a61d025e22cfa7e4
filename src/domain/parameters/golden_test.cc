// The members of every row of parameters as the first release wrote them: tests/golden/
// parameter_rows.txt has a line "<name> <clear members>" in hexadecimal for each. Never changed for
// rows that exist.
#include "base/encoding.h"
#include "domain/parameters/parameter_rows.h"
#include "domain/parameters/service_settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace coffer::domain {
namespace {

const std::string kPath =
    (std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/parameter_rows.txt")
        .string();
constexpr Timestamp kThen{1'700'000'000'000'000'000};

template <rows::Row R>
std::string encoded(const R& row) {
  Bytes clear;
  Writer writer(clear);
  rows::detail::encode_members(row, false, writer);
  return hex_encode(clear);
}

template <rows::Row R>
R decoded(const std::string& text) {
  R row;
  const Bytes clear = hex_decode(text).value();
  EXPECT_TRUE(rows::detail::decode_members(row, false, R::kVersion, clear));
  return row;
}

ParameterVersion version() {
  return {.number = 3,
          .type = ParameterType::secure_string,
          .tier = ParameterTier::advanced,
          .data_type = "text",
          .allowed_pattern = "^[a-z]+$",
          .description = "of the database",
          .key_id = "alias/aws/ssm",
          .policies = "[]",
          .modified = kThen,
          .modified_by = "arn:aws:iam::123456789012:user/bob"};
}

ParameterRow parameter() {
  ParameterRow row;
  *row.mount = to_bytes("12345678");
  *row.path = "a/b";
  *row.uid = to_bytes("abcdefgh");
  *row.name = "/a/b";
  *row.region = "eu-north-1";
  *row.current = version();
  *row.labels = {{"live", 2}};
  *row.tags = {{"team", "blue"}};
  *row.expires = kThen;
  *row.sharing = {{"id", "hash", "{}"}};
  return row;
}

ParameterVersionRow older() {
  ParameterVersionRow row;
  *row.mount = to_bytes("12345678");
  *row.uid = to_bytes("abcdefgh");
  *row.version = version();
  return row;
}

ServiceSettingsRow settings() {
  ServiceSettingsRow row;
  *row.chosen = {{"/ssm/parameter-store/default-parameter-tier", {"Advanced", kThen, "bob"}}};
  return row;
}

std::map<std::string, std::string> golden() {
  std::map<std::string, std::string> lines;
  std::ifstream file(kPath);
  std::string name;
  std::string text;
  while (file >> name >> text) lines[name] = text;
  return lines;
}

TEST(ParameterGolden, RowsAreWrittenAndReadAsEver) {
  const auto lines = golden();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(encoded(parameter()), lines.at("parameter"));
  EXPECT_EQ(encoded(older()), lines.at("version"));
  EXPECT_EQ(encoded(settings()), lines.at("settings"));
  EXPECT_EQ(encoded(decoded<ParameterRow>(lines.at("parameter"))), lines.at("parameter"));
  EXPECT_EQ(encoded(decoded<ParameterVersionRow>(lines.at("version"))), lines.at("version"));
  EXPECT_EQ(encoded(decoded<ServiceSettingsRow>(lines.at("settings"))), lines.at("settings"));
}

}  // namespace
}  // namespace coffer::domain
