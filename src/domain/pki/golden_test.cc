// The members of every row of this folder, as the first release wrote them:
// tests/golden/pki_rows.txt has a line "<name> <clear members> <sealed members>" in hexadecimal for
// each; "_v2" of those that got a member since. Written by COFFER_WRITE_GOLDEN=1, once; never again
// for rows that exist.
#include "base/encoding.h"
#include "domain/pki/pki_rows.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace coffer::domain {
namespace {

const std::string kPath =
    (std::filesystem::path(__FILE__).parent_path() / "../../../tests/golden/pki_rows.txt").string();
const Bytes kMount = to_bytes("\x01mount\xff!");
const std::string kId = "00000000-0000-4000-8000-000000000001";

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

AuthorityRow authority() {
  AuthorityRow row;
  row.mount = kMount;
  row.default_issuer = kId;
  row.default_key = kId;
  row.default_follows_latest = true;
  row.urls = PkiUrls{{"http://a"}, {"http://b"}, {"http://c"}, {"http://d"}};
  row.tidy_before = Timestamp{1'700'000'000'000'000'000};
  return row;
}

AuthorityKeyRow key() {
  AuthorityKeyRow row;
  row.mount = kMount;
  row.id = kId;
  row.name = std::string("key");
  row.kind = crypto::KeyKind::ecdsa_p384;
  row.public_key = Bytes{1, 2, 3};
  row.pkcs8 = secure::SecureBytes(Bytes{4, 5, 6});
  return row;
}

IssuerRow issuer() {
  IssuerRow row;
  row.mount = kMount;
  row.id = kId;
  row.name = std::string("issuer");
  row.key_id = kId;
  row.certificate = Bytes{0x30, 0};
  row.manual_chain = std::vector<std::string>{kId};
  row.chain = std::vector<std::string>{kId};
  row.usage = issuer_usage::kIssuing | issuer_usage::kOcspSigning;
  row.not_after_behavior = NotAfterBehavior::truncate;
  row.revoked_at = Timestamp{7};
  row.replaces = std::vector<std::string>{kId};
  return row;
}

CertificateRoleRow role() {
  CertificateRoleRow row;
  row.mount = kMount;
  row.name = std::string("web");
  row.role->ttl = std::chrono::hours(1);
  row.role->allowed_domains = {"example.com"};
  row.type = CertificateType::agent;
  return row;
}

CertificateRow certificate() {
  CertificateRow row;
  row.mount = kMount;
  row.serial = Bytes{1, 2};
  row.issuer_id = kId;
  row.der = Bytes{0x30, 0};
  row.not_after = Timestamp{9};
  row.entity_id = std::string("entity");
  row.type = CertificateType::agent;
  return row;
}

RevocationRow revocation() {
  RevocationRow row;
  row.mount = kMount;
  row.issuer_id = kId;
  row.serial = Bytes{1, 2};
  row.at = Timestamp{8};
  row.reason = crypto::RevocationReason::superseded;
  row.not_after = Timestamp{9};
  return row;
}

std::map<std::string, std::string> written_now() {
  return {{"authority", encoded(authority())},
          {"key", encoded(key())},
          {"issuer_v2", encoded(issuer())},
          {"role_v2", encoded(role())},
          {"certificate_v2", encoded(certificate())},
          {"revocation", encoded(revocation())}};
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

TEST(PkiRows, AreEncodedAsTheFirstReleaseDid) {
  if (std::getenv("COFFER_WRITE_GOLDEN") != nullptr) {
    std::ofstream file(kPath, std::ios::app);
    for (const auto& [name, members] : written_now()) file << name << ' ' << members << '\n';
  }
  for (const auto& [name, members] : written_now()) EXPECT_EQ(members, golden()[name]) << name;
}

// Of the octets of the file, not of this test's own.
template <rows::Row R>
R opened(const std::string& name) {
  std::istringstream parts(golden().at(name));
  std::string clear;
  std::string sealed;
  parts >> clear >> sealed;
  R row;
  const Bytes clear_octets = *hex_decode(clear);
  const Bytes sealed_octets = sealed == "-" ? Bytes() : *hex_decode(sealed);
  EXPECT_TRUE(rows::detail::decode_members(row, false, 1, clear_octets)) << name;
  EXPECT_TRUE(rows::detail::decode_members(row, true, 1, sealed_octets)) << name;
  return row;
}

TEST(PkiRows, OfTheFirstReleaseAreRead) {
  EXPECT_EQ(opened<AuthorityRow>("authority").urls->ocsp_servers.front(), "http://d");
  EXPECT_EQ(*opened<AuthorityKeyRow>("key").kind, crypto::KeyKind::ecdsa_p384);
  EXPECT_TRUE(secure::equal(opened<AuthorityKeyRow>("key").pkcs8->view(), Bytes{4, 5, 6}));
  EXPECT_EQ(*opened<IssuerRow>("issuer").not_after_behavior, NotAfterBehavior::truncate);
  EXPECT_TRUE(opened<IssuerRow>("issuer").replaces->empty());
  EXPECT_EQ(opened<CertificateRoleRow>("role").role->allowed_domains.front(), "example.com");
  EXPECT_EQ(*opened<CertificateRow>("certificate").entity_id, "entity");
  EXPECT_EQ(*opened<CertificateRow>("certificate").type, CertificateType::other);
  EXPECT_EQ(*opened<CertificateRoleRow>("role").type, CertificateType::other);
  EXPECT_EQ(*opened<RevocationRow>("revocation").reason, crypto::RevocationReason::superseded);
}

// Keys and index entries are on disk as well.
TEST(PkiRows, HaveTheirKeysAndEntries) {
  EXPECT_EQ(hex_encode(certificate().key()), "016d6f756e74ff210102");
  EXPECT_EQ(hex_encode(revocation().key()),
            "016d6f756e74ff21" + hex_encode(as_bytes(kId)) + "0102");
  ASSERT_EQ(certificate().index().size(), 3U);
  EXPECT_EQ(certificate().index()[2].index, store::IndexId(643));
  EXPECT_EQ(hex_encode(certificate().index()[2].key),
            "016d6f756e74ff21" + hex_encode(as_bytes("entity")) + "000102");
  EXPECT_EQ(certificate().index()[1].index, store::IndexId(642));
  EXPECT_EQ(hex_encode(certificate().index()[1].key), "016d6f756e74ff2100000000000000090102");
  EXPECT_EQ(certificate().index()[0].index, store::IndexId(641));
  EXPECT_EQ(revocation().index()[0].index, store::IndexId(651));
}

}  // namespace
}  // namespace coffer::domain
