// The members of every row of IAM, and the body of a session token, as the first release wrote
// them: tests/golden/aws_rows.txt has a line "<name> <clear members> <sealed members>" in
// hexadecimal for each. Written by COFFER_WRITE_GOLDEN=1, once; never again for rows that exist.
#include "base/encoding.h"
#include "domain/auth/aws_session.h"
#include "domain/identity/aws_rows.h"
#include "domain/identity/policies.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace coffer::domain {
namespace {

const std::string kPath =
    (std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/aws_rows.txt").string();
constexpr Timestamp kThen{1'700'000'000'000'000'000};

template <rows::Row R>
std::string encoded(const R& row) {
  Bytes clear;
  Bytes sealed;
  Writer clear_writer(clear);
  Writer sealed_writer(sealed);
  rows::detail::encode_members(row, false, clear_writer);
  rows::detail::encode_members(row, true, sealed_writer);
  return hex_encode(clear) + " " + (sealed.empty() ? "-" : hex_encode(sealed));
}

AwsGrants grants() {
  return {.attached = {"arn:aws:iam::aws:policy/ReadOnlyAccess"},
          .embedded = {{"own", {"{}", 7}}},
          .tags = {{"Team", "red"}}};
}

AwsUserRow user() {
  AwsUserRow row;
  row.name = std::string("Bob");
  row.path = std::string("/team/");
  row.id = std::string("AIDAAAAAAAAAAAAAAAAA");
  row.created = kThen;
  row.grants = grants();
  return row;
}

AwsRoleRow role() {
  AwsRoleRow row;
  row.name = std::string("Reader");
  row.path = std::string("/");
  row.id = std::string("AROAAAAAAAAAAAAAAAAA");
  row.created = kThen;
  row.grants = grants();
  row.trust = std::string("{}");
  row.trust_version = 9;
  row.description = std::string("reads");
  row.max_session = Duration(std::chrono::hours(2));
  return row;
}

AwsAccessKeyRow key() {
  AwsAccessKeyRow row;
  row.id = std::string("AKIAAAAAAAAAAAAAAAAA");
  row.user = std::string("Bob");
  row.user_id = std::string("AIDAAAAAAAAAAAAAAAAA");
  row.active = false;
  row.created = kThen;
  row.secret = secure::SecureText("secret");
  return row;
}

AwsKeyUseRow use() {
  AwsKeyUseRow row;
  row.id = std::string("AKIAAAAAAAAAAAAAAAAA");
  row.last = kThen;
  row.service = std::string("kms");
  row.region = std::string("us-east-1");
  return row;
}

PolicyRow managed_policy() {
  PolicyRow row;
  row.name = std::string("iam:app");
  row.language = std::uint8_t{3};
  row.version = 2;
  row.text = std::string("{}");
  row.modified = kThen;
  row.labels = std::map<std::string, std::string>{{"name", "App"}};
  return row;
}

std::string session() {
  AwsSession session;
  session.access_key_id = "ASIAAAAAAAAAAAAAAAAA";
  session.secret = secure::SecureText("secret");
  session.kind = AwsSessionKind::federated;
  session.principal = "Bob";
  session.principal_id = "AIDAAAAAAAAAAAAAAAAA";
  session.name = "guest";
  session.issued = kThen;
  session.expires = kThen + std::chrono::hours(1);
  session.policy = "{}";
  session.policy_arns = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
  session.tags = {{"Team", "red"}};
  session.transitive_tags = {"Team"};
  session.source_identity = "bob";
  session.provider = "https://issuer";
  session.parents = {{AwsParent::Kind::access_key, "AKIAAAAAAAAAAAAAAAAA", ""}};
  Bytes body;
  Writer w(body);
  rows::encode_value(w, session);
  return hex_encode(body) + " -";
}

std::map<std::string, std::string> present() {
  return {{"access_key", encoded(key())},
          {"key_use", encoded(use())},
          {"policy", encoded(managed_policy())},
          {"role", encoded(role())},
          {"session", session()},
          {"user", encoded(user())}};
}

TEST(AwsGolden, RowsAndTokensAreWrittenAsEver) {
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    std::ofstream out(kPath);
    for (const auto& [name, members] : present()) out << name << " " << members << "\n";
  }
  std::ifstream in(kPath);
  std::map<std::string, std::string> golden;
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    golden[line.substr(0, space)] = line.substr(space + 1);
  }
  EXPECT_EQ(present(), golden);
}

TEST(AwsGolden, ReadsPoliciesOfTheFirstVersion) {
  PolicyRow row = managed_policy();
  row.labels->clear();
  Bytes clear;
  Writer w(clear);
  rows::detail::encode_members(row, false, w);
  clear.pop_back();  // the count of labels, which version 1 did not have
  PolicyRow read;
  ASSERT_TRUE(rows::detail::decode_members(read, false, 1, clear));
  EXPECT_EQ(*read.name, "iam:app");
  EXPECT_TRUE(read.labels->empty());
  EXPECT_FALSE(rows::detail::decode_members(read, false, 2, clear));
}

}  // namespace
}  // namespace coffer::domain
