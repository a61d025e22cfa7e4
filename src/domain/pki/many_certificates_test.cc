// An authority with many certificates in the embedded store: issuing does not get slower, and the
// list is right. Some thousands usually, a million with COFFER_LONG=1.
#include "domain/pki/issuance.h"
#include "domain/pki/revocations.h"
#include "store/sqlite/sqlite_store.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace coffer::domain {
namespace {

constexpr std::size_t kUnit = 40;         // certificates in a unit
constexpr std::size_t kOneIn = 10;        // revoked
constexpr std::size_t kTypicalDer = 500;  // octets of a certificate

class ManyCertificates : public testing::Test {
 protected:
  ManyCertificates() {
    std::filesystem::create_directories(folder_);
    world_.committer.reset();
    world_.rows.reset();
    world_.store =
        work::TestWorld::value(store::open_sqlite_store({.path = (folder_ / "store.db").string()}));
    world_.restart();
    mount_.id = to_bytes("\x01mount\xff!");
    issuer_.mount = mount_.id;
    issuer_.id = std::string("00000000-0000-4000-8000-000000000001");
  }

  ~ManyCertificates() override {
    world_.committer.reset();
    world_.rows.reset();
    world_.store.reset();
    std::filesystem::remove_all(folder_);
  }

  Bytes next_serial() {
    const auto random = world_.random->array<20>();
    Bytes serial(random.begin(), random.end());
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3fU) | 0x40U);
    return serial;
  }

  // One unit with new certificates, every tenth of which is revoked in the same unit.
  void issue() {
    work::View view = world_.view();
    Revocations revocations(view, mount_, board_);
    for (std::size_t i = 0; i < kUnit; ++i) {
      CertificateRow row;
      row.mount = mount_.id;
      row.serial = next_serial();
      row.issuer_id = *issuer_.id;
      row.der = Bytes(kTypicalDer, 0x5a);
      row.not_after = view.now() + std::chrono::hours(24);
      const Bytes serial = *row.serial;
      ASSERT_TRUE(view.put(std::move(row)));
      if (i % kOneIn != 0) continue;
      ASSERT_TRUE(revocations.revoke(serial, crypto::RevocationReason::superseded));
      ++revoked_;
    }
    ASSERT_TRUE(world_.commit(view));
  }

  Duration issue_units(std::size_t units) {
    const SystemClock clock;
    const Duration began = clock.steady();
    for (std::size_t i = 0; i < units; ++i) issue();
    return clock.steady() - began;
  }

  CrlDer list() {
    return work::TestWorld::value(
        board_.build(board_name(issuer_),
                     CrlKind::complete,
                     crl_policy({}),
                     world_.clock.now(),
                     signer_,
                     stored_entries(*world_.rows, work::kTestRealm, issuer_)));
  }

  CrlSigner signer() {
    CertificatePlan plan;
    plan.certificate.serial = {1};
    plan.certificate.subject.add(crypto::attribute::kCommonName, "Root");
    plan.certificate.not_before = world_.clock.now();
    plan.certificate.not_after = world_.clock.now() + std::chrono::hours(24);
    plan.generate = crypto::KeyKind::ecdsa_p256;
    MadeCertificate made = work::TestWorld::value(make(plan));
    return {std::move(made.certificate),
            std::make_shared<const crypto::PrivateKey>(*std::move(made.key)),
            {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("coffer-pki-" + std::to_string(getpid()));
  work::TestWorld world_;
  Mount mount_;
  IssuerRow issuer_;
  CrlBoard board_;
  CrlSigner signer_ = signer();
  std::size_t revoked_ = 0;
};

TEST_F(ManyCertificates, AreIssuedAsFastAsTheFirstAndListedWithoutALoss) {
  const std::size_t total = std::getenv("COFFER_LONG") != nullptr ? 1'000'000 : 4'000;
  const std::size_t tenth = total / kUnit / 10;
  Bytes entry;
  crypto::append_crl_entry(
      entry, {next_serial(), world_.clock.now(), crypto::RevocationReason::superseded});
  const Duration first = issue_units(tenth);
  issue_units(tenth * 8);
  const Duration last = issue_units(tenth);
  // Random keys in a larger tree cost more pages, and no more than that.
  EXPECT_LT(last, first * 5);
  const SystemClock clock;
  const Duration before = clock.steady();
  const std::size_t size = list()->size();
  const Duration whole = clock.steady() - before;
  EXPECT_GE(size, revoked_ * entry.size());
  EXPECT_LT(size, revoked_ * entry.size() + 1024);
  issue();
  const Duration middle = clock.steady();
  // An ECDSA signature takes an octet or two more or less.
  EXPECT_NEAR(static_cast<double>(list()->size()),
              static_cast<double>(size + kUnit / kOneIn * entry.size()),
              8.0);
  const Duration again = clock.steady() - middle;
  const auto keep = [](const char* name, Duration took) {
    RecordProperty(name, std::to_string(took.count() / 1'000'000));
  };
  keep("first_tenth_ms", first);
  keep("last_tenth_ms", last);
  keep("list_from_rows_ms", whole);
  keep("list_after_one_more_ms", again);
}

}  // namespace
}  // namespace coffer::domain
