// Serial numbers of new certificates, and the places of their rows.
#include "domain/pki/issuance.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace coffer::domain {
namespace {

constexpr std::size_t kOctets = 20;
constexpr std::size_t kOfTime = 6;

class SerialNumbers : public testing::Test {
 protected:
  SerialNumbers() {
    mount_.id = to_bytes("\x01mount\xff!");
    request_.common_name = "host.example.com";
    request_.ttl = std::chrono::hours(1);
    role_.key_type = "ec";
  }

  Bytes next() { return next_at(world_.clock.now()); }

  Bytes next_at(Timestamp now) {
    work::View view(*world_.rows, work::kTestRealm, now, *world_.random);
    Issuance issuance(view, mount_, state_);
    return work::TestWorld::value(issuance.plan_root(role_, request_, {}, nullptr))
        .certificate.serial;
  }

  work::TestWorld world_;
  Mount mount_;
  PkiState state_;
  CertificateRole role_ = verbatim_role();
  CertificateRequest request_;
};

TEST_F(SerialNumbers, ArePositiveAndAlwaysTwentyOctets) {
  for (const std::int64_t at : {std::int64_t{0}, std::int64_t{1} << 40U, std::int64_t{1} << 62U}) {
    const Bytes serial = next_at({at});
    EXPECT_EQ(serial.size(), kOctets) << at;
    EXPECT_EQ(serial[0] & 0xc0U, 0x40U) << at;
  }
}

// Neighbours in time are neighbours in the store: of a million rows the last pages change.
TEST_F(SerialNumbers, AscendWithTime) {
  Bytes before = next();
  for (int i = 0; i < 1000; ++i) {
    world_.clock.advance(std::chrono::nanoseconds(65'536));
    Bytes serial = next();
    EXPECT_LT(before, serial);
    before = std::move(serial);
  }
  world_.clock.advance(std::chrono::hours(24 * 365 * 20));
  EXPECT_LT(before, next());
}

TEST_F(SerialNumbers, OfOneMomentHaveFourteenRandomOctets) {
  constexpr std::size_t kMany = 512;
  std::set<Bytes> serials;
  std::array<std::set<std::uint8_t>, kOctets> values;
  for (std::size_t i = 0; i < kMany; ++i) {
    const Bytes serial = next();
    for (std::size_t at = 0; at < kOctets; ++at) values.at(at).insert(serial[at]);
    serials.insert(serial);
  }
  EXPECT_EQ(serials.size(), kMany);
  for (std::size_t at = 0; at < kOctets; ++at) {
    if (at < kOfTime) {
      EXPECT_EQ(values.at(at).size(), 1U) << at;
    } else {
      EXPECT_GT(values.at(at).size(), 150U) << at;
    }
  }
}

TEST_F(SerialNumbers, OrderRowsOfCertificatesAndTheirExpiry) {
  CertificateRow first;
  first.mount = mount_.id;
  first.serial = next();
  first.not_after = Timestamp{9};
  world_.clock.advance(std::chrono::milliseconds(1));
  CertificateRow second = first;
  second.serial = next();
  EXPECT_LT(first.key(), second.key());
  ASSERT_EQ(first.index()[1].index, kCertificateExpiry);
  EXPECT_LT(first.index()[1].key, second.index()[1].key);
}

}  // namespace
}  // namespace coffer::domain
