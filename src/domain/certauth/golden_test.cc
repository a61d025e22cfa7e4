// The members of every row of this folder, as the first release wrote them:
// tests/golden/cert_rows.txt has a line "<name> <clear members>" in hexadecimal for each. Written
// by COFFER_WRITE_GOLDEN=1, once; never again for rows that exist.
#include "base/encoding.h"
#include "domain/certauth/cert_rows.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace coffer::domain {
namespace {

const std::string kPath =
    (std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/cert_rows.txt")
        .string();
const Bytes kMount = to_bytes("\x01mount\xff!");

template <rows::Row R>
std::string encoded(const R& row) {
  Bytes clear;
  Writer writer(clear);
  rows::detail::encode_members(row, false, writer);
  return hex_encode(clear);
}

CertRoleRow role() {
  CertRoleRow row;
  row.mount = kMount;
  row.name = std::string("web");
  row.pem = std::string("pem");
  row.trusted = std::vector<TrustedCertificate>{{Bytes{0x30, 0}, Bytes{1}, true}};
  row.constraints = CertConstraints{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"1.2.3:g"}, {"1.2"}};
  row.display_name = std::string("shown");
  row.token->policies = {"dev"};
  return row;
}

CertConfigRow config() {
  CertConfigRow row;
  row.mount = kMount;
  row.disable_binding = true;
  return row;
}

CertListRow list() {
  CertListRow row;
  row.mount = kMount;
  row.name = std::string("list");
  row.issuer_der = Bytes{0x30, 1};
  row.der = Bytes{0x30, 2};
  return row;
}

std::map<std::string, std::string> written_now() {
  return {{"role", encoded(role())}, {"config", encoded(config())}, {"list", encoded(list())}};
}

std::map<std::string, std::string> golden() {
  std::map<std::string, std::string> lines;
  std::ifstream file(kPath);
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    lines.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return lines;
}

template <rows::Row R>
R opened(const std::string& name) {
  R row;
  const Bytes clear = *hex_decode(golden().at(name));
  EXPECT_TRUE(rows::detail::decode_members(row, false, 1, clear)) << name;
  return row;
}

TEST(CertRows, AreEncodedAsTheFirstReleaseDid) {
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    std::ofstream file(kPath);
    for (const auto& [name, members] : written_now()) file << name << ' ' << members << '\n';
  }
  EXPECT_EQ(written_now(), golden());
}

TEST(CertRows, OfTheFirstReleaseAreRead) {
  const auto role = opened<CertRoleRow>("role");
  EXPECT_TRUE(role.trusted->front().authority);
  EXPECT_EQ(role.constraints->metadata_extensions.front(), "1.2");
  EXPECT_EQ(role.token->policies.front(), "dev");
  EXPECT_TRUE(*opened<CertConfigRow>("config").disable_binding);
  EXPECT_EQ(*opened<CertListRow>("list").der, (Bytes{0x30, 2}));
  EXPECT_EQ(hex_encode(opened<CertListRow>("list").key()), "016d6f756e74ff216c697374");
}

}  // namespace
}  // namespace coffer::domain
