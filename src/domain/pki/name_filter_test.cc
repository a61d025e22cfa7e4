// The matrix of constraints: every kind of name, whether it comes from a request's fields or from a
// CSR, against every setting that could let it through.
#include "domain/pki/name_filter.h"

#include "domain/pki/issuance.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::domain {
namespace {

// A role that allows nothing but what a test turns on.
CertificateRole closed() {
  CertificateRole role;
  role.allow_localhost = false;
  role.allow_ip_sans = false;
  role.allow_wildcard_certificates = false;
  role.require_cn = false;
  return role;
}

bool host_passes(const CertificateRole& role, std::string_view name) {
  RequestedNames by_common_name;
  by_common_name.subject.add(crypto::attribute::kCommonName, name);
  RequestedNames by_names;
  (name.contains('@') ? by_names.names.email : by_names.names.dns).emplace_back(name);
  const bool one = check_requested(role, by_common_name).has_value();
  const bool other = check_requested(role, by_names).has_value();
  EXPECT_EQ(one, other) << name << ": the common name passes the same filter as the others";
  return one;
}

struct HostCase {
  const char* name;
  bool bare;
  bool subdomain;
  bool glob;  // with "*.glob.test" and "w*.example.com" allowed
};

TEST(NameFilter, HostsNeedTheRuleThatNamesThem) {
  constexpr std::array kCases{
      HostCase{"example.com", true, false, false},
      HostCase{"EXAMPLE.com", true, false, false},
      HostCase{"www.example.com", false, true, true},
      HostCase{"a.b.example.com", false, true, false},
      HostCase{"x.glob.test", false, false, true},
      HostCase{"glob.test", false, false, false},
      HostCase{"badexample.com", false, false, false},
      HostCase{"example.com.evil.test", false, false, false},
      HostCase{"user@example.com", true, false, false},
      HostCase{"user@www.example.com", false, true, true},
      HostCase{"localhost", false, false, false},
  };
  for (const HostCase& one : kCases) {
    CertificateRole role = closed();
    role.allowed_domains = {"example.com", "*.glob.test", "w*.example.com"};
    EXPECT_FALSE(host_passes(role, one.name)) << one.name << ": a list without a rule";
    role.allow_bare_domains = true;
    EXPECT_EQ(host_passes(role, one.name), one.bare) << one.name << " bare";
    role.allow_bare_domains = false;
    role.allow_subdomains = true;
    EXPECT_EQ(host_passes(role, one.name), one.subdomain) << one.name << " subdomain";
    role.allow_subdomains = false;
    role.allow_glob_domains = true;
    EXPECT_EQ(host_passes(role, one.name), one.glob) << one.name << " glob";
  }
}

TEST(NameFilter, AnEmptyListAllowsNothing) {
  CertificateRole role = closed();
  role.allow_bare_domains = role.allow_subdomains = role.allow_glob_domains = true;
  EXPECT_FALSE(host_passes(role, "example.com"));
  role.allowed_domains = {""};
  EXPECT_FALSE(host_passes(role, "example.com"));
  EXPECT_FALSE(host_passes(role, "a."));
  role.allow_localhost = true;
  EXPECT_TRUE(host_passes(role, "localhost"));
}

TEST(NameFilter, AWildcardNeedsItsOwnPermission) {
  CertificateRole role = closed();
  role.allowed_domains = {"example.com"};
  role.allow_subdomains = true;
  EXPECT_FALSE(host_passes(role, "*.example.com"));
  role.allow_wildcard_certificates = true;
  EXPECT_TRUE(host_passes(role, "*.example.com"));
  EXPECT_TRUE(host_passes(role, "*.a.example.com"));
  for (const char* name : {"*",
                           "*.com",
                           "a.*.example.com",
                           "*a.example.com",
                           "*.*.example.com",
                           "*@example.com",
                           "user@*.example.com",
                           "*.evil.test"}) {
    EXPECT_FALSE(host_passes(role, name)) << name;
  }
}

TEST(NameFilter, AnyNameMustStillBeAName) {
  CertificateRole role = closed();
  role.allow_any_name = true;
  EXPECT_TRUE(host_passes(role, "anything.test"));
  for (const char* name :
       {"a b.test", "a..test", "-a.test", "a_.test/", "@a.test", "a@@b.test", "a@b@c"}) {
    EXPECT_FALSE(host_passes(role, name)) << name;
  }
  EXPECT_FALSE(host_passes(role, std::string(64, 'a') + ".test"));
  role.enforce_hostnames = false;
  EXPECT_TRUE(host_passes(role, "a b.test"));
  EXPECT_FALSE(host_passes(role, "a@b@c")) << "an address of mail is one whatever else";
}

TEST(NameFilter, CommonNamesAreOfTheKindsThatTheRoleSays) {
  CertificateRole role = closed();
  role.allow_any_name = true;
  RequestedNames mail;
  mail.subject.add(crypto::attribute::kCommonName, "a@b.test");
  RequestedNames words;
  words.subject.add(crypto::attribute::kCommonName, "Some Words");
  EXPECT_TRUE(check_requested(role, mail));
  EXPECT_FALSE(check_requested(role, words));
  role.cn_validations = {"hostname"};
  EXPECT_FALSE(check_requested(role, mail));
  role.cn_validations = {"disabled"};
  EXPECT_TRUE(check_requested(role, words));
  role.require_cn = true;
  EXPECT_FALSE(check_requested(role, RequestedNames()));
}

TEST(NameFilter, AddressesNeedTheirPermissionAndStayInTheirBlocks) {
  RequestedNames v4;
  v4.names.ip = {{10, 1, 2, 3}};
  RequestedNames v6;
  v6.names.ip = {Bytes{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  // The address of version 4 in the clothes of version 6 does not leave its block.
  RequestedNames mapped;
  mapped.names.ip = {Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 0, 1}};
  CertificateRole role = closed();
  EXPECT_FALSE(check_requested(role, v4));
  role.allow_ip_sans = true;
  EXPECT_TRUE(check_requested(role, v4));
  EXPECT_TRUE(check_requested(role, v6));
  role.allowed_ip_sans_cidr = {"10.0.0.0/8", "::/0"};
  EXPECT_TRUE(check_requested(role, v4));
  EXPECT_TRUE(check_requested(role, v6));
  EXPECT_FALSE(check_requested(role, mapped));
}

TEST(NameFilter, EveryOtherKindNeedsAPatternOfItsOwn) {
  RequestedNames uri;
  uri.names.uri = {"spiffe://example/app"};
  RequestedNames other;
  other.names.other = {{"1.3.6.1.4.1.311.20.2.3", "user@example.com"}};
  RequestedNames serial;
  serial.subject.add(crypto::attribute::kSerialNumber, "12-34");
  RequestedNames user;
  user.subject.add(crypto::attribute::kUserId, "root");
  CertificateRole role = closed();
  role.allow_any_name = true;
  for (const auto& requested : {uri, other, serial, user}) {
    EXPECT_FALSE(check_requested(role, requested));
  }
  role.allowed_uri_sans = {"spiffe://example/*"};
  role.allowed_other_sans = {"1.3.6.1.4.1.311.20.2.3;UTF8:*@example.com"};
  role.allowed_serial_numbers = {"12-*"};
  role.allowed_user_ids = {"root"};
  for (const auto& requested : {uri, other, serial, user}) {
    EXPECT_TRUE(check_requested(role, requested));
  }
  other.names.other[0].type = "1.2.3";
  uri.names.uri = {"spiffe://other/app"};
  EXPECT_FALSE(check_requested(role, other));
  EXPECT_FALSE(check_requested(role, uri));
}

TEST(NameFilter, NamesOfACsrAndOfARequestAreTheSame) {
  CertificateRequest by_fields;
  by_fields.common_name = "www.example.com";
  by_fields.alt_names = {"a.example.com", "u@example.com"};
  by_fields.ip_sans = {"192.0.2.1", "2001:db8::1"};
  by_fields.uri_sans = {"spiffe://x/y"};
  by_fields.other_sans = {"1.2.3;UTF8:v"};
  const RequestedNames of_fields = *Issuance::names_of(closed(), by_fields);
  CertificateRequest by_csr;
  by_csr.csr.emplace();
  by_csr.csr->subject = of_fields.subject;
  by_csr.csr->names = of_fields.names;
  const RequestedNames of_csr = *Issuance::names_of(closed(), by_csr);
  EXPECT_EQ(of_csr.names, of_fields.names);
  EXPECT_EQ(of_csr.subject, of_fields.subject);
  EXPECT_EQ(of_fields.names.dns, (std::vector<std::string>{"a.example.com", "www.example.com"}));
  EXPECT_EQ(of_fields.names.ip.size(), 2U);
}

TEST(NameFilter, TheRoleDecidesWhatOfACsrCounts) {
  CertificateRequest request;
  request.common_name = "field.example.com";
  request.csr.emplace();
  request.csr->subject.add(crypto::attribute::kCommonName, "csr.example.com");
  request.csr->subject.add(crypto::attribute::kOrganization, "Evil");
  request.csr->names.dns = {"hidden.example.com"};
  CertificateRole role = closed();
  role.use_csr_sans = false;
  role.use_csr_common_name = false;
  const RequestedNames fields = *Issuance::names_of(role, request);
  EXPECT_EQ(fields.subject.first(crypto::attribute::kCommonName), "field.example.com");
  EXPECT_EQ(fields.subject.first(crypto::attribute::kOrganization), "");
  EXPECT_EQ(fields.names.dns, (std::vector<std::string>{"field.example.com"}));
  const RequestedNames csr = *Issuance::names_of(closed(), request);
  EXPECT_EQ(csr.names.dns, (std::vector<std::string>{"hidden.example.com", "csr.example.com"}));
}

TEST(Glob, MatchesStarsAndNothingElse) {
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*c", "abc"));
  EXPECT_TRUE(matches_glob("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches_glob("a*c", "abcd"));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("a.c", "abc"));
  EXPECT_FALSE(matches_glob("*a*a*a*a*a*b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace coffer::domain
