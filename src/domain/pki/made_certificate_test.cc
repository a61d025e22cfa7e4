// What make() says of a certificate is what the certificate says.
#include "domain/pki/issuance.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

CertificatePlan plan_for(bool authority) {
  CertificatePlan plan;
  plan.certificate.serial = Bytes(20, 0x47);
  plan.certificate.subject.add(crypto::attribute::kCommonName, "host.example.com");
  plan.certificate.names.dns = {"host.example.com"};
  plan.certificate.not_before = {1'700'000'000'123'456'789};
  plan.certificate.not_after = {1'800'000'000'987'654'321};
  plan.certificate.usage = crypto::key_usage::kDigitalSignature;
  if (authority) plan.certificate.constraints = crypto::BasicConstraints{.authority = true};
  plan.generate = crypto::KeyKind::ecdsa_p256;
  return plan;
}

TEST(MadeCertificate, SaysWhatTheCertificateSays) {
  for (const bool authority : {false, true}) {
    const auto made = make(plan_for(authority));
    ASSERT_TRUE(made) << made.error().message;
    const auto read = crypto::parse_certificate(made->der);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(made->serial, read->serial);
    EXPECT_EQ(made->not_before, read->not_before);
    EXPECT_EQ(made->not_after, read->not_after);
    EXPECT_EQ(made->authority, read->is_authority());
    EXPECT_EQ(made->authority, authority);
    ASSERT_TRUE(made->key);
    EXPECT_EQ(made->key->public_der(), read->public_key_der);
  }
}

TEST(MadeCertificate, IsNotMadeLargerThanOneThatIsRead) {
  CertificatePlan plan = plan_for(false);
  const std::string place = "https://host.example.com/" + std::string(2000, 'a');
  for (int i = 0; i < 40; ++i) plan.certificate.names.uri.push_back(place + std::to_string(i));
  const auto made = make(plan);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace coffer::domain
