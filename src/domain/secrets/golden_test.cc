// The clear members of the rows of secrets as the first release with them wrote them: tests/golden/
// secret_rows.txt has a line "<name> <clear members>" in hexadecimal for each. Never changed for
// rows that exist.
#include "base/encoding.h"
#include "domain/realms/erasures.h"
#include "domain/secrets/kv_rows.h"
#include "domain/secrets/secret_side_rows.h"
#include "domain/secrets/secret_uses.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace coffer::domain {
namespace {

const std::string kPath =
    (std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/secret_rows.txt")
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
Result<R> decoded(const std::string& text, std::uint8_t version = R::kVersion) {
  R row;
  const Bytes clear = hex_decode(text).value();
  COFFER_CHECK(rows::detail::decode_members(row, false, version, clear));
  return row;
}

SecretRow plain() {
  SecretRow row;
  *row.mount = to_bytes("12345678");
  *row.path = "a/b";
  *row.uid = to_bytes("abcdefgh");
  *row.created = kThen;
  *row.updated = kThen;
  *row.current = 1;
  *row.versions = {{.number = 1, .created = kThen}};
  *row.current_value = to_bytes("sealed");
  *row.slots = {0};
  *row.current_author = "bob";
  return row;
}

SecretRow managed() {
  SecretRow row = plain();
  SecretExtra& extra = row.extra->emplace();
  extra.region = "eu-north-1";
  extra.description = "of the database";
  extra.type = "t";
  extra.owning_service = "rds";
  extra.kms_key = "alias/k";
  extra.tags = {{"team", "blue"}};
  extra.stages = {{"AWSPENDING", 2}, {"AWSPREVIOUS", 1}};
  extra.marks = {{2, "token", ValueKind::none}};
  extra.wrap = DataKeyWrap{.key_mount = to_bytes("87654321"),
                           .key_name = "k",
                           .key_uid = to_bytes("0123456789abcdef"),
                           .key_version = 3,
                           .blob = to_bytes("wrapped")};
  extra.rotation = Rotation{.function = "arn:f",
                            .enabled = true,
                            .after_days = 30,
                            .schedule = "rate(30 days)",
                            .window = "3h",
                            .last = kThen,
                            .next = kThen};
  extra.deletion = kThen;
  extra.policy_revision = 7;
  extra.replicas = {{"us-east-1", "alias/r"}};
  return row;
}

SecretPolicyRow policy() {
  SecretPolicyRow row;
  *row.mount = to_bytes("12345678");
  *row.uid = to_bytes("abcdefgh");
  *row.revision = 7;
  *row.text = "{}";
  return row;
}

SecretUseRow uses() {
  SecretUseRow row;
  *row.mount = to_bytes("12345678");
  *row.uid = to_bytes("abcdefgh");
  *row.days = {{1, 19675}};
  return row;
}

RotationRow rotation() {
  RotationRow row;
  *row.mount = to_bytes("12345678");
  *row.uid = to_bytes("abcdefgh");
  *row.path = "a/b";
  *row.token = "token";
  *row.step = RotationStep::test;
  *row.test_only = true;
  *row.attempts = 2;
  *row.retry = kThen;
  *row.started = kThen;
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

TEST(SecretGolden, RowsAreWrittenAndReadAsEver) {
  const auto lines = golden();
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(encoded(plain()), lines.at("plain"));
  EXPECT_EQ(encoded(managed()), lines.at("managed"));
  EXPECT_EQ(encoded(policy()), lines.at("policy"));
  EXPECT_EQ(encoded(uses()), lines.at("uses"));
  EXPECT_EQ(encoded(rotation()), lines.at("rotation"));
  EXPECT_EQ(encoded(*decoded<SecretRow>(lines.at("managed"))), lines.at("managed"));
  EXPECT_EQ(encoded(*decoded<SecretPolicyRow>(lines.at("policy"))), lines.at("policy"));
  EXPECT_EQ(encoded(*decoded<SecretUseRow>(lines.at("uses"))), lines.at("uses"));
  EXPECT_EQ(encoded(*decoded<RotationRow>(lines.at("rotation"))), lines.at("rotation"));
}

// A secret that only KV knows takes one octet more than before there was an extra.
TEST(SecretGolden, RowsOfVersionFourAreRead) {
  std::string text = golden().at("plain");
  ASSERT_TRUE(text.ends_with("00"));
  text.resize(text.size() - 2);
  const auto row = decoded<SecretRow>(text, 4);
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->extra->has_value());
  EXPECT_EQ(*row->current_author, "bob");
  EXPECT_FALSE(decoded<SecretRow>(text)) << "of the present version it would be cut short";
}

// Before the values of erased secrets had erasures of their own.
TEST(SecretGolden, ErasuresOfTheFirstVersionAreRead) {
  const std::string first = "01083132333435363738057465616d2f17979cfe362a00000000000000000003";
  const auto row = decoded<ErasureRow>(first, 1);
  ASSERT_TRUE(row);
  EXPECT_EQ(*row->what, Removed::mount);
  EXPECT_EQ(as_text(*row->prefix), "12345678");
  EXPECT_EQ(*row->name, "team/");
  EXPECT_EQ(*row->removed, kThen);
  EXPECT_EQ(*row->rows, 3U);
  EXPECT_EQ(encoded(*row), first + "00");
  EXPECT_EQ(*decoded<ErasureRow>(first + "010000000000000007")->slots,
            (std::vector<std::uint64_t>{7}));
}

}  // namespace
}  // namespace coffer::domain
